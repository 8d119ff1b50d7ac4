package org.softverbs.dma;

/// What one look over a vector tells before anything of it is mapped.
///
/// Source: the sketch of `dma_io_summarize_range` by J. Gunthorpe, linux-mm, 6 and 7 March 2024.
///
/// @param bytes all bytes of the vector
/// @param paddedBytes I/O virtual addresses that it takes: whole granules, with all padding; 0
///     without an IOMMU
/// @param elements how many elements there are
/// @param busElements those that are reached by an address on the bus
/// @param bouncedElements those of which at least a part stands in a bounce buffer
/// @param aligned whether the device can see all memory in one piece: only the first element has an
///     offset in its granule, and only the last ends inside one
public record IoSummary(
        long bytes,
        long paddedBytes,
        int elements,
        int busElements,
        int bouncedElements,
        boolean aligned) {}
