package org.softverbs.soft.roce;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CongestionWindowTest {

    private final CongestionWindow window = new CongestionWindow();

    @Test
    void shouldStartAtTheWindowOfRxeAndNeverExceedIt() {
        window.onAcknowledged(10_000);
        assertThat(window.size()).isEqualTo(CongestionWindow.LARGEST);
    }

    @Test
    void shouldHalveAtALossAndGrowByOneForEachWindow() {
        window.onLoss();
        assertThat(window.size()).isEqualTo(64);
        window.onAcknowledged(63);
        assertThat(window.size()).isEqualTo(64);
        window.onAcknowledged(1);
        assertThat(window.size()).isEqualTo(65);
    }

    @Test
    void shouldStartSmallAfterATimeoutAndGrowFastToHalf() {
        window.onTimeout();
        assertThat(window.size()).isEqualTo(CongestionWindow.SMALLEST);
        window.onAcknowledged(16);
        assertThat(window.size()).isEqualTo(32);
        window.onAcknowledged(32);
        assertThat(window.size()).isEqualTo(64);
        window.onAcknowledged(10);
        assertThat(window.size()).isEqualTo(64);
    }

    @Test
    void shouldNeverFallBelowTheSmallest() {
        for (int i = 0; i < 20; i++) {
            window.onLoss();
        }
        assertThat(window.size()).isEqualTo(CongestionWindow.SMALLEST);
    }
}
