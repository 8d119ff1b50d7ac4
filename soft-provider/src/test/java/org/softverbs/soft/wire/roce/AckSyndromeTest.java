package org.softverbs.soft.wire.roce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class AckSyndromeTest {

    @Test
    void shouldPutEveryByteInExactlyOneClass() {
        for (int syndrome = 0; syndrome < 256; syndrome++) {
            int classes =
                    (AckSyndrome.isAck(syndrome) ? 1 : 0)
                            + (AckSyndrome.isRnrNak(syndrome) ? 1 : 0)
                            + (AckSyndrome.isNak(syndrome) ? 1 : 0)
                            + (AckSyndrome.isReserved(syndrome) ? 1 : 0);
            assertThat(classes).as("syndrome %s", syndrome).isOne();
            assertThat(AckSyndrome.describe(syndrome)).isNotEmpty();
        }
        assertThat(AckSyndrome.isReserved(0x65)).isTrue();
        assertThat(AckSyndrome.isReserved(0x40)).isTrue();
        assertThat(AckSyndrome.isReserved(0x80)).isTrue();
    }

    @Test
    void shouldCarryCreditsAndTimerCodes() {
        assertThat(AckSyndrome.ack(31)).isEqualTo(AckSyndrome.ACK_UNLIMITED);
        assertThat(AckSyndrome.credits(0x07)).isEqualTo(7);
        assertThat(AckSyndrome.rnrNak(12)).isEqualTo(0x2c);
        assertThat(AckSyndrome.rnrTimer(0x2c)).isEqualTo(12);
        assertThat(AckSyndrome.describe(0x62)).isEqualTo("NAK remote access error");
    }

    @Test
    void shouldGiveTheWaitsOfTheSpecification() {
        assertThat(RnrTimer.nanos(0)).isEqualTo(655_360_000);
        assertThat(RnrTimer.nanos(1)).isEqualTo(10_000);
        assertThat(RnrTimer.nanos(12)).isEqualTo(640_000);
        assertThat(RnrTimer.nanos(25)).isEqualTo(61_440_000);
        assertThat(RnrTimer.nanos(31)).isEqualTo(491_520_000);
    }

    @Test
    void shouldChooseTheShortestWaitThatIsLongEnough() {
        assertThat(RnrTimer.codeFor(0)).isEqualTo(1);
        assertThat(RnrTimer.codeFor(491_520_001)).isZero();
        assertThat(RnrTimer.codeFor(Long.MAX_VALUE)).isZero();
        for (int code = 1; code < RnrTimer.CODES; code++) {
            assertThat(RnrTimer.codeFor(RnrTimer.nanos(code))).isEqualTo(code);
            assertThat(RnrTimer.codeFor(RnrTimer.nanos(code) - 1)).isEqualTo(code);
            assertThat(RnrTimer.codeFor(RnrTimer.nanos(code) + 1)).isEqualTo((code + 1) % 32);
        }
        assertThatThrownBy(() -> RnrTimer.codeFor(-1)).isInstanceOf(IllegalArgumentException.class);
    }
}
