package org.softverbs.soft.pci;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.soft.physical.SparsePhysicalMemory;

/// A device on the bus, with memory of its own in BARs.
///
/// Kernel name: `struct pci_dev`.
public final class PciFunction extends PciNode {

    private static final long SMALLEST_BAR = 4096;

    private final PciNode parent;
    private final SparsePhysicalMemory memory;
    private final Consumer<BarInfo> registry;
    private final List<PhysicalAllocation> bars = new ArrayList<>();
    private volatile boolean published;

    /// @param registry takes note of each BAR
    PciFunction(
            String name, PciNode parent, SparsePhysicalMemory memory, Consumer<BarInfo> registry) {
        super(name);
        this.parent = parent;
        this.memory = memory;
        this.registry = registry;
    }

    /// Gives the function memory that others can reach over the bus.
    ///
    /// @param length bytes, a power of two, at least 4096
    /// @throws IllegalArgumentException for another length, or when the host bridge's window is
    ///     full
    public PhysicalAllocation addBar(long length) {
        if (length < SMALLEST_BAR || Long.bitCount(length) != 1) {
            throw new IllegalArgumentException(
                    "a BAR of " + length + " bytes is no power of two from 4096 on");
        }
        PhysicalAllocation bar = memory.placeDevice(hostBridge().takeWindow(length), length);
        synchronized (this) {
            bars.add(bar);
        }
        registry.accept(new BarInfo(this, bar.address(0), length, hostBridge().busOffset()));
        return bar;
    }

    /// Offers its memory to whoever looks for some that all devices of an I/O reach, as an NVMe
    /// drive does with its controller memory buffer (CMB).
    ///
    /// Kernel name: `pci_p2pmem_publish`.
    public void publishMemory() {
        published = true;
    }

    /// Whether it offers its memory.
    ///
    /// Kernel name: `pci_has_p2pmem`.
    public boolean hasPublishedMemory() {
        return published;
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
