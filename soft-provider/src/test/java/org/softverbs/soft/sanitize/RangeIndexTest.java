package org.softverbs.soft.sanitize;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// Addresses are unsigned: ranges at both ends of them, and in the middle, where the sign changes.
class RangeIndexTest {

    private static final long MIDDLE = 1L << 63;

    private final RangeIndex<String> index = new RangeIndex<>();

    @Test
    void shouldFindWhatBeginsAtTheMiddleOfAllAddresses() {
        index.add(MIDDLE, 64, "at");
        assertThat(index.overlapping(MIDDLE, 1)).containsExactly("at");
        assertThat(index.overlapping(MIDDLE + 63, 1)).containsExactly("at");
        assertThat(index.overlapping(MIDDLE + 64, 1)).isEmpty();
        assertThat(index.overlapping(MIDDLE - 1, 1)).isEmpty();
    }

    @Test
    void shouldFindWhatLiesAcrossTheMiddle() {
        index.add(MIDDLE - 32, 64, "across");
        assertThat(index.overlapping(MIDDLE - 1, 1)).containsExactly("across");
        assertThat(index.overlapping(MIDDLE, 1)).containsExactly("across");
        assertThat(index.overlapping(MIDDLE - 4096, 8192)).containsExactly("across");
        assertThat(index.overlapping(MIDDLE + 32, 64)).isEmpty();
    }

    @Test
    void shouldFindWhatLiesAtTheFirstAndTheLastAddress() {
        index.add(0, 64, "first");
        index.add(-64, 64, "last");
        assertThat(index.overlapping(0, 1)).containsExactly("first");
        assertThat(index.overlapping(-1, 1)).containsExactly("last");
        assertThat(index.overlapping(64, 4096)).isEmpty();
        assertThat(index.overlapping(-4096, 4096 - 64)).isEmpty();
    }

    /// A range that goes on behind the last address ends there.
    @Test
    void shouldNotFindAtTheFirstAddressWhatGoesBeyondTheLast() {
        index.add(0, 64, "first");
        assertThat(index.overlapping(-32, 4096)).isEmpty();
        index.add(-64, 64, "last");
        assertThat(index.overlapping(-32, 4096)).containsExactly("last");
    }

    @Test
    void shouldFindARangeOfMoreThanHalfOfAllAddresses() {
        index.add(1, -2, "nearly all");
        assertThat(index.overlapping(MIDDLE, 1)).containsExactly("nearly all");
        assertThat(index.overlapping(0, 1)).isEmpty();
        index.remove(1, -2, "nearly all");
        assertThat(index.overlapping(MIDDLE, 1)).isEmpty();
    }

    @Test
    void shouldFindNothingInNoByte() {
        index.add(0, 64, "first");
        assertThat(index.overlapping(0, 0)).isEmpty();
        assertThat(index.overlapping(32, 0)).isEmpty();
    }
}
