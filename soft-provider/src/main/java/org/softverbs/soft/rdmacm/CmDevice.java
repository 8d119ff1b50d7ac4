package org.softverbs.soft.rdmacm;

import java.net.InetAddress;
import java.util.Optional;
import org.softverbs.soft.cm.CmEngine;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.QueuePair;

/// What the connection manager needs of a device.
public interface CmDevice {

    DeviceContext context();

    /// Its communication management; for the owner.
    CmEngine engine();

    /// The ports of its services. All managers of a device share them.
    PortBindings ports();

    /// Does something as owner, and sees to the engine's next deadline afterwards.
    void run(Runnable action);

    /// The time, as the engine is told it.
    long nanoTime();

    /// Random bits that a peer cannot guess.
    int randomBits(int bits);

    /// The calling thread is about to wait for an event of this device.
    void onWait();

    /// The local address from which the host would send to `destination`, if it says.
    Optional<InetAddress> sourceFor(InetAddress destination);

    /// Moves a datagram queue pair from RESET to RTS.
    ///
    /// @throws org.softverbs.verbs.VerbsException when it cannot be moved
    void prepareDatagramQueuePair(QueuePair queuePair, int queueKey);

    /// Has datagrams to a multicast group arrive; the queue pair of the ID gets them if it has one.
    ///
    /// @throws org.softverbs.verbs.VerbsException when the group cannot be joined
    void joinGroup(Optional<QueuePair> queuePair, GlobalIdentifier group);

    /// Ends [#joinGroup].
    void leaveGroup(Optional<QueuePair> queuePair, GlobalIdentifier group);
}
