package org.softverbs.soft.iommu;

import java.util.concurrent.atomic.AtomicLong;

/// Addresses that were unmapped but that a device may still use: they are given back to the
/// allocator once the whole IOTLB was flushed, and one flush does for many of them.
///
/// Each CPU has a ring of 256 entries, one of which stays empty. A flush comes when a ring is full,
/// or 10 ms after the first address that was queued since the last time. Flushes are counted when
/// they start and when they finish; an entry notes how many had started when it was queued, and is
/// free when more than that have finished.
///
/// One lock for each ring.
///
/// Kernel names: `struct iova_fq`, `queue_iova`, `fq_ring_free`, `fq_flush_timeout`.
final class FlushQueue {

    static final int RING_SIZE = 256;
    static final long TIMEOUT_NANOS = 10_000_000;

    private static final class Ring {
        final long[] pfns = new long[RING_SIZE];
        final long[] pages = new long[RING_SIZE];
        final long[] counters = new long[RING_SIZE];
        int head;
        int tail;

        boolean isFull() {
            return (tail + 1) % RING_SIZE == head;
        }

        void add(long pfn, long count, long counter) {
            pfns[tail] = pfn;
            pages[tail] = count;
            counters[tail] = counter;
            tail = (tail + 1) % RING_SIZE;
        }

        void freeFinished(long finished, IovaAllocator allocator) {
            while (head != tail && counters[head] < finished) {
                allocator.free(pfns[head], pages[head]);
                head = (head + 1) % RING_SIZE;
            }
        }

        int size() {
            return (tail - head + RING_SIZE) % RING_SIZE;
        }
    }

    private final Cpus cpus;
    private final IovaAllocator allocator;
    private final Runnable flush;
    private final Ring[] rings;
    private final AtomicLong started = new AtomicLong();
    private final AtomicLong finished = new AtomicLong();
    private final Object timer = new Object();
    private boolean timerOn;
    private long deadlineNanos;

    /// @param allocator where addresses go in the end
    /// @param flush flushes the whole IOTLB
    FlushQueue(Cpus cpus, IovaAllocator allocator, Runnable flush) {
        this.cpus = cpus;
        this.allocator = allocator;
        this.flush = flush;
        rings = new Ring[cpus.count()];
        for (int cpu = 0; cpu < rings.length; cpu++) {
            rings[cpu] = new Ring();
        }
    }

    /// Queues page frames that are unmapped already.
    void add(long pfn, long pages, long nowNanos) {
        Ring ring = rings[cpus.current()];
        synchronized (ring) {
            ring.freeFinished(finished.get(), allocator);
            if (ring.isFull()) {
                flush();
                ring.freeFinished(finished.get(), allocator);
            }
            ring.add(pfn, pages, started.get());
        }
        startTimer(nowNanos);
    }

    private void flush() {
        started.incrementAndGet();
        flush.run();
        finished.incrementAndGet();
    }

    private void startTimer(long nowNanos) {
        synchronized (timer) {
            if (!timerOn) {
                timerOn = true;
                deadlineNanos = nowNanos + TIMEOUT_NANOS;
            }
        }
    }

    /// Flushes when the timer is due.
    void advanceTo(long nowNanos) {
        synchronized (timer) {
            if (!timerOn || nowNanos - deadlineNanos < 0) {
                return;
            }
            timerOn = false;
        }
        flushAndFree();
    }

    /// Flushes now, and gives all addresses back that were queued before.
    void flushAndFree() {
        flush();
        for (Ring ring : rings) {
            synchronized (ring) {
                ring.freeFinished(finished.get(), allocator);
            }
        }
    }

    /// Nanoseconds until the timer is due, at least 0; [Long#MAX_VALUE] when it is off.
    long nanosUntilDue(long nowNanos) {
        synchronized (timer) {
            return timerOn ? Math.max(0, deadlineNanos - nowNanos) : Long.MAX_VALUE;
        }
    }

    /// Ranges that wait for a flush.
    int size() {
        int size = 0;
        for (Ring ring : rings) {
            synchronized (ring) {
                size += ring.size();
            }
        }
        return size;
    }
}
