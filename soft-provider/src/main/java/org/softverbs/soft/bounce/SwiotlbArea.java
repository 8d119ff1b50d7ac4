package org.softverbs.soft.bounce;

import java.util.Arrays;

/// A part of a pool's slots with its own lock, so that CPUs do not wait for each other.
///
/// Slots come in segments of 128, and a buffer never crosses the end of one. [#list] says for each
/// slot how many are free from it to the end of its segment without a gap; 0 is a slot in use.
///
/// Source: `swiotlb_search_pool_area` and `swiotlb_release_slots` of `kernel/dma/swiotlb.c`.
final class SwiotlbArea {

    static final int NONE = -1;

    private static final long PAGE_BYTES = 4096;

    private final long firstAddress;
    private final int size;
    private final int[] list;
    private int used;

    /// Where the next search starts.
    private int index;

    /// @param firstAddress address of slot 0, a multiple of the slot size
    /// @param size slots
    SwiotlbArea(long firstAddress, int size) {
        this.firstAddress = firstAddress;
        this.size = size;
        this.list = new int[size];
        for (int slot = 0; slot < size; slot++) {
            list[slot] = endOfSegment(slot) - slot;
        }
    }

    private int endOfSegment(int slot) {
        int segment = SwiotlbPool.SEGMENT_SLOTS;
        return Math.min((slot / segment + 1) * segment, size);
    }

    /// Looks for slots side by side and takes them.
    ///
    /// A buffer of a page or more starts at an even slot: it was always so, and drivers rely on it.
    /// The search goes on from where the last one ended, and ends when it has passed as many slots
    /// as there are. Linux 6.1 stopped when it came back to its start, which it may step over for
    /// ever when the low address bits rule the start out.
    ///
    /// @param request of which the masks and the low bits of the address count
    /// @param bytes size of the buffer with all that must lie before it
    /// @return the first slot, or [#NONE]
    synchronized int findSlots(BounceRequest request, long bytes, BounceCounters counters) {
        int slots = SwiotlbPool.slots(bytes);
        if (slots > size - used) {
            return NONE;
        }
        long allocMask = request.allocAlignMask() | (SwiotlbPool.SLOT_BYTES - 1);
        long alignMask = request.minAlignMask() & ~allocMask;
        long stride = stride(bytes, allocMask, alignMask);
        int slot = wrap((index + stride - 1) / stride * stride);
        int checked = 0;
        int looks = 0;
        int found = NONE;
        while (found == NONE && checked < size) {
            looks++;
            long address = address(slot);
            if (!isAligned(address, request, allocMask, alignMask)) {
                slot = wrap(slot + 1L);
                checked++;
            } else if (list[slot] >= slots && !spansBoundary(address, slots, request.boundary())) {
                found = slot;
            } else {
                slot = wrap(slot + stride);
                checked += (int) Math.min(stride, size);
            }
        }
        counters.searched(looks);
        if (found != NONE) {
            take(found, slots);
        }
        return found;
    }

    private static long stride(long bytes, long allocMask, long alignMask) {
        long stride = (alignMask >> SwiotlbPool.SLOT_SHIFT) + 1;
        if (bytes >= PAGE_BYTES) {
            stride = Math.max(stride, stride * (PAGE_BYTES >> SwiotlbPool.SLOT_SHIFT));
        }
        return Math.max(stride, (allocMask >> SwiotlbPool.SLOT_SHIFT) + 1);
    }

    private static boolean isAligned(
            long address, BounceRequest request, long allocMask, long alignMask) {
        return (address & allocMask) == 0
                && (address & alignMask) == (request.original() & alignMask);
    }

    private static boolean spansBoundary(long address, int slots, long boundary) {
        long last = address + (long) slots * SwiotlbPool.SLOT_BYTES - 1;
        return (address & ~boundary) != (last & ~boundary);
    }

    private int wrap(long slot) {
        return slot >= size ? 0 : (int) slot;
    }

    private void take(int first, int slots) {
        Arrays.fill(list, first, first + slots, 0);
        int count = 0;
        for (int slot = first - 1; isFreeInSegmentOf(first, slot); slot--) {
            list[slot] = ++count;
        }
        index = wrap(first + (long) slots);
        used += slots;
    }

    private boolean isFreeInSegmentOf(int neighbour, int slot) {
        return slot >= 0 && endOfSegment(slot) == endOfSegment(neighbour) && list[slot] != 0;
    }

    /// Gives slots back: counts on from the free slots behind them, within the segment, and lets
    /// the free ones before them know.
    synchronized void free(int first, int slots) {
        int behind = first + slots;
        int count = behind < endOfSegment(first) ? list[behind] : 0;
        for (int slot = behind - 1; slot >= first; slot--) {
            list[slot] = ++count;
        }
        for (int slot = first - 1; isFreeInSegmentOf(first, slot); slot--) {
            list[slot] = ++count;
        }
        used -= slots;
    }

    private long address(int slot) {
        return firstAddress + (long) slot * SwiotlbPool.SLOT_BYTES;
    }

    synchronized int used() {
        return used;
    }

    /// How many slots are free from a slot on, within its segment.
    synchronized int freeFrom(int slot) {
        return list[slot];
    }
}
