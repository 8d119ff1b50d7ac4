package org.softverbs.dma;

import java.util.List;

/// A plain list of physical ranges.
///
/// @param ranges in order
public record PhysicalRanges(List<PhysicalRange> ranges) implements PhysicalVector {

    public PhysicalRanges {
        ranges = List.copyOf(ranges);
    }

    /// Some ranges in order.
    public static PhysicalRanges of(PhysicalRange... ranges) {
        return new PhysicalRanges(List.of(ranges));
    }

    @Override
    public int count() {
        return ranges.size();
    }

    @Override
    public long address(int index) {
        return ranges.get(index).address();
    }

    @Override
    public long length(int index) {
        return ranges.get(index).length();
    }
}
