package org.softverbs.soft.pci;

import java.util.Optional;

/// A place in the PCI hierarchy.
public abstract sealed class PciNode permits HostBridge, PciBridge, PciFunction {

    private final String name;

    PciNode(String name) {
        this.name = name;
    }

    public final String name() {
        return name;
    }

    /// The bridge above; the host bridge counts as none.
    ///
    /// Kernel name: `pci_upstream_bridge`.
    abstract Optional<PciBridge> upstream();

    /// The host bridge above everything.
    public abstract HostBridge hostBridge();

    @Override
    public final String toString() {
        return name;
    }
}
