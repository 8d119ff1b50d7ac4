package org.softverbs.soft.pci;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.soft.physical.SparsePhysicalMemory;

/// A device on the bus, with memory of its own in BARs.
///
/// Kernel name: `struct pci_dev`.
public final class PciFunction extends PciNode {

    private static final long SMALLEST_BAR = 4096;

    private final PciNode parent;
    private final SparsePhysicalMemory memory;
    private final List<PhysicalAllocation> bars = new ArrayList<>();

    PciFunction(String name, PciNode parent, SparsePhysicalMemory memory) {
        super(name);
        this.parent = parent;
        this.memory = memory;
    }

    /// Gives the function memory that others can reach over the bus.
    ///
    /// @param length bytes, a power of two, at least 4096
    /// @throws IllegalArgumentException for another length, or when the host bridge's window is
    ///     full
    public synchronized PhysicalAllocation addBar(long length) {
        if (length < SMALLEST_BAR || Long.bitCount(length) != 1) {
            throw new IllegalArgumentException(
                    "a BAR of " + length + " bytes is no power of two from 4096 on");
        }
        PhysicalAllocation bar = memory.placeDevice(hostBridge().takeWindow(length), length);
        bars.add(bar);
        return bar;
    }

    /// Whether a physical address lies in one of its BARs.
    public synchronized boolean owns(long physicalAddress) {
        for (int i = 0; i < bars.size(); i++) {
            PhysicalAllocation bar = bars.get(i);
            long offset = physicalAddress - bar.address(0);
            if (offset >= 0 && offset < bar.total()) {
                return true;
            }
        }
        return false;
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
