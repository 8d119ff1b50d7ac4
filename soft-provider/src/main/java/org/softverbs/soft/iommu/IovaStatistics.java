package org.softverbs.soft.iommu;

/// What an [IovaAllocator] did so far, and what it costs. Memory is counted as the kernel would
/// need it.
///
/// @param allocations ranges given out
/// @param frees ranges given back
/// @param slowSearches searches of what all CPUs share
/// @param cacheHits allocations that came from the cache of a CPU
/// @param liveRanges ranges that are taken: in use, in a cache, or reserved
/// @param bookkeepingBytes memory to know all that
public record IovaStatistics(
        long allocations,
        long frees,
        long slowSearches,
        long cacheHits,
        long liveRanges,
        long bookkeepingBytes) {

    /// A `struct iova`, 40 bytes in a slab of whole cache lines.
    static final long RANGE_BYTES = 64;

    /// A `struct iova_magazine`: 127 page frame numbers and their count.
    static final long MAGAZINE_BYTES = 1024;
}
