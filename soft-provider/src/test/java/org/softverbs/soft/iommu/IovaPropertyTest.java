package org.softverbs.soft.iommu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.soft.iommu.IovaAllocator.NONE;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/// What holds for every allocator, whatever is asked of it.
class IovaPropertyTest {

    private static final long SEED = 20_261_121;
    private static final int OPERATIONS = 100_000;
    private static final int FIRST = 1;
    private static final int PAGES = 4095;
    private static final int LAST = FIRST + PAGES - 1;
    private static final int RESERVED_FIRST = 1000;
    private static final int RESERVED_LAST = 1099;

    private record Live(long pfn, long pages) {}

    private int cpu;

    private TreeIovaAllocator tree() {
        return new TreeIovaAllocator(4096, FIRST);
    }

    private static PoolIovaAllocator pool(PoolIovaAllocator.Fit fit) {
        PoolIovaAllocator pool = new PoolIovaAllocator(fit);
        pool.addChunk(FIRST, 2000);
        pool.addChunk(FIRST + 2000, PAGES - 2000);
        return pool;
    }

    @Test
    void shouldHoldForTheTree() {
        check(tree());
    }

    @Test
    void shouldHoldForTheCaches() {
        check(new CachedIovaAllocator(tree(), new Cpus(4, () -> cpu)));
    }

    @Test
    void shouldHoldForTheBitmap() {
        check(new BitmapIovaAllocator(FIRST, PAGES));
    }

    @Test
    void shouldHoldForAPoolThatTakesTheFirstFit() {
        check(pool(PoolIovaAllocator.Fit.FIRST));
    }

    @Test
    void shouldHoldForAPoolThatTakesTheBestFit() {
        check(pool(PoolIovaAllocator.Fit.BEST));
    }

    private void check(IovaAllocator allocator) {
        SplittableRandom random = new SplittableRandom(SEED);
        allocator.reserve(RESERVED_FIRST, RESERVED_LAST);
        BitSet used = new BitSet();
        used.set(RESERVED_FIRST, RESERVED_LAST + 1);
        List<Live> live = new ArrayList<>();
        int failures = 0;
        for (int i = 0; i < OPERATIONS; i++) {
            cpu = random.nextInt(4);
            if (!live.isEmpty() && random.nextInt(100) < 48) {
                Live freed = live.remove(random.nextInt(live.size()));
                used.clear((int) freed.pfn, (int) (freed.pfn + freed.pages));
                allocator.free(freed.pfn, freed.pages);
            } else if (!allocateOne(allocator, random, i, used, live)) {
                failures++;
            }
        }
        assertThat(failures).as("seed %d", SEED).isPositive();
        assertThat(live).as("seed %d", SEED).hasSizeGreaterThan(20);
        live.forEach(each -> allocator.free(each.pfn, each.pages));
        cpu = 0;
        for (int i = 0; i < PAGES - (RESERVED_LAST - RESERVED_FIRST + 1); i++) {
            assertThat(allocator.allocate(1, LAST, true))
                    .as("seed %d page %d at the end", SEED, i)
                    .isNotEqualTo(NONE);
        }
        assertThat(allocator.allocate(1, LAST, true)).isEqualTo(NONE);
    }

    private static boolean allocateOne(
            IovaAllocator allocator,
            SplittableRandom random,
            int operation,
            BitSet used,
            List<Live> live) {
        long pages = 1L + random.nextInt(1 << random.nextInt(8));
        boolean aligned = random.nextBoolean();
        long limit = random.nextInt(4) == 0 ? 1L + random.nextInt(LAST) : LAST;
        long pfn = allocator.allocate(pages, limit, aligned);
        if (pfn == NONE) {
            return false;
        }
        String what = "seed %d operation %d: %d pages at %d";
        Object[] values = {SEED, operation, pages, pfn};
        assertThat(pfn).as(what, values).isBetween((long) FIRST, limit - pages + 1);
        int taken = used.nextSetBit((int) pfn);
        assertThat(taken < 0 || taken >= pfn + pages).as(what, values).isTrue();
        if (aligned) {
            assertThat(pfn % IovaAllocator.alignment(pages, true)).as(what, values).isZero();
        }
        used.set((int) pfn, (int) (pfn + pages));
        live.add(new Live(pfn, pages));
        return true;
    }

    @Test
    void shouldNeverGiveOneRangeToTwoThreads() throws Exception {
        ThreadLocal<Integer> number = ThreadLocal.withInitial(() -> 0);
        for (IovaAllocator allocator :
                List.of(
                        tree(),
                        new CachedIovaAllocator(tree(), new Cpus(2, number::get)),
                        new BitmapIovaAllocator(FIRST, PAGES),
                        pool(PoolIovaAllocator.Fit.FIRST),
                        pool(PoolIovaAllocator.Fit.BEST))) {
            contend(allocator, number);
        }
    }

    private static void contend(IovaAllocator allocator, ThreadLocal<Integer> number)
            throws Exception {
        CountDownLatch start = new CountDownLatch(4);
        long[][] taken = new long[4][];
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                int thread = i;
                all.add(
                        threads.submit(
                                () -> {
                                    number.set(thread / 2);
                                    start.countDown();
                                    start.await();
                                    taken[thread] = churn(allocator);
                                    return thread;
                                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
        }
        long[] pfns = Arrays.stream(taken).flatMapToLong(Arrays::stream).sorted().toArray();
        for (int i = 1; i < pfns.length; i++) {
            assertThat(pfns[i]).isGreaterThanOrEqualTo(pfns[i - 1] + 3);
        }
    }

    private static long[] churn(IovaAllocator allocator) {
        long[] mine = new long[200];
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < mine.length; i++) {
                mine[i] = allocator.allocate(3, LAST, false);
                assertThat(mine[i]).isNotEqualTo(NONE);
            }
            if (round < 19) {
                Arrays.stream(mine).forEach(pfn -> allocator.free(pfn, 3));
            }
        }
        return mine;
    }
}
