package org.softverbs.soft.dma;

import org.softverbs.dma.AddressSpace;

/// Takes the segments of a mapping one by one: whoever builds a device's scatter/gather list.
@FunctionalInterface
public interface SegmentSink {

    /// @param space whose address it is
    /// @param address the first
    /// @param length bytes, at least 1
    void segment(AddressSpace space, long address, long length);
}
