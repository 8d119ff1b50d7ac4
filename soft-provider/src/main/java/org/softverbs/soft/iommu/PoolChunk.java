package org.softverbs.soft.iommu;

import java.util.BitSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/// A part of a [PoolIovaAllocator]: page frames side by side, one bit for each.
///
/// No lock: bits are set and cleared by compare-and-set, word by word. Who finds a bit taken on the
/// way takes his own back, and searches again.
///
/// Kernel name: `struct gen_pool_chunk`.
final class PoolChunk {

    private static final int WORD_BITS = Long.SIZE;

    private final long firstPfn;
    private final int pages;
    private final AtomicLongArray words;
    private final AtomicLong available;
    private final BitSet reserved = new BitSet();

    PoolChunk(long firstPfn, int pages) {
        if (firstPfn < 0 || pages < 1) {
            throw new IllegalArgumentException(pages + " pages from " + firstPfn);
        }
        this.firstPfn = firstPfn;
        this.pages = pages;
        words = new AtomicLongArray((int) (((long) pages + WORD_BITS - 1) / WORD_BITS));
        available = new AtomicLong(pages);
    }

    long bytes() {
        return ((long) pages + 7) / 8;
    }

    boolean contains(long pfn, long count) {
        return pfn >= firstPfn && count >= 1 && count <= pages - (pfn - firstPfn);
    }

    boolean overlaps(long from, long count) {
        return from < firstPfn + pages && firstPfn < from + count;
    }

    /// Takes a range, or returns [IovaAllocator#NONE].
    long allocate(PoolIovaAllocator.Fit fit, long count, long limitPfn, long alignment) {
        int end = (int) Math.max(0, Math.min(pages - 1, limitPfn - firstPfn) + 1);
        while (count <= available.get()) {
            long bit =
                    switch (fit) {
                        case FIRST -> firstFit(count, end, alignment);
                        case BEST -> bestFit(count, end, alignment);
                    };
            if (bit < 0) {
                return IovaAllocator.NONE;
            }
            if (take((int) bit, (int) (bit + count))) {
                available.addAndGet(-count);
                return firstPfn + bit;
            }
        }
        return IovaAllocator.NONE;
    }

    private long firstFit(long count, int end, long alignment) {
        int free = next(0, end, false);
        while (free < end) {
            int freeEnd = next(free, end, true);
            long at = align(free, alignment);
            if (at + count <= freeEnd) {
                return at;
            }
            free = next(freeEnd, end, false);
        }
        return IovaAllocator.NONE;
    }

    /// The lowest place in the smallest gap that is large enough.
    private long bestFit(long count, int end, long alignment) {
        long best = IovaAllocator.NONE;
        int bestGap = Integer.MAX_VALUE;
        int free = next(0, end, false);
        while (free < end) {
            int freeEnd = next(free, end, true);
            long at = align(free, alignment);
            if (at + count <= freeEnd && freeEnd - free < bestGap) {
                best = at;
                bestGap = freeEnd - free;
            }
            free = next(freeEnd, end, false);
        }
        return best;
    }

    private long align(long bit, long alignment) {
        return ((firstPfn + bit + alignment - 1) & -alignment) - firstPfn;
    }

    /// The next bit that is taken, or free; the end when there is none before.
    private int next(int from, int end, boolean taken) {
        int at = from;
        while (at < end) {
            long word = words.get(at / WORD_BITS);
            long wanted = (taken ? word : ~word) >>> at;
            if (wanted != 0) {
                return Math.min(end, at + Long.numberOfTrailingZeros(wanted));
            }
            at = (int) Math.min(end, (at / WORD_BITS + 1L) * WORD_BITS);
        }
        return end;
    }

    /// Sets bits that are all clear, or none.
    private boolean take(int from, int end) {
        int at = from;
        while (at < end) {
            int wordEnd = wordEnd(at, end);
            long mask = mask(at, wordEnd);
            long before = words.getAndAccumulate(at / WORD_BITS, mask, PoolChunk::setAll);
            if ((before & mask) != 0) {
                clear(from, at);
                return false;
            }
            at = wordEnd;
        }
        return true;
    }

    private static long setAll(long word, long mask) {
        return (word & mask) == 0 ? word | mask : word;
    }

    private void clear(int from, int end) {
        int at = from;
        while (at < end) {
            int wordEnd = wordEnd(at, end);
            words.getAndAccumulate(at / WORD_BITS, ~mask(at, wordEnd), (word, keep) -> word & keep);
            at = wordEnd;
        }
    }

    private static int wordEnd(int at, int end) {
        return (int) Math.min(end, (at / WORD_BITS + 1L) * WORD_BITS);
    }

    /// Bits of the word that an index is in, from it to an end in the same word.
    private static long mask(int from, int end) {
        return (-1L >>> (WORD_BITS - (end - from))) << from;
    }

    /// Gives a range back; false when not all of it was given out.
    boolean free(long pfn, long count) {
        int from = (int) (pfn - firstPfn);
        int end = (int) (from + count);
        if (next(from, end, false) < end || isReserved(from, end)) {
            return false;
        }
        clear(from, end);
        available.addAndGet(count);
        return true;
    }

    private boolean isReserved(int from, int end) {
        synchronized (reserved) {
            int next = reserved.nextSetBit(from);
            return next >= 0 && next < end;
        }
    }

    /// Takes what is in the chunk of some page frames; false when one of them is in use.
    boolean reserve(long from, long lastPfn) {
        int first = (int) Math.max(0, Math.min(pages, from - firstPfn));
        int end = (int) (Math.min(pages - 1, lastPfn - firstPfn) + 1);
        synchronized (reserved) {
            for (int bit = reserved.nextClearBit(first);
                    bit < end;
                    bit = reserved.nextClearBit(bit)) {
                if (!take(bit, bit + 1)) {
                    return false;
                }
                reserved.set(bit);
                available.decrementAndGet();
            }
        }
        return true;
    }
}
