package org.softverbs.soft.iommu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.softverbs.soft.iommu.IovaAllocator.NONE;

import org.junit.jupiter.api.Test;

/// Chunks, one after the other; in each the first gap or the best.
class IovaPoolTest {

    private static final long LIMIT = Long.MAX_VALUE;

    private static PoolIovaAllocator pool(PoolIovaAllocator.Fit fit) {
        PoolIovaAllocator pool = new PoolIovaAllocator(fit);
        pool.addChunk(100, 200);
        return pool;
    }

    /// Gaps of 8 pages at 100 and of 2 at 109.
    private static PoolIovaAllocator withTwoGaps(PoolIovaAllocator.Fit fit) {
        PoolIovaAllocator pool = pool(fit);
        pool.allocate(8, LIMIT, false);
        pool.allocate(1, LIMIT, false);
        pool.allocate(2, LIMIT, false);
        pool.allocate(1, LIMIT, false);
        pool.free(100, 8);
        pool.free(109, 2);
        return pool;
    }

    @Test
    void shouldTakeTheFirstGap() {
        assertThat(withTwoGaps(PoolIovaAllocator.Fit.FIRST).allocate(2, LIMIT, false))
                .isEqualTo(100);
    }

    @Test
    void shouldTakeTheGapThatFitsBest() {
        assertThat(withTwoGaps(PoolIovaAllocator.Fit.BEST).allocate(2, LIMIT, false))
                .isEqualTo(109);
        assertThat(withTwoGaps(PoolIovaAllocator.Fit.BEST).allocate(3, LIMIT, false))
                .isEqualTo(100);
        assertThat(withTwoGaps(PoolIovaAllocator.Fit.BEST).allocate(9, LIMIT, false))
                .isEqualTo(112);
    }

    @Test
    void shouldCrossTheWordsOfItsBitmap() {
        PoolIovaAllocator pool = pool(PoolIovaAllocator.Fit.FIRST);
        assertThat(pool.allocate(60, LIMIT, false)).isEqualTo(100);
        assertThat(pool.allocate(130, LIMIT, false)).isEqualTo(160);
        assertThat(pool.allocate(11, LIMIT, false)).isEqualTo(NONE);
        assertThat(pool.allocate(10, LIMIT, false)).isEqualTo(290);
        pool.free(160, 130);
        assertThat(pool.allocate(130, LIMIT, false)).isEqualTo(160);
    }

    @Test
    void shouldGoOnInTheNextChunk() {
        PoolIovaAllocator pool = pool(PoolIovaAllocator.Fit.FIRST);
        pool.addChunk(1000, 64);
        assertThat(pool.allocate(200, LIMIT, false)).isEqualTo(100);
        assertThat(pool.allocate(64, 1062, false)).isEqualTo(NONE);
        assertThat(pool.allocate(63, 1062, false)).isEqualTo(1000);
        assertThatThrownBy(() -> pool.addChunk(299, 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldAlignToTheSize() {
        PoolIovaAllocator pool = pool(PoolIovaAllocator.Fit.FIRST);
        assertThat(pool.allocate(17, LIMIT, true)).isEqualTo(128);
        assertThat(pool.allocate(64, LIMIT, true)).isEqualTo(192);
    }

    @Test
    void shouldKeepReservedPageFramesOut() {
        PoolIovaAllocator pool = pool(PoolIovaAllocator.Fit.FIRST);
        pool.reserve(0, 170);
        pool.reserve(165, 171);
        assertThat(pool.allocate(1, LIMIT, false)).isEqualTo(172);
        assertThat(pool.allocate(129, LIMIT, false)).isEqualTo(NONE);
        assertThatThrownBy(() -> pool.reserve(171, 172)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> pool.free(171, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldRefuseToFreeWhatWasNotGivenOut() {
        PoolIovaAllocator pool = pool(PoolIovaAllocator.Fit.FIRST);
        long pfn = pool.allocate(2, LIMIT, false);
        assertThatThrownBy(() -> pool.free(pfn, 3)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> pool.free(5, 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
