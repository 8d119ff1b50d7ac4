package org.softverbs.ulp.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SideChannelTest {

    private static final int LENGTH = 1000;
    private static final Duration PATIENCE = Duration.ofMillis(300);

    private final SideListener listener = new SideListener(0);
    private final SideChannel sender = SideChannel.connect("127.0.0.1", listener.port());
    private final SideChannel channel = listener.accept().orElseThrow();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();

    @AfterEach
    void close() {
        clock.shutdownNow();
        channel.close();
        sender.close();
        listener.close();
    }

    /// A byte each 20 ms: no read waits for long, all of them for 20 seconds.
    private void trickle() {
        clock.scheduleAtFixedRate(() -> sender.send(new byte[1]), 0, 20, TimeUnit.MILLISECONDS);
    }

    @Test
    void shouldBoundTheWaitForAWholeMessageHoweverSlowlyItsBytesCome() {
        trickle();
        channel.readTimeout(PATIENCE);
        long start = System.nanoTime();
        assertThatThrownBy(() -> channel.receive(LENGTH, "offer"))
                .isInstanceOf(ToolException.class)
                .hasMessageContaining("did not send its offer in time");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void shouldBoundTheWaitForAPeersEndHoweverMuchItStillSends() {
        trickle();
        channel.readTimeout(PATIENCE);
        assertThat(channel.awaitClosed()).isFalse();
    }

    @Test
    void shouldTakeAMessageThatComesInPieces() {
        channel.readTimeout(Duration.ofSeconds(30));
        clock.execute(
                () -> {
                    sender.send(new byte[] {1, 2});
                    sender.send(new byte[] {3});
                });
        assertThat(channel.receive(3, "offer")).containsExactly(1, 2, 3);
        sender.endOutput();
        assertThatThrownBy(() -> channel.receive(1, "offer"))
                .isInstanceOf(ToolException.class)
                .hasMessageContaining("before it sent its offer");
        assertThat(channel.awaitClosed()).isTrue();
    }
}
