package org.softverbs.soft.dma;

import java.util.Optional;
import org.softverbs.dma.AddressSpace;
import org.softverbs.dma.CoherentMemory;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.DmaStatistics;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.soft.bounce.BouncePool;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.memory.AddressedMemory;
import org.softverbs.soft.pci.PciFunction;

/// The DMA layer of an adapter on the PCI bus without an IOMMU: it sends out physical addresses, a
/// peer's address on the bus, and what it cannot reach stands in a bounce buffer.
///
/// Source: `kernel/dma/direct.c`. Linux gives an element for each element; here neighbours are
/// joined.
public final class AdapterDmaDevice extends BusDmaDevice {

    /// @param adapter where the device sits on the bus
    /// @param pool bounce buffers, if there are any
    public AdapterDmaDevice(
            Host host,
            PciFunction adapter,
            AdapterProperties properties,
            Optional<BouncePool> pool) {
        super(host, adapter, properties, PathFinder.NO_GRANULE, pool);
    }

    @Override
    ElementTransaction begin(ElementList elements, DmaDirection direction) {
        return new UntranslatedTransaction(
                this,
                elements,
                AddressSpace.PHYSICAL,
                new SegmentJoiner(limits().segmentBoundary(), limits().maxSegment()),
                newBuffers(direction));
    }

    @Override
    void unmap(IovaRange range, boolean atOnce) {}

    @Override
    void free(IovaRange range) {}

    @Override
    public CoherentMemory allocateCoherent(long length) {
        long mask = limits().mask();
        long below = mask == Long.MAX_VALUE ? PhysicalMemoryRequest.ANYWHERE : mask + 1;
        PhysicalAllocation allocation =
                host().physicalMemory()
                        .allocate(PhysicalMemoryRequest.contiguous(length).withBelow(below));
        return new SharedMemory(
                allocation,
                new DmaSegment(AddressSpace.PHYSICAL, allocation.address(0), length),
                () -> {});
    }

    /// What the adapter finds at the addresses that it sends out. For one thread.
    public AddressedMemory memory() {
        return busMemory();
    }

    @Override
    public DmaStatistics statistics() {
        return new DmaStatistics(maps(), unmaps(), 0, 0, 0, 0, 0, bouncedBytes(), copiedBytes());
    }
}
