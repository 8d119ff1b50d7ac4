package org.softverbs.junit;

import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.softverbs.soft.device.SoftDevice;
import org.softverbs.soft.host.Clock;
import org.softverbs.soft.host.Host;

/// What makes the nodes of a fabric go on.
sealed interface FabricDriver permits VirtualFabric, RealFabric {

    Clock clock();

    /// The devices, node by node.
    List<SoftDevice> devices();

    /// The machines that the devices were opened in.
    List<Host> hosts();

    /// Whether a node's device is still there: a restart takes it away.
    boolean isThere(int node);

    /// How long a test waits for something before it fails.
    Duration patience();

    /// @return whether it holds
    boolean runUntil(BooleanSupplier condition, Duration limit);

    /// The last of what happened, as text; may be empty.
    String history();

    /// A request completed.
    void completed(int node, long id, String text);

    /// Ends what closing the devices did not.
    void close();
}
