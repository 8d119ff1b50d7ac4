package org.softverbs.soft.iommu;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// Keeps every range that is taken in a tree, and looks for a gap from the top down.
///
/// A search begins below the range that was given out last (the cached node) and not at the top:
/// under a steady load the gap is right there. There is one cached node for addresses below 4 GiB
/// and one for all others. Only when nothing is left below is the part above searched, once. Gaps
/// above the cached node are therefore not used at first, even when they fit: the address space is
/// wide, and the search short.
///
/// An anchor above all ranges is where the first search begins. The size of the last search that
/// failed (`max32AllocSize`) makes equal or larger ones below 4 GiB fail at once, until something
/// there is freed.
///
/// One lock guards everything, as the kernel's `iova_rbtree_lock` does: here all CPUs meet.
///
/// Kernel names: `alloc_iova`, `__alloc_and_insert_iova_range`, `free_iova`.
public final class TreeIovaAllocator implements IovaAllocator {

    private static final long ANCHOR_PFN = Long.MAX_VALUE;

    /// Page frames that are taken, with their neighbours: the walk needs no tree.
    private static final class Range {
        final long first;
        final long last;
        final boolean reserved;
        Range lower = this;
        Range higher = this;

        Range(long first, long last, boolean reserved) {
            this.first = first;
            this.last = last;
            this.reserved = reserved;
        }
    }

    private final long startPfn;
    private final long dma32Pfn;
    private final Range anchor = new Range(ANCHOR_PFN, ANCHOR_PFN, true);
    private final NavigableMap<Long, Range> tree = new TreeMap<>();

    private Range cachedNode = anchor;
    private Range cached32Node = anchor;
    private long max32AllocSize;
    private long allocations;
    private long frees;
    private long searches;

    /// An allocator for all addresses but the lowest.
    ///
    /// @param granule bytes of a page frame, a power of two
    /// @param startPfn the lowest page frame to give out, at least 1: no address is 0
    public TreeIovaAllocator(long granule, long startPfn) {
        if (Long.bitCount(granule) != 1 || granule > 1L << 47 || startPfn < 1) {
            throw new IllegalArgumentException("granule " + granule + ", start " + startPfn);
        }
        this.startPfn = startPfn;
        dma32Pfn = (1L << 32) / granule;
        max32AllocSize = dma32Pfn;
        Range bottom = new Range(-1, startPfn - 1, true);
        anchor.lower = bottom;
        bottom.higher = anchor;
        tree.put(ANCHOR_PFN, anchor);
    }

    @Override
    public synchronized long allocate(long pages, long limitPfn, boolean sizeAligned) {
        long alignment = IovaAllocator.alignment(pages, sizeAligned);
        long end = Math.min(limitPfn, ANCHOR_PFN - 1) + 1;
        boolean below4Gib = end <= dma32Pfn;
        if (below4Gib && pages >= max32AllocSize) {
            return NONE;
        }
        searches++;
        Range start = below4Gib ? cached32Node : cachedNode;
        long pfn = searchDown(start, end, startPfn, pages, alignment);
        if (pfn == NONE && start.last < end) {
            Range top = tree.ceilingEntry(end).getValue();
            pfn = searchDown(top, end, start.last + 1, pages, alignment);
        }
        if (pfn == NONE) {
            // The kernel notes this for searches above 4 GiB too: those include what is below.
            max32AllocSize = pages;
            return NONE;
        }
        allocations++;
        updateCachedNode(insert(pfn, pfn + pages - 1, false));
        return pfn;
    }

    /// The highest place under a range and below an end, or [#NONE].
    private static long searchDown(Range from, long end, long lowest, long pages, long alignment) {
        Range current = from;
        long high = end;
        long pfn;
        do {
            high = Math.min(high, current.first);
            pfn = (high - pages) & -alignment;
            current = current.lower;
        } while (pfn <= current.last && pfn >= lowest);
        return pfn >= lowest ? pfn : NONE;
    }

    private Range insert(long first, long last, boolean reserved) {
        Range range = new Range(first, last, reserved);
        Range higher = tree.higherEntry(first).getValue();
        range.higher = higher;
        range.lower = higher.lower;
        range.lower.higher = range;
        higher.lower = range;
        tree.put(first, range);
        return range;
    }

    private void updateCachedNode(Range added) {
        if (added.last < dma32Pfn) {
            cached32Node = added;
        } else {
            cachedNode = added;
        }
    }

    /// Gives a range back, as large as it was taken: `pages` is not looked at, like in the kernel,
    /// since a cache may know it by a smaller size.
    @Override
    public synchronized void free(long pfn, long pages) {
        Range range = tree.get(pfn);
        if (range == null || range.reserved) {
            throw new IllegalArgumentException(
                    "no range was given out at page frame 0x" + Long.toHexString(pfn));
        }
        retreatCachedNodes(range);
        tree.remove(pfn);
        range.lower.higher = range.higher;
        range.higher.lower = range.lower;
        frees++;
    }

    /// Lets the next search begin above a range that is about to go, when it began below.
    private void retreatCachedNodes(Range freed) {
        boolean below4Gib = freed.last < dma32Pfn;
        if (freed == cached32Node || (below4Gib && freed.first >= cached32Node.first)) {
            cached32Node = freed.higher;
        }
        if (freed.first < dma32Pfn) {
            max32AllocSize = dma32Pfn;
        }
        if (freed.first >= cachedNode.first) {
            cachedNode = freed.higher;
        }
    }

    @Override
    public synchronized void reserve(long firstPfn, long lastPfn) {
        if (firstPfn < 0 || lastPfn < firstPfn || lastPfn >= ANCHOR_PFN) {
            throw new IllegalArgumentException("reserve " + firstPfn + " to " + lastPfn);
        }
        long at = Math.max(firstPfn, startPfn);
        for (Range taken : takenBetween(at, lastPfn)) {
            if (at < taken.first) {
                insert(at, taken.first - 1, true);
            }
            at = Math.max(at, taken.last + 1);
        }
        if (at <= lastPfn) {
            insert(at, lastPfn, true);
        }
    }

    private List<Range> takenBetween(long firstPfn, long lastPfn) {
        List<Range> taken = new ArrayList<>();
        Map.Entry<Long, Range> below = tree.lowerEntry(firstPfn);
        if (below != null && below.getValue().last >= firstPfn) {
            taken.add(below.getValue());
        }
        if (firstPfn <= lastPfn) {
            taken.addAll(tree.subMap(firstPfn, true, lastPfn, true).values());
        }
        if (!taken.stream().allMatch(range -> range.reserved)) {
            throw new IllegalStateException(
                    "page frames 0x%x to 0x%x are in use".formatted(firstPfn, lastPfn));
        }
        return taken;
    }

    @Override
    public synchronized IovaStatistics statistics() {
        long ranges = tree.size() - 1L;
        return new IovaStatistics(
                allocations, frees, searches, 0, ranges, ranges * IovaStatistics.RANGE_BYTES);
    }
}
