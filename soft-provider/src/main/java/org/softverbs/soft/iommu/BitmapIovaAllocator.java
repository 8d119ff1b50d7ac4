package org.softverbs.soft.iommu;

import java.util.BitSet;

/// One bit for each page frame, and the lowest place that fits. What is enough where addresses are
/// slots in a buffer of a known size, as VDUSE's bounce buffer is.
///
/// One lock guards the bits.
public final class BitmapIovaAllocator implements IovaAllocator {

    private final long firstPfn;
    private final int pages;
    private final BitSet taken = new BitSet();
    private final BitSet reserved = new BitSet();
    private long allocations;
    private long frees;
    private long searches;

    /// An allocator for a window of addresses.
    ///
    /// @param firstPfn its first page frame
    /// @param pages how many it has
    public BitmapIovaAllocator(long firstPfn, int pages) {
        if (firstPfn < 0 || pages < 1) {
            throw new IllegalArgumentException(pages + " pages from " + firstPfn);
        }
        this.firstPfn = firstPfn;
        this.pages = pages;
    }

    @Override
    public synchronized long allocate(long pages, long limitPfn, boolean sizeAligned) {
        long alignment = IovaAllocator.alignment(pages, sizeAligned);
        long end = Math.min(this.pages - 1, limitPfn - firstPfn) + 1;
        searches++;
        long at = alignedFrom(0, alignment);
        while (at <= end - pages) {
            int next = taken.nextSetBit((int) at);
            if (next < 0 || next >= at + pages) {
                taken.set((int) at, (int) (at + pages));
                allocations++;
                return firstPfn + at;
            }
            at = alignedFrom(taken.nextClearBit(next), alignment);
        }
        return NONE;
    }

    private long alignedFrom(long bit, long alignment) {
        return ((firstPfn + bit + alignment - 1) & -alignment) - firstPfn;
    }

    @Override
    public synchronized void free(long pfn, long pages) {
        long first = pfn - firstPfn;
        boolean within = first >= 0 && pages >= 1 && pages <= this.pages - first;
        if (!within
                || taken.nextClearBit((int) first) < first + pages
                || isReserved((int) first, (int) (first + pages))) {
            throw new IllegalArgumentException(
                    pages + " pages were not given out at page frame 0x" + Long.toHexString(pfn));
        }
        taken.clear((int) first, (int) (first + pages));
        frees++;
    }

    private boolean isReserved(int first, int end) {
        int next = reserved.nextSetBit(first);
        return next >= 0 && next < end;
    }

    @Override
    public synchronized void reserve(long firstPfn, long lastPfn) {
        int first = (int) Math.max(0, firstPfn - this.firstPfn);
        int end = (int) (Math.min(pages - 1, lastPfn - this.firstPfn) + 1);
        if (first >= end) {
            return;
        }
        BitSet inUse = taken.get(first, end);
        inUse.andNot(reserved.get(first, end));
        if (!inUse.isEmpty()) {
            throw new IllegalStateException(
                    "page frames 0x%x to 0x%x are in use".formatted(firstPfn, lastPfn));
        }
        taken.set(first, end);
        reserved.set(first, end);
    }

    @Override
    public synchronized IovaStatistics statistics() {
        return new IovaStatistics(
                allocations, frees, searches, 0, allocations - frees, (pages + 7) / 8);
    }
}
