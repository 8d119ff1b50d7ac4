package org.softverbs.soft.iommu;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;

/// Keeps ranges that were given back in caches of the CPU, by size, in front of a tree.
///
/// Six sizes are cached: 1, 2, 4, 8, 16 and 32 pages. A smaller request is rounded up to the next
/// of them; a larger one goes to the tree and keeps its size. To the tree a cached range is still
/// taken. Only when the tree has no room are the caches of all CPUs emptied into it, and the search
/// repeated.
///
/// Ranges of a cached size are always aligned to it: one that is not must never come back to a
/// caller who asked for alignment.
///
/// Kernel names: `alloc_iova_fast`, `free_iova_fast`, `iova_domain_init_rcaches`.
public final class CachedIovaAllocator implements IovaAllocator {

    private static final int SIZES = 6;
    private static final long LARGEST_CACHED = 1L << (SIZES - 1);

    private final TreeIovaAllocator tree;
    private final Cpus cpus;
    private final IovaRangeCache[] caches = new IovaRangeCache[SIZES];
    private final LongConsumer toTree;
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder frees = new LongAdder();

    /// @param tree not to be used by others
    public CachedIovaAllocator(TreeIovaAllocator tree, Cpus cpus) {
        this.tree = tree;
        this.cpus = cpus;
        toTree = pfn -> tree.free(pfn, 1);
        for (int i = 0; i < SIZES; i++) {
            caches[i] = new IovaRangeCache(cpus.count());
        }
    }

    /// Log2 of a number of pages, rounded up.
    private static int order(long pages) {
        return Long.SIZE - Long.numberOfLeadingZeros(pages - 1);
    }

    private static boolean isCached(long pages) {
        return pages >= 1 && pages <= LARGEST_CACHED;
    }

    @Override
    public long allocate(long pages, long limitPfn, boolean sizeAligned) {
        long pfn = tryAllocate(pages, limitPfn, sizeAligned);
        if (pfn != NONE) {
            return pfn;
        }
        flushCaches();
        return search(pages, limitPfn, sizeAligned);
    }

    @Override
    public long tryAllocate(long pages, long limitPfn, boolean sizeAligned) {
        if (isCached(pages)) {
            int order = order(pages);
            long pfn = caches[order].get(cpus.current(), limitPfn - (1L << order) + 1);
            if (pfn != NONE) {
                hits.increment();
                return pfn;
            }
        }
        return search(pages, limitPfn, sizeAligned);
    }

    private long search(long pages, long limitPfn, boolean sizeAligned) {
        long pfn =
                isCached(pages)
                        ? tree.allocate(1L << order(pages), limitPfn, true)
                        : tree.allocate(pages, limitPfn, sizeAligned);
        if (pfn != NONE) {
            misses.increment();
        }
        return pfn;
    }

    @Override
    public void free(long pfn, long pages) {
        if (isCached(pages)) {
            caches[order(pages)].put(cpus.current(), pfn, toTree);
        } else {
            tree.free(pfn, pages);
        }
        frees.increment();
    }

    private void flushCaches() {
        for (IovaRangeCache cache : caches) {
            cache.flush(toTree);
        }
    }

    @Override
    public void reserve(long firstPfn, long lastPfn) {
        flushCaches();
        tree.reserve(firstPfn, lastPfn);
    }

    /// Magazines that all CPUs share.
    int depotSize() {
        int size = 0;
        for (IovaRangeCache cache : caches) {
            size += cache.depotSize();
        }
        return size;
    }

    @Override
    public IovaStatistics statistics() {
        IovaStatistics below = tree.statistics();
        long bytes = below.bookkeepingBytes();
        for (IovaRangeCache cache : caches) {
            bytes += cache.bytes();
        }
        return new IovaStatistics(
                hits.sum() + misses.sum(),
                frees.sum(),
                below.slowSearches(),
                hits.sum(),
                below.liveRanges(),
                bytes);
    }
}
