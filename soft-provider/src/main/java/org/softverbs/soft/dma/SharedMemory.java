package org.softverbs.soft.dma;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import org.softverbs.dma.CoherentMemory;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.PhysicalAllocation;

/// Memory that a device keeps: mapped once, never bounced.
final class SharedMemory implements CoherentMemory {

    private final PhysicalAllocation allocation;
    private final DmaSegment deviceSegment;
    private final Runnable unmap;
    private final AtomicBoolean closed = new AtomicBoolean();

    /// @param unmap ends the device's reach
    SharedMemory(PhysicalAllocation allocation, DmaSegment deviceSegment, Runnable unmap) {
        this.allocation = allocation;
        this.deviceSegment = deviceSegment;
        this.unmap = unmap;
    }

    @Override
    public MemorySegment segment() {
        return allocation.segment();
    }

    @Override
    public long physicalAddress() {
        return allocation.address(0);
    }

    @Override
    public DmaSegment deviceSegment() {
        return deviceSegment;
    }

    @Override
    public void close() {
        if (!closed.getAndSet(true)) {
            unmap.run();
            allocation.close();
        }
    }
}
