package org.softverbs.soft.iommu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.soft.iommu.IovaAllocator.NONE;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What comes back is cached by CPU and by size, up to 128 KiB.
class IovaCacheTest {

    private static final long PAGE = 4096;
    private static final long LOW = 0xfffff;
    private static final int MAGAZINE = 127;

    private int cpu;
    private final CachedIovaAllocator cached = cached(1);

    private CachedIovaAllocator cached(long startPfn) {
        return new CachedIovaAllocator(
                new TreeIovaAllocator(PAGE, startPfn), new Cpus(2, () -> cpu));
    }

    private long allocate(long pages) {
        return cached.allocate(pages, LOW, true);
    }

    @Test
    void shouldPlaceTheFirstRangesAsTheKernelDoes() {
        assertThat(allocate(1) * PAGE).isEqualTo(0xfffff000L);
        assertThat(allocate(1) * PAGE).isEqualTo(0xffffe000L);
        assertThat(allocate(3) * PAGE).isEqualTo(0xffff8000L);
        assertThat(allocate(33) * PAGE).isEqualTo(0xfffc0000L);
        assertThat(allocate(2) * PAGE).isEqualTo(0xfffbe000L);
    }

    @Test
    void shouldReuseLastInFirstOutOnTheSameCpu() {
        long first = allocate(2);
        long second = allocate(2);
        cached.free(first, 2);
        cached.free(second, 2);
        assertThat(allocate(2)).isEqualTo(second);
        assertThat(allocate(2)).isEqualTo(first);
        assertThat(cached.statistics().cacheHits()).isEqualTo(2);
    }

    @Test
    void shouldNotReuseWhatAnotherCpuHas() {
        long pfn = allocate(1);
        cached.free(pfn, 1);
        cpu = 1;
        assertThat(allocate(1)).isEqualTo(pfn - 1);
        cpu = 0;
        assertThat(allocate(1)).isEqualTo(pfn);
    }

    @Test
    void shouldRoundCachedSizesUpToAPowerOfTwo() {
        long pfn = allocate(17);
        assertThat(allocate(17)).isEqualTo(pfn - 32);
        cached.free(pfn, 17);
        assertThat(allocate(32)).isEqualTo(pfn);
        cached.free(pfn, 32);
        assertThat(allocate(16)).isNotEqualTo(pfn);
        assertThat(allocate(31)).isEqualTo(pfn);
    }

    @Test
    void shouldNeverCacheMoreThan32Pages() {
        for (int i = 0; i < 100; i++) {
            cached.free(allocate(33), 33);
        }
        assertThat(cached.statistics().cacheHits()).isZero();
        assertThat(cached.statistics().liveRanges()).isZero();
        for (int i = 0; i < 100; i++) {
            cached.free(allocate(32), 32);
        }
        assertThat(cached.statistics().cacheHits()).isEqualTo(99);
    }

    @Test
    void shouldPassOverACachedRangeAboveTheLimit() {
        long high = allocate(1);
        long low = allocate(1);
        cached.free(low, 1);
        cached.free(high, 1);
        assertThat(cached.allocate(1, low, true)).isEqualTo(low);
        assertThat(cached.allocate(1, LOW, true)).isEqualTo(high);
    }

    @Test
    void shouldKeepTwoMagazinesOnTheCpuAndTheThirdInTheDepot() {
        long[] pfns = new long[3 * MAGAZINE];
        for (int i = 0; i < pfns.length; i++) {
            pfns[i] = allocate(1);
        }
        for (int i = 0; i < 2 * MAGAZINE; i++) {
            cached.free(pfns[i], 1);
        }
        assertThat(cached.depotSize()).isZero();
        cached.free(pfns[2 * MAGAZINE], 1);
        assertThat(cached.depotSize()).isEqualTo(1);
        cpu = 1;
        assertThat(allocate(1)).as("from the depot").isEqualTo(pfns[2 * MAGAZINE - 1]);
        assertThat(cached.depotSize()).isZero();
    }

    @Test
    void shouldGiveAMagazineBackToTheTreeWhenTheDepotIsFull() {
        int magazines = 2 + 32;
        long[] pfns = new long[(magazines + 1) * MAGAZINE];
        for (int i = 0; i < pfns.length; i++) {
            pfns[i] = allocate(1);
        }
        for (int i = 0; i < magazines * MAGAZINE; i++) {
            cached.free(pfns[i], 1);
        }
        assertThat(cached.depotSize()).isEqualTo(32);
        assertThat(cached.statistics().liveRanges()).isEqualTo(pfns.length);
        cached.free(pfns[magazines * MAGAZINE], 1);
        assertThat(cached.depotSize()).isEqualTo(32);
        assertThat(cached.statistics().liveRanges()).isEqualTo(pfns.length - MAGAZINE);
    }

    @Test
    void shouldEmptyTheCachesOfAllCpusBeforeItGivesUp() {
        CachedIovaAllocator small = cached(0xfff00);
        Set<Long> pfns = new HashSet<>();
        for (long pfn = small.allocate(1, LOW, true);
                pfn != NONE;
                pfn = small.allocate(1, LOW, true)) {
            pfns.add(pfn);
        }
        assertThat(pfns).hasSize(256);
        pfns.forEach(pfn -> small.free(pfn, 1));
        cpu = 1;
        assertThat(small.tryAllocate(64, LOW, true)).isEqualTo(NONE);
        assertThat(small.statistics().liveRanges()).isEqualTo(256);
        assertThat(small.allocate(64, LOW, true)).isEqualTo(0xfffc0L);
        assertThat(small.statistics().liveRanges()).isEqualTo(1);
    }

    @Test
    void shouldReserveWhatOnlyACacheStillHas() {
        long pfn = allocate(1);
        cached.free(pfn, 1);
        cached.reserve(pfn, pfn);
        assertThat(allocate(1)).isEqualTo(pfn - 1);
    }
}
