package org.softverbs.soft.iommu;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;

/// A pool of chunks that are added by and by, each with one bit for every page frame. Chunks are
/// searched in the order in which they were added.
///
/// Takes no lock: bits change by compare-and-set.
///
/// Kernel name: genpool, `gen_pool_alloc_algo`.
public final class PoolIovaAllocator implements IovaAllocator {

    /// Which of the gaps of a chunk is used.
    ///
    /// Kernel names: `gen_pool_first_fit`, `gen_pool_best_fit`.
    public enum Fit {
        /// The lowest.
        FIRST,
        /// The smallest that is large enough.
        BEST
    }

    private final Fit fit;
    private final List<PoolChunk> chunks = new CopyOnWriteArrayList<>();
    private final LongAdder allocations = new LongAdder();
    private final LongAdder frees = new LongAdder();
    private final LongAdder searches = new LongAdder();

    /// A pool without chunks.
    public PoolIovaAllocator(Fit fit) {
        this.fit = fit;
    }

    /// Adds page frames.
    ///
    /// @throws IllegalArgumentException when the pool has some of them
    public synchronized void addChunk(long firstPfn, int pages) {
        if (chunks.stream().anyMatch(chunk -> chunk.overlaps(firstPfn, pages))) {
            throw new IllegalArgumentException(
                    pages + " pages from " + firstPfn + " overlap another chunk");
        }
        chunks.add(new PoolChunk(firstPfn, pages));
    }

    @Override
    public long allocate(long pages, long limitPfn, boolean sizeAligned) {
        long alignment = IovaAllocator.alignment(pages, sizeAligned);
        searches.increment();
        for (PoolChunk chunk : chunks) {
            long pfn = chunk.allocate(fit, pages, limitPfn, alignment);
            if (pfn != NONE) {
                allocations.increment();
                return pfn;
            }
        }
        return NONE;
    }

    @Override
    public void free(long pfn, long pages) {
        for (PoolChunk chunk : chunks) {
            if (chunk.contains(pfn, pages) && chunk.free(pfn, pages)) {
                frees.increment();
                return;
            }
        }
        throw new IllegalArgumentException(
                pages + " pages were not given out at page frame 0x" + Long.toHexString(pfn));
    }

    @Override
    public void reserve(long firstPfn, long lastPfn) {
        for (PoolChunk chunk : chunks) {
            if (!chunk.reserve(firstPfn, lastPfn)) {
                throw new IllegalStateException(
                        "page frames 0x%x to 0x%x are in use".formatted(firstPfn, lastPfn));
            }
        }
    }

    @Override
    public IovaStatistics statistics() {
        long taken = allocations.sum();
        long returned = frees.sum();
        long bytes = chunks.stream().mapToLong(PoolChunk::bytes).sum();
        return new IovaStatistics(taken, returned, searches.sum(), 0, taken - returned, bytes);
    }
}
