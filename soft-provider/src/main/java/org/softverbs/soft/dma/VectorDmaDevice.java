package org.softverbs.soft.dma;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.softverbs.dma.DmaDevice;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.PhysicalRange;
import org.softverbs.dma.PhysicalRanges;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.dma.ScatterList;
import org.softverbs.soft.physical.LinearMap;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.VerbsException;

/// What is the same for every device: each way to map leads to a vector, and is counted.
abstract sealed class VectorDmaDevice implements DmaDevice
        permits SoftwareDmaDevice, AdapterDmaDevice, TranslatedDmaDevice {

    static final String MAP = "map";

    private final AtomicLong maps = new AtomicLong();
    private final AtomicLong unmaps = new AtomicLong();

    /// Maps a vector that has elements.
    ///
    /// @param onClose to be run once, when the mapping is closed
    /// @throws VerbsException when an element is refused; nothing is left mapped
    abstract DmaMapping mapElements(
            PhysicalVector vector, DmaDirection direction, Runnable onClose);

    @Override
    public final DmaMapping map(PhysicalVector vector, DmaDirection direction) {
        if (vector.count() == 0) {
            throw new VerbsException(Errno.EINVAL, MAP, "the vector has no element");
        }
        DmaMapping mapping = mapElements(vector, direction, unmaps::incrementAndGet);
        maps.incrementAndGet();
        return mapping;
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

    final long maps() {
        return maps.get();
    }

    final long unmaps() {
        return unmaps.get();
    }

    /// What collects segments in a list.
    static SegmentSink into(List<DmaSegment> segments) {
        return (space, address, length) -> segments.add(new DmaSegment(space, address, length));
    }

    static VerbsException refused(
            int index, long address, long length, Errno errno, String reason) {
        return new VerbsException(
                errno,
                MAP,
                "element "
                        + index
                        + " ("
                        + length
                        + " bytes at physical address 0x"
                        + Long.toHexString(address)
                        + ") "
                        + reason);
    }
}
