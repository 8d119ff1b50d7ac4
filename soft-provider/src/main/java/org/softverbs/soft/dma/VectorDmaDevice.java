package org.softverbs.soft.dma;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.softverbs.dma.DmaDevice;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.DmaTransaction;
import org.softverbs.dma.PhysicalRange;
import org.softverbs.dma.PhysicalRanges;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.dma.RawDma;
import org.softverbs.dma.ScatterList;
import org.softverbs.dma.SegmentConsumer;
import org.softverbs.soft.bounce.BouncePool;
import org.softverbs.soft.physical.LinearMap;

/// What is the same for every device: each way to map is a transaction over a vector, and is
/// counted.
abstract sealed class VectorDmaDevice implements DmaDevice permits SoftwareDmaDevice, BusDmaDevice {

    static final String MAP = "map";

    private final AtomicLong maps = new AtomicLong();
    private final AtomicLong unmaps = new AtomicLong();
    private final AtomicLong bouncedBytes = new AtomicLong();
    private @Nullable RawDma raw;

    /// How the device gets at memory.
    abstract ElementPath find(long address, long length);

    /// Where the device finds pages that another keeps for itself.
    abstract DevicePrivatePages privatePages();

    /// How the device gets at registers or memory of another device.
    abstract ElementPath findResource(long address, long length);

    /// Begins a transaction over elements that the device can get at.
    abstract ElementTransaction begin(ElementList elements, DmaDirection direction);

    /// Ends the device's reach.
    ///
    /// @param atOnce whether it must have ended when this returns
    abstract void unmap(IovaRange range, boolean atOnce);

    /// Ends the device's reach into several ranges, with one flush.
    ///
    /// @param atOnce whether it must have ended when this returns
    void unmap(List<IovaRange> ranges, boolean atOnce) {
        ranges.forEach(range -> unmap(range, atOnce));
    }

    /// Gives addresses back that nothing is mapped at.
    abstract void free(IovaRange range);

    /// Where the bounce buffers come from, if there are any.
    Optional<BouncePool> pool() {
        return Optional.empty();
    }

    /// The physical address behind one of the device's.
    long physicalOf(long address) {
        return address;
    }

    /// Whether an IOMMU stands between the device and memory.
    boolean isTranslated() {
        return false;
    }

    /// The two-step calls by addresses, where the device has them.
    Optional<IovaLinks> links() {
        return Optional.empty();
    }

    @Override
    public final synchronized RawDma raw() {
        RawDma existing = raw;
        if (existing == null) {
            existing = new AddressDma(this);
            raw = existing;
        }
        return existing;
    }

    @Override
    public final DmaTransaction begin(PhysicalVector vector, DmaDirection direction) {
        return beginOver(ElementList.sweep(vector, this::find, privatePages()), direction);
    }

    private DmaTransaction beginOver(ElementList elements, DmaDirection direction) {
        try {
            return begin(elements, direction);
        } catch (RuntimeException refused) {
            elements.loans().end();
            throw refused;
        }
    }

    @Override
    public final DmaMapping map(PhysicalVector vector, DmaDirection direction) {
        return complete(begin(vector, direction));
    }

    private static DmaMapping complete(DmaTransaction begun) {
        try (begun) {
            begun.linkAll();
            return begun.done();
        }
    }

    @Override
    public final DmaMapping mapSg(ScatterList list, DmaDirection direction) {
        return map(list, direction);
    }

    @Override
    public final DmaMapping mapPage(long physicalAddress, long length, DmaDirection direction) {
        return map(PhysicalRanges.of(new PhysicalRange(physicalAddress, length)), direction);
    }

    @Override
    public final DmaMapping mapSingle(long kernelAddress, long length, DmaDirection direction) {
        return mapPage(LinearMap.require(kernelAddress), length, direction);
    }

    @Override
    public final DmaMapping mapPages(PhysicalVector vector, DmaDirection direction) {
        return new PageLoop(this).map(vector, direction);
    }

    @Override
    public final DmaMapping mapResource(long physicalAddress, long length, DmaDirection direction) {
        PhysicalVector resource = PhysicalRanges.of(new PhysicalRange(physicalAddress, length));
        return complete(
                beginOver(
                        ElementList.sweep(resource, this::findResource, privatePages().refusing()),
                        direction));
    }

    @Override
    public final void unmapAll(List<DmaMapping> mappings) {
        List<DmaMapping> others = new ArrayList<>();
        List<VectorMapping> batch = new ArrayList<>();
        for (DmaMapping mapping : mappings) {
            if (!(mapping instanceof VectorMapping vector && vector.isOf(this))) {
                others.add(mapping);
            } else if (vector.markClosed()) {
                batch.add(vector);
            }
        }
        boolean atOnce = batch.stream().anyMatch(VectorMapping::isBounced);
        unmap(batch.stream().map(VectorMapping::range).toList(), atOnce);
        batch.forEach(VectorMapping::release);
        // Last, as another's may throw.
        others.forEach(DmaMapping::close);
    }

    final void countMap(long bounced) {
        maps.incrementAndGet();
        bouncedBytes.addAndGet(bounced);
    }

    final void countUnmap() {
        unmaps.incrementAndGet();
    }

    final long maps() {
        return maps.get();
    }

    final long unmaps() {
        return unmaps.get();
    }

    final long bouncedBytes() {
        return bouncedBytes.get();
    }

    /// What collects segments in a list.
    static SegmentConsumer into(List<DmaSegment> segments) {
        return (space, address, length) -> segments.add(new DmaSegment(space, address, length));
    }
}
