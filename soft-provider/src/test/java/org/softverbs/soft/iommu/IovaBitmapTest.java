package org.softverbs.soft.iommu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.softverbs.soft.iommu.IovaAllocator.NONE;

import org.junit.jupiter.api.Test;

/// A bit for each page frame: the lowest gap wins.
class IovaBitmapTest {

    private static final long LIMIT = Long.MAX_VALUE;

    private final BitmapIovaAllocator bitmap = new BitmapIovaAllocator(1, 16);

    @Test
    void shouldTakeTheLowestPlaceThatFits() {
        assertThat(bitmap.allocate(1, LIMIT, false)).isEqualTo(1);
        assertThat(bitmap.allocate(3, LIMIT, false)).isEqualTo(2);
        assertThat(bitmap.allocate(1, LIMIT, false)).isEqualTo(5);
        bitmap.free(2, 3);
        assertThat(bitmap.allocate(4, LIMIT, false)).isEqualTo(6);
        assertThat(bitmap.allocate(2, LIMIT, false)).isEqualTo(2);
    }

    @Test
    void shouldAlignPageFramesAndNotBits() {
        assertThat(bitmap.allocate(4, LIMIT, true)).isEqualTo(4);
        assertThat(bitmap.allocate(3, LIMIT, true)).isEqualTo(8);
        assertThat(bitmap.allocate(2, LIMIT, true)).isEqualTo(2);
    }

    @Test
    void shouldStayBelowTheLimitAndTheEnd() {
        assertThat(bitmap.allocate(4, 3, false)).isEqualTo(NONE);
        assertThat(bitmap.allocate(4, 4, false)).isEqualTo(1);
        assertThat(bitmap.allocate(12, LIMIT, false)).isEqualTo(5);
        assertThat(bitmap.allocate(1, LIMIT, false)).isEqualTo(NONE);
        assertThat(bitmap.allocate(1, 0, false)).isEqualTo(NONE);
    }

    @Test
    void shouldKeepReservedPageFramesOut() {
        bitmap.reserve(0, 4);
        bitmap.reserve(3, 6);
        assertThat(bitmap.allocate(1, LIMIT, false)).isEqualTo(7);
        assertThatThrownBy(() -> bitmap.free(4, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> bitmap.reserve(6, 7)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldRefuseToFreeWhatWasNotGivenOut() {
        bitmap.allocate(2, LIMIT, false);
        assertThatThrownBy(() -> bitmap.free(1, 3)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> bitmap.free(17, 1)).isInstanceOf(IllegalArgumentException.class);
        bitmap.free(1, 2);
        assertThatThrownBy(() -> bitmap.free(1, 2)).isInstanceOf(IllegalArgumentException.class);
    }
}
