package org.softverbs.soft.iommu;

import java.util.ArrayDeque;
import java.util.function.LongConsumer;

/// Free ranges of one size, kept in magazines: two for each CPU, and a depot of full ones that all
/// CPUs share.
///
/// A CPU loads and unloads its *loaded* magazine, last in first out. When that is empty or full the
/// *previous* one takes its place; when that is too, one is exchanged with the depot. Between two
/// exchanges lie at least 127 allocations or frees that share nothing.
///
/// One lock for each CPU, one for the depot. A CPU's lock is taken before the depot's.
///
/// Kernel name: `struct iova_rcache`; Bonwick and Adams, "Magazines and Vmem", 2001.
final class IovaRangeCache {

    static final int MAGAZINE_SIZE = 127;
    static final int DEPOT_SIZE = 32;

    private static final class Magazine {
        private final long[] pfns = new long[MAGAZINE_SIZE];
        private int size;

        boolean isFull() {
            return size == MAGAZINE_SIZE;
        }

        boolean isEmpty() {
            return size == 0;
        }

        void push(long pfn) {
            pfns[size++] = pfn;
        }

        /// Takes the topmost one that is not above a limit; the top fills its place.
        long pop(long limitPfn) {
            for (int i = size - 1; i >= 0; i--) {
                long pfn = pfns[i];
                if (pfn <= limitPfn) {
                    pfns[i] = pfns[--size];
                    return pfn;
                }
            }
            return IovaAllocator.NONE;
        }

        void drain(LongConsumer free) {
            for (int i = 0; i < size; i++) {
                free.accept(pfns[i]);
            }
            size = 0;
        }
    }

    private static final class CpuCache {
        private Magazine loaded = new Magazine();
        private Magazine previous = new Magazine();

        void swap() {
            Magazine other = previous;
            previous = loaded;
            loaded = other;
        }
    }

    private final CpuCache[] caches;
    private final ArrayDeque<Magazine> depot = new ArrayDeque<>(DEPOT_SIZE);

    IovaRangeCache(int cpus) {
        caches = new CpuCache[cpus];
        for (int cpu = 0; cpu < cpus; cpu++) {
            caches[cpu] = new CpuCache();
        }
    }

    /// Takes a range.
    ///
    /// @param limitPfn the highest page frame where it may start
    /// @return its first page frame, or [IovaAllocator#NONE]
    long get(int cpu, long limitPfn) {
        CpuCache cache = caches[cpu];
        synchronized (cache) {
            if (cache.loaded.isEmpty()) {
                if (!cache.previous.isEmpty()) {
                    cache.swap();
                } else {
                    loadFromDepot(cache);
                }
            }
            return cache.loaded.pop(limitPfn);
        }
    }

    private void loadFromDepot(CpuCache cache) {
        synchronized (depot) {
            Magazine full = depot.pollLast();
            if (full != null) {
                cache.loaded = full;
            }
        }
    }

    /// Keeps a range.
    ///
    /// @param free what happens to the ranges for which there is no room
    void put(int cpu, long pfn, LongConsumer free) {
        CpuCache cache = caches[cpu];
        Magazine surplus = cache.loaded;
        boolean tooMany = false;
        synchronized (cache) {
            if (cache.loaded.isFull()) {
                if (!cache.previous.isFull()) {
                    cache.swap();
                } else {
                    surplus = cache.loaded;
                    tooMany = !addToDepot(surplus);
                    cache.loaded = new Magazine();
                }
            }
            cache.loaded.push(pfn);
        }
        if (tooMany) {
            surplus.drain(free);
        }
    }

    private boolean addToDepot(Magazine full) {
        synchronized (depot) {
            return depot.size() < DEPOT_SIZE && depot.add(full);
        }
    }

    /// Gives all ranges of all CPUs and of the depot away.
    void flush(LongConsumer free) {
        for (CpuCache cache : caches) {
            synchronized (cache) {
                cache.loaded.drain(free);
                cache.previous.drain(free);
            }
        }
        synchronized (depot) {
            depot.forEach(magazine -> magazine.drain(free));
            depot.clear();
        }
    }

    int depotSize() {
        synchronized (depot) {
            return depot.size();
        }
    }

    long bytes() {
        return (2L * caches.length + depotSize()) * IovaStatistics.MAGAZINE_BYTES;
    }
}
