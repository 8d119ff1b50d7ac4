package org.softverbs.soft.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDevice;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaStatistics;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.soft.dma.DmaAttachment;
import org.softverbs.soft.dma.DmaSettings;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.iommu.BitmapIovaAllocator;
import org.softverbs.soft.iommu.CachedIovaAllocator;
import org.softverbs.soft.iommu.Cpus;
import org.softverbs.soft.iommu.IovaAllocator;
import org.softverbs.soft.iommu.IovaStatistics;
import org.softverbs.soft.iommu.PoolIovaAllocator;
import org.softverbs.soft.iommu.TreeIovaAllocator;
import org.softverbs.soft.pci.BarInfo;
import org.softverbs.soft.pci.BarInfoIndex;
import org.softverbs.soft.pci.BarIntervals;
import org.softverbs.soft.pci.BarTable;
import org.softverbs.soft.pci.HostBridge;
import org.softverbs.soft.pci.HostBridge.PeerTraffic;
import org.softverbs.soft.pci.PciFunction;
import org.softverbs.soft.pci.PciTopology;
import org.softverbs.soft.physical.SparsePhysicalMemory;

/// Prints the table of `docs/dma-figures.md`: what mapping, allocators and look-ups cost.
///
/// `./mvnw -Pbench -pl soft-provider -am test -Dtest=DmaFigures
/// -Dsurefire.failIfNoSpecifiedTests=false`
class DmaFigures {

    private static final int ROUNDS = 7;
    private static final int ROUND_OPERATIONS = 200_000;
    private static final int IN_USE = 256;
    private static final int MAPPED_PAGES = 1 << 15;
    private static final int POOL_PAGES = 1 << 14;
    private static final long LIMIT = 0xf_ffff;
    private static final ThreadLocal<Integer> CPU = ThreadLocal.withInitial(() -> 0);

    private final List<String> lines = new ArrayList<>();

    private void row(String figure, String what, String value) {
        lines.add("| " + figure + " | " + what + " | " + value + " |");
    }

    private static String count(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    @Test
    void printTable() throws InterruptedException {
        row("figure", "what", "value");
        row("---", "---", "---");
        countMappings();
        timeSanitizer();
        for (int threads : new int[] {1, 2}) {
            timeAllocators(threads);
        }
        timeLookups();
        System.out.println(String.join("\n", lines));
        assertThat(lines).hasSizeGreaterThan(2);
    }

    private void countMappings() {
        Host host = Host.local();
        DmaDevice device =
                DmaAttachment.of(DmaSettings.of(DmaAddressing.IOVA).withIommu(true), host).device();
        for (long bytes : new long[] {1L << 20, 1L << 26}) {
            try (PhysicalAllocation memory =
                    host.physicalMemory().allocate(PhysicalMemoryRequest.scattered(bytes))) {
                DmaStatistics start = device.statistics();
                long began = System.nanoTime();
                device.mapPages(memory, DmaDirection.TO_DEVICE).close();
                long between = System.nanoTime();
                DmaStatistics loop = device.statistics();
                device.map(memory, DmaDirection.TO_DEVICE).close();
                long end = System.nanoTime();
                DmaStatistics once = device.statistics();
                row(
                        "F1",
                        memory.count()
                                + " scattered pages: IOVA allocations, page loop and two-step",
                        loop.since(start).iovaAllocations()
                                + " and "
                                + once.since(loop).iovaAllocations());
                row(
                        "F1, F17",
                        "the same: IOTLB syncs",
                        loop.since(start).iotlbSyncs() + " and " + once.since(loop).iotlbSyncs());
                row(
                        "F1",
                        "the same: time to map and unmap, the first time",
                        millis(between - began) + " and " + millis(end - between) + " ms");
            }
        }
    }

    private static String millis(long nanos) {
        return "%.2f".formatted(nanos / 1e6);
    }

    /// Each of the two ways in F1, off and on, as often as to be compiled.
    private void timeSanitizer() {
        for (int pages : new int[] {256, 1 << 14}) {
            double[] off = timeMappings(Host.local(), pages);
            Host watched = Host.local();
            watched.sanitize();
            double[] on = timeMappings(watched, pages);
            String[] ways = {"page loop", "two-step"};
            for (int way = 0; way < ways.length; way++) {
                row(
                        "F20",
                        "%d scattered pages, %s: map and unmap, sanitizer off and on"
                                .formatted(pages, ways[way]),
                        "%.0f and %.0f µs, %.1f times"
                                .formatted(off[way], on[way], on[way] / off[way]));
            }
        }
    }

    /// @return microseconds of a page loop and of a two-step mapping, medians
    private static double[] timeMappings(Host host, int pages) {
        DmaDevice device =
                DmaAttachment.of(DmaSettings.of(DmaAddressing.IOVA).withIommu(true), host).device();
        int repeats = MAPPED_PAGES / pages;
        double[] loop = new double[ROUNDS];
        double[] twoStep = new double[ROUNDS];
        try (PhysicalAllocation memory =
                host.physicalMemory()
                        .allocate(PhysicalMemoryRequest.scattered((long) pages << 12))) {
            for (int round = 0; round < ROUNDS; round++) {
                long began = System.nanoTime();
                for (int i = 0; i < repeats; i++) {
                    mapEach(device, memory);
                }
                long between = System.nanoTime();
                for (int i = 0; i < repeats; i++) {
                    device.map(memory, DmaDirection.TO_DEVICE).close();
                }
                long end = System.nanoTime();
                loop[round] = (between - began) / 1e3 / repeats;
                twoStep[round] = (end - between) / 1e3 / repeats;
            }
        }
        Arrays.sort(loop);
        Arrays.sort(twoStep);
        return new double[] {loop[ROUNDS / 2], twoStep[ROUNDS / 2]};
    }

    private static void mapEach(DmaDevice device, PhysicalAllocation memory) {
        List<DmaMapping> mappings = new ArrayList<>();
        for (int i = 0; i < memory.count(); i++) {
            mappings.add(
                    device.mapPage(memory.address(i), memory.length(i), DmaDirection.TO_DEVICE));
        }
        mappings.forEach(DmaMapping::close);
    }

    private void timeAllocators(int threads) throws InterruptedException {
        time("red-black tree", threads, () -> new TreeIovaAllocator(4096, 1));
        time(
                "magazines",
                threads,
                () ->
                        new CachedIovaAllocator(
                                new TreeIovaAllocator(4096, 1), new Cpus(threads, CPU::get)));
        time("bitmap", threads, () -> new BitmapIovaAllocator(0, POOL_PAGES));
        time(
                "pool",
                threads,
                () -> {
                    PoolIovaAllocator pool = new PoolIovaAllocator(PoolIovaAllocator.Fit.FIRST);
                    pool.addChunk(0, POOL_PAGES);
                    return pool;
                });
    }

    private void time(String name, int threads, Supplier<IovaAllocator> kind)
            throws InterruptedException {
        for (int pages : new int[] {1, 33}) {
            double[] nanos = new double[ROUNDS];
            IovaAllocator allocator = kind.get();
            for (int round = 0; round < ROUNDS; round++) {
                nanos[round] = round(allocator, threads, pages);
            }
            Arrays.sort(nanos);
            IovaStatistics done = allocator.statistics();
            row(
                    "F7",
                    "%s, %s, %s: allocate and free"
                            .formatted(name, count(threads, "thread"), count(pages, "page")),
                    "%.0f ns, %.0f %% from a cache"
                            .formatted(
                                    nanos[ROUNDS / 2],
                                    100.0 * done.cacheHits() / done.allocations()));
        }
    }

    /// Each thread keeps some ranges in use, and replaces one after the other.
    ///
    /// @return nanoseconds for an allocation and a free
    private static double round(IovaAllocator allocator, int threads, int pages)
            throws InterruptedException {
        CyclicBarrier start = new CyclicBarrier(threads + 1);
        CyclicBarrier end = new CyclicBarrier(threads + 1);
        int live = pages == 1 ? IN_USE : IN_USE / 8;
        for (int thread = 0; thread < threads; thread++) {
            int cpu = thread;
            Thread.ofPlatform()
                    .start(
                            () -> {
                                CPU.set(cpu);
                                long[] inUse = new long[live];
                                for (int i = 0; i < live; i++) {
                                    inUse[i] = allocator.allocate(pages, LIMIT, true);
                                }
                                await(start);
                                for (int i = 0; i < ROUND_OPERATIONS; i++) {
                                    allocator.free(inUse[i % live], pages);
                                    inUse[i % live] = allocator.allocate(pages, LIMIT, true);
                                }
                                await(end);
                                for (long pfn : inUse) {
                                    allocator.free(pfn, pages);
                                }
                                await(end);
                            });
        }
        await(start);
        long began = System.nanoTime();
        await(end);
        double nanos = (double) (System.nanoTime() - began) / ROUND_OPERATIONS;
        await(end);
        return nanos;
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new IllegalStateException(e);
        }
    }

    private void timeLookups() {
        for (int bars : new int[] {1, 16, 255}) {
            PciTopology pci = new PciTopology(new SparsePhysicalMemory());
            HostBridge bridge = pci.addHostBridge("bridge", PeerTraffic.SAME_BRIDGE, 0);
            List<BarInfo> list = new ArrayList<>();
            for (int i = 0; i < bars; i++) {
                PciFunction owner = pci.addFunction("function " + i, bridge);
                list.add(new BarInfo(owner, owner.addBar(1 << 16).address(0), 1 << 16, 0));
            }
            timeLookup("interval tree", new BarIntervals(), list);
            timeLookup("perfect hash of 8 bits", BarTable.ofBits(8), list);
            timeLookup("pointer", BarTable.ofPointers(), list);
        }
    }

    private void timeLookup(String name, BarInfoIndex index, List<BarInfo> bars) {
        bars.forEach(index::add);
        SplittableRandom random = new SplittableRandom(1);
        long[] addresses = new long[1024];
        long[] tokens = new long[addresses.length];
        for (int i = 0; i < addresses.length; i++) {
            addresses[i] = bars.get(random.nextInt(bars.size())).first() + random.nextInt(1 << 16);
            tokens[i] = index.token(addresses[i]);
        }
        double[] nanos = new double[ROUNDS];
        long found = 0;
        for (int round = 0; round < ROUNDS; round++) {
            long began = System.nanoTime();
            for (int i = 0; i < ROUND_OPERATIONS * 10; i++) {
                int at = i & (addresses.length - 1);
                BarInfo bar = index.find(tokens[at], addresses[at]);
                found += bar == null ? 0 : bar.length();
            }
            nanos[round] = (double) (System.nanoTime() - began) / (ROUND_OPERATIONS * 10);
        }
        Arrays.sort(nanos);
        assertThat(found).isEqualTo(((long) ROUNDS * ROUND_OPERATIONS * 10) << 16);
        row(
                "F11",
                name + ", " + count(bars.size(), "BAR") + ": second look-up of an element",
                "%.1f ns".formatted(nanos[ROUNDS / 2]));
    }
}
