package org.softverbs.soft.iommu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.softverbs.soft.iommu.IovaAllocator.NONE;

import org.junit.jupiter.api.Test;

/// Every range lies where Linux 6.1 would have put it.
class IovaTreeTest {

    private static final long PAGE = 4096;
    private static final long LOW = 0xfffff;
    private static final long HIGH = (1L << 36) - 1;

    private final TreeIovaAllocator tree = new TreeIovaAllocator(PAGE, 1);

    private long allocate(long pages) {
        return tree.allocate(pages, LOW, true);
    }

    @Test
    void shouldGrowDownFromTheLimitWithNaturalAlignment() {
        assertThat(allocate(1) * PAGE).isEqualTo(0xfffff000L);
        assertThat(allocate(1) * PAGE).isEqualTo(0xffffe000L);
        assertThat(allocate(3) * PAGE).isEqualTo(0xffff8000L);
        assertThat(allocate(33) * PAGE).isEqualTo(0xfffc0000L);
    }

    @Test
    void shouldLookBelowTheCachedNodeThoughThereIsRoomAbove() {
        allocate(1);
        allocate(1);
        allocate(4);
        allocate(33);
        assertThat(allocate(2) * PAGE).isEqualTo(0xfffbe000L);
    }

    @Test
    void shouldPackRangesThatNeedNoAlignment() {
        assertThat(tree.allocate(3, LOW, false)).isEqualTo(0xffffdL);
        assertThat(tree.allocate(3, LOW, false)).isEqualTo(0xffffaL);
    }

    @Test
    void shouldBeginAboveARangeThatWasFreed() {
        allocate(1);
        long second = allocate(1);
        allocate(1);
        tree.free(second, 1);
        assertThat(allocate(1)).isEqualTo(second);
        assertThat(allocate(1)).isEqualTo(0xffffcL);
    }

    @Test
    void shouldFindWhatWasFreedWhenEverythingWasFull() {
        TreeIovaAllocator small = new TreeIovaAllocator(PAGE, 1);
        assertThat(small.allocate(2, 9, true)).isEqualTo(8);
        assertThat(small.allocate(4, 9, true)).isEqualTo(4);
        assertThat(small.allocate(2, 9, true)).isEqualTo(2);
        assertThat(small.allocate(1, 9, true)).isEqualTo(1);
        assertThat(small.allocate(1, 9, true)).isEqualTo(NONE);
        small.free(8, 2);
        small.free(2, 2);
        assertThat(small.allocate(2, 9, true)).isEqualTo(8);
        assertThat(small.allocate(2, 9, true)).isEqualTo(2);
    }

    @Test
    void shouldRetryOnceFromTheTopWhenNothingIsLeftBelow() {
        TreeIovaAllocator small = new TreeIovaAllocator(PAGE, 0x20);
        assertThat(small.allocate(1, 0x3f, true)).isEqualTo(0x3f);
        assertThat(small.allocate(16, 0x3f, true)).isEqualTo(0x20);
        assertThat(small.allocate(1, 0x3f, true)).isEqualTo(0x3e);
        assertThat(small.allocate(8, 0x3f, true)).isEqualTo(0x30);
        assertThat(small.allocate(4, 0x3f, true)).isEqualTo(0x38);
        assertThat(small.allocate(2, 0x3f, true)).isEqualTo(0x3c);
        assertThat(small.allocate(1, 0x3f, true)).isEqualTo(NONE);
    }

    @Test
    void shouldFailFastBelow4GibUntilSomethingThereIsFreed() {
        TreeIovaAllocator small = new TreeIovaAllocator(PAGE, 0xffffc);
        assertThat(small.allocate(2, LOW, true)).isEqualTo(0xffffeL);
        assertThat(small.allocate(4, LOW, true)).isEqualTo(NONE);
        long searches = small.statistics().slowSearches();
        assertThat(small.allocate(4, LOW, true)).isEqualTo(NONE);
        assertThat(small.allocate(8, LOW, true)).isEqualTo(NONE);
        assertThat(small.statistics().slowSearches()).isEqualTo(searches);
        small.free(0xffffeL, 2);
        assertThat(small.allocate(4, LOW, true)).isEqualTo(0xffffcL);
    }

    @Test
    void shouldKeepTheCachedNodesBelowAndAbove4GibApart() {
        assertThat(tree.allocate(1, HIGH, true)).isEqualTo(HIGH);
        assertThat(tree.allocate(1, LOW, true)).isEqualTo(LOW);
        assertThat(tree.allocate(1, HIGH, true)).isEqualTo(HIGH - 1);
        assertThat(tree.allocate(1, LOW, true)).isEqualTo(LOW - 1);
    }

    @Test
    void shouldKeepReservedPageFramesOut() {
        tree.reserve(0xffff0L, 0xffffeL);
        tree.reserve(0xfffe8L, 0xffff3L);
        assertThat(allocate(1)).isEqualTo(0xfffffL);
        assertThat(allocate(1)).isEqualTo(0xfffe7L);
        assertThatThrownBy(() -> tree.free(0xffff0L, 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(tree.statistics().liveRanges()).isEqualTo(4);
    }

    @Test
    void shouldFillTheGapsBetweenReservedRanges() {
        tree.reserve(0xffff4L, 0xffff5L);
        tree.reserve(0xffff8L, 0xffff9L);
        tree.reserve(0xffff0L, 0xfffffL);
        assertThat(allocate(1)).isEqualTo(0xfffefL);
        assertThat(tree.statistics().bookkeepingBytes()).isEqualTo(6 * 64);
    }

    @Test
    void shouldRefuseToReserveWhatIsInUse() {
        long pfn = allocate(4);
        assertThatThrownBy(() -> tree.reserve(pfn + 3, pfn + 8))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("in use");
    }

    @Test
    void shouldRefuseToFreeWhatWasNotGivenOut() {
        long pfn = allocate(4);
        assertThatThrownBy(() -> tree.free(pfn + 1, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0xffffd");
        tree.free(pfn, 4);
        assertThatThrownBy(() -> tree.free(pfn, 4)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldNeverGiveOutWhatIsBelowTheStart() {
        TreeIovaAllocator small = new TreeIovaAllocator(PAGE, 1);
        assertThat(small.allocate(1, 1, true)).isEqualTo(1);
        assertThat(small.allocate(1, 1, true)).isEqualTo(NONE);
        assertThat(small.allocate(3, 1, true)).isEqualTo(NONE);
    }
}
