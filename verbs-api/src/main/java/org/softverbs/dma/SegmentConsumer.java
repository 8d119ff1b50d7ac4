package org.softverbs.dma;

/// Takes the segments of a mapping one by one: whoever builds a device's own scatter/gather list.
@FunctionalInterface
public interface SegmentConsumer {

    /// @param space whose address it is
    /// @param address the first
    /// @param length bytes, at least 1
    void segment(AddressSpace space, long address, long length);
}
