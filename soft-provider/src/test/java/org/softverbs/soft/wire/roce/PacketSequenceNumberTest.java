package org.softverbs.soft.wire.roce;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PacketSequenceNumberTest {

    private static final int COUNT = 1 << 24;
    private static final int HALF = 1 << 23;
    private static final int[] OFFSETS = {
        0,
        1,
        2,
        3,
        127,
        128,
        129,
        255,
        65535,
        65536,
        HALF - 2,
        HALF - 1,
        HALF,
        HALF + 1,
        HALF + 2,
        COUNT - 65536,
        COUNT - 129,
        COUNT - 128,
        COUNT - 3,
        COUNT - 2,
        COUNT - 1
    };

    /** T7: every base against every edge offset. */
    @Test
    void shouldCompareEveryNumberWithEveryEdgeOffset() {
        long wrong = 0;
        for (int offset : OFFSETS) {
            int signed = offset < HALF ? offset : offset - COUNT;
            for (int base = 0; base < COUNT; base++) {
                int other = PacketSequenceNumber.add(base, offset);
                boolean right =
                        other == (base + offset) % COUNT
                                && PacketSequenceNumber.difference(other, base) == signed
                                && PacketSequenceNumber.isBefore(other, base) == signed < 0
                                && PacketSequenceNumber.isAfter(other, base) == signed > 0
                                && PacketSequenceNumber.distance(base, other) == offset;
                wrong += right ? 0 : 1;
            }
        }
        assertThat(wrong).isZero();
    }

    @Test
    void shouldStepThroughTheWrap() {
        assertThat(PacketSequenceNumber.next(0xff_ffff)).isZero();
        assertThat(PacketSequenceNumber.previous(0)).isEqualTo(0xff_ffff);
        assertThat(PacketSequenceNumber.add(3, -4)).isEqualTo(0xff_ffff);
        assertThat(PacketSequenceNumber.add(0xff_fffe, 0x100_0003)).isEqualTo(1);
    }

    @Test
    void shouldFindNumbersWithinARange() {
        assertThat(PacketSequenceNumber.isWithin(0, 0xff_fffe, 3)).isTrue();
        assertThat(PacketSequenceNumber.isWithin(1, 0xff_fffe, 3)).isFalse();
        assertThat(PacketSequenceNumber.isWithin(0xff_fffd, 0xff_fffe, 3)).isFalse();
        assertThat(PacketSequenceNumber.isWithin(7, 7, 0)).isFalse();
    }

    @Test
    void shouldBeBehindInBothDirectionsAtHalfTheRange() {
        assertThat(PacketSequenceNumber.isBefore(0, HALF)).isTrue();
        assertThat(PacketSequenceNumber.isBefore(HALF, 0)).isTrue();
    }
}
