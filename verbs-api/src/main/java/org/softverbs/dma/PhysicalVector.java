package org.softverbs.dma;

/// Bytes of physical memory in an order of their own: what an I/O is about. Any structure that can
/// tell its ranges one by one drives the DMA layer, and the result does not depend on which it was.
///
/// Ready-made: [ScatterList], [BioVector], [PageVector], [PhysicalRanges].
public interface PhysicalVector {

    /// How many ranges there are.
    int count();

    /// Physical address of the first byte of a range.
    long address(int index);

    /// Bytes of a range, at least 1.
    long length(int index);

    /// Bytes of all ranges together.
    default long total() {
        long total = 0;
        for (int i = 0; i < count(); i++) {
            total += length(i);
        }
        return total;
    }
}
