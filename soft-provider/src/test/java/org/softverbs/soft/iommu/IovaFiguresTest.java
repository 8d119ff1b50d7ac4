package org.softverbs.soft.iommu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// What it costs to know which addresses are taken.
class IovaFiguresTest {

    private static final long KIB = 1024;
    private static final long LIMIT = 0xfffff;

    private static CachedIovaAllocator cached(int cpus) {
        return new CachedIovaAllocator(new TreeIovaAllocator(4096, 1), new Cpus(cpus, () -> 0));
    }

    @Test
    void shouldNeed12KibForEachCpuBeforeAnyUse() {
        assertThat(cached(1).statistics().bookkeepingBytes()).isEqualTo(12 * KIB);
        assertThat(cached(16).statistics().bookkeepingBytes()).isEqualTo(192 * KIB);
        assertThat(cached(256).statistics().bookkeepingBytes()).isEqualTo(3072 * KIB);
    }

    @Test
    void shouldNeedABitForEachPageOfABitmap() {
        int pages = (int) ((64L << 20) / 4096);
        assertThat(new BitmapIovaAllocator(0, pages).statistics().bookkeepingBytes())
                .isEqualTo(2 * KIB);
        PoolIovaAllocator pool = new PoolIovaAllocator(PoolIovaAllocator.Fit.FIRST);
        pool.addChunk(0, pages);
        assertThat(pool.statistics().bookkeepingBytes()).isEqualTo(2 * KIB);
    }

    @Test
    void shouldNeed64BytesForALiveRangeInATree() {
        TreeIovaAllocator tree = new TreeIovaAllocator(4096, 1);
        tree.allocate(1, LIMIT, true);
        assertThat(tree.statistics().bookkeepingBytes() * 8).as("bits").isEqualTo(512);
    }

    @Test
    void shouldWaste15Of32PagesOn17AndNoneOn33() {
        CachedIovaAllocator cached = cached(1);
        long first = cached.allocate(17, LIMIT, true);
        long second = cached.allocate(17, LIMIT, true);
        assertThat(first - second).isEqualTo(32);
        assertThat((32 - 17) * 100 / 17).isEqualTo(88);
        long third = cached.allocate(33, LIMIT, true);
        assertThat(third % 64).isZero();
        cached.reserve(third + 33, third + 33);
    }
}
