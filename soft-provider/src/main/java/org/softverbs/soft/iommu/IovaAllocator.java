package org.softverbs.soft.iommu;

/// Gives out ranges of I/O virtual addresses. The unit is the page frame of an IOMMU domain: its
/// smallest page. Page frame numbers are called pfn.
///
/// The same calls give the same addresses in every run. Safe to use from any thread.
public interface IovaAllocator {

    /// What `allocate` returns when there is no room.
    long NONE = -1;

    /// Takes a range, and does everything there is to find one.
    ///
    /// @param pages at least 1
    /// @param limitPfn the last page frame that the range may have
    /// @param sizeAligned whether the range starts at a multiple of its size, rounded up to a power
    ///     of two
    /// @return the first page frame, or [#NONE]
    long allocate(long pages, long limitPfn, boolean sizeAligned);

    /// As [#allocate], but gives up before it would empty caches that others profit from.
    default long tryAllocate(long pages, long limitPfn, boolean sizeAligned) {
        return allocate(pages, limitPfn, sizeAligned);
    }

    /// Gives a range back.
    ///
    /// @param pfn what `allocate` returned
    /// @param pages what `allocate` was asked for
    /// @throws IllegalArgumentException when this allocator sees that there is no such range; a
    ///     cache in front of one may see it late or never
    void free(long pfn, long pages);

    /// Keeps page frames from being given out, for ever. Some of them may be reserved already.
    ///
    /// @param lastPfn the last of them
    /// @throws IllegalStateException when one of them is in use
    void reserve(long firstPfn, long lastPfn);

    /// What it did so far and what it costs.
    IovaStatistics statistics();

    /// Distance between the places where a range of so many pages may start.
    static long alignment(long pages, boolean sizeAligned) {
        requirePages(pages);
        return sizeAligned && pages > 1 ? Long.highestOneBit(pages - 1) << 1 : 1;
    }

    private static void requirePages(long pages) {
        if (pages < 1 || pages > 1L << 52) {
            throw new IllegalArgumentException(pages + " pages");
        }
    }
}
