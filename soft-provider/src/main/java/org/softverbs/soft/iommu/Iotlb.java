package org.softverbs.soft.iommu;

import java.util.Arrays;

/// Translations that the IOMMU remembers: entries of the page table, found by address and size of
/// their page. When it is full the one that was used longest ago goes.
///
/// It is not told when the page table changes. What is stale stays until it is invalidated, or
/// pushed out.
///
/// A hash table with a list from the most to the least recently used, in arrays: nothing is
/// allocated after construction. The caller keeps threads apart.
final class Iotlb {

    private static final int NIL = -1;

    private final int capacity;
    private final int[] buckets;
    private final int[] nextInBucket;
    private final long[] pages;
    private final long[] entries;

    /// Neighbours in the list; the slot behind the last is its head and tail.
    private final int[] older;

    private final int[] newer;

    /// How many entries there are of each size, and which sizes there are.
    private final int[] countOfSize = new int[Long.SIZE];

    private long sizes;
    private int count;
    private int freeSlots = NIL;

    Iotlb(int capacity) {
        if (capacity < 1 || capacity > 1 << 20) {
            throw new IllegalArgumentException(capacity + " IOTLB entries");
        }
        this.capacity = capacity;
        buckets = new int[Integer.highestOneBit(capacity) * 2];
        nextInBucket = new int[capacity];
        pages = new long[capacity];
        entries = new long[capacity];
        older = new int[capacity + 1];
        newer = new int[capacity + 1];
        clear();
    }

    int count() {
        return count;
    }

    private void clear() {
        Arrays.fill(buckets, NIL);
        Arrays.fill(countOfSize, 0);
        sizes = 0;
        count = 0;
        older[capacity] = capacity;
        newer[capacity] = capacity;
        freeSlots = NIL;
        for (int slot = capacity - 1; slot >= 0; slot--) {
            nextInBucket[slot] = freeSlots;
            freeSlots = slot;
        }
    }

    private int bucket(long page) {
        long hash = page * 0x9e37_79b9_7f4a_7c15L;
        return (int) (hash >>> 40) & (buckets.length - 1);
    }

    private int find(long page, long size) {
        int slot = buckets[bucket(page)];
        while (slot != NIL
                && (pages[slot] != page || PageTable.Entry.size(entries[slot]) != size)) {
            slot = nextInBucket[slot];
        }
        return slot;
    }

    /// The entry for an address, which becomes the most recently used, or [PageTable.Entry#NONE].
    long lookup(long iova) {
        for (long rest = sizes; rest != 0; rest &= rest - 1) {
            long size = Long.lowestOneBit(rest);
            int slot = find(iova & -size, size);
            if (slot != NIL) {
                unlink(slot);
                linkNewest(slot);
                return entries[slot];
            }
        }
        return PageTable.Entry.NONE;
    }

    /// Remembers the entry for an address that is not there.
    void insert(long iova, long entry) {
        if (freeSlots == NIL) {
            remove(newer[capacity]);
        }
        int slot = freeSlots;
        freeSlots = nextInBucket[slot];
        long size = PageTable.Entry.size(entry);
        pages[slot] = iova & -size;
        entries[slot] = entry;
        int bucket = bucket(pages[slot]);
        nextInBucket[slot] = buckets[bucket];
        buckets[bucket] = slot;
        linkNewest(slot);
        countSize(size, 1);
        count++;
    }

    private void countSize(long size, int more) {
        int bit = Long.numberOfTrailingZeros(size);
        countOfSize[bit] += more;
        sizes = countOfSize[bit] == 0 ? sizes & ~size : sizes | size;
    }

    private void linkNewest(int slot) {
        int before = older[capacity];
        older[slot] = before;
        newer[slot] = capacity;
        newer[before] = slot;
        older[capacity] = slot;
    }

    private void unlink(int slot) {
        newer[older[slot]] = newer[slot];
        older[newer[slot]] = older[slot];
    }

    private void remove(int slot) {
        int bucket = bucket(pages[slot]);
        if (buckets[bucket] == slot) {
            buckets[bucket] = nextInBucket[slot];
        } else {
            int before = buckets[bucket];
            while (nextInBucket[before] != slot) {
                before = nextInBucket[before];
            }
            nextInBucket[before] = nextInBucket[slot];
        }
        unlink(slot);
        countSize(PageTable.Entry.size(entries[slot]), -1);
        count--;
        nextInBucket[slot] = freeSlots;
        freeSlots = slot;
    }

    /// Forgets all pages that overlap a range.
    ///
    /// @param last its last address
    /// @return how many there were
    int invalidate(long first, long last) {
        int before = count;
        for (long rest = sizes; rest != 0; rest &= rest - 1) {
            long size = Long.lowestOneBit(rest);
            if ((last - first) / size < count) {
                removeEach(first, last, size);
            } else {
                removeAllBetween(first, last);
                break;
            }
        }
        return before - count;
    }

    /// Looks every page of the range up.
    private void removeEach(long first, long last, long size) {
        for (long page = first & -size; page <= last; page += size) {
            int slot = find(page, size);
            if (slot != NIL) {
                remove(slot);
            }
        }
    }

    /// Looks at every entry: shorter when the range has more pages than there are entries.
    private void removeAllBetween(long first, long last) {
        int slot = newer[capacity];
        while (slot != capacity) {
            int next = newer[slot];
            long end = pages[slot] + PageTable.Entry.size(entries[slot]) - 1;
            if (pages[slot] <= last && end >= first) {
                remove(slot);
            }
            slot = next;
        }
    }

    /// Forgets everything.
    ///
    /// @return how much that was
    int invalidateAll() {
        int before = count;
        clear();
        return before;
    }
}
