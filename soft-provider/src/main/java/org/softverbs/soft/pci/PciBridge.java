package org.softverbs.soft.pci;

import java.util.Optional;

/// A bridge between two buses: a root port, or a port of a switch.
public final class PciBridge extends PciNode {

    private final PciNode parent;
    private final boolean redirecting;

    /// @param parent what it hangs under
    /// @param redirecting whether its access control services send requests between peers up to the
    ///     host bridge (ACS request redirect)
    PciBridge(String name, PciNode parent, boolean redirecting) {
        super(name);
        this.parent = parent;
        this.redirecting = redirecting;
    }

    /// Whether requests between peers are sent up to the host bridge.
    public boolean isRedirecting() {
        return redirecting;
    }

    @Override
    Optional<PciBridge> upstream() {
        return parent instanceof PciBridge bridge ? Optional.of(bridge) : Optional.empty();
    }

    @Override
    public HostBridge hostBridge() {
        return parent.hostBridge();
    }
}
