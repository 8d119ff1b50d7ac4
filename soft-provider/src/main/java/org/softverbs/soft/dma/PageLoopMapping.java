package org.softverbs.soft.dma;

import java.util.List;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.IoOutcome;

/// Pages that were mapped one by one, each with an end of its own.
///
/// @param pages in order
/// @param outcome what they are together
record PageLoopMapping(List<DmaMapping> pages, IoOutcome outcome) implements DmaMapping {

    @Override
    public List<DmaSegment> segments() {
        return pages.stream().flatMap(page -> page.segments().stream()).toList();
    }

    @Override
    public int storedAddresses() {
        return (int) pages.stream().filter(PageLoopMapping::isToBeUndone).count();
    }

    private static boolean isToBeUndone(DmaMapping page) {
        return switch (page.outcome()) {
            case DIRECT -> false;
            case IOVA_WITH_BUS -> false;
            case IOVA_SINGLE, BOUNCE_SINGLE, BOUNCE_SEVERAL, IOVA_SPLIT -> true;
        };
    }

    @Override
    public DmaDirection direction() {
        return pages.getFirst().direction();
    }

    @Override
    public long length() {
        return pages.stream().mapToLong(DmaMapping::length).sum();
    }

    @Override
    public void syncForCpu() {
        pages.forEach(DmaMapping::syncForCpu);
    }

    @Override
    public void syncForDevice() {
        pages.forEach(DmaMapping::syncForDevice);
    }

    @Override
    public void close() {
        pages.forEach(DmaMapping::close);
    }
}
