package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.softverbs.verbs.CompletionChannel;
import org.softverbs.verbs.CompletionModeration;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.VerbsException;

/// `ibv_modify_cq`: one event for several completions.
class CompletionModerationTest {

    private static final Duration PERIOD = Duration.ofNanos(500_000);

    private final InProcessPair pair = new InProcessPair(4096, Mtu.MTU_1024);
    private final CompletionChannel channel = pair.left.context.createCompletionChannel();
    private final CompletionQueue queue = pair.left.context.createCompletionQueue(16, channel);
    private final QueuePair sender =
            pair.left.domain.createQueuePair(
                    QueuePairOptions.reliableConnection(
                            queue, new QueuePairCapabilities(64, 64, 1, 1, 0)));

    CompletionModerationTest() {
        TestNode.connect(
                sender,
                pair.left.context,
                pair.right.newQueuePair(),
                pair.right.context,
                Mtu.MTU_1024);
    }

    private void complete(int count) {
        for (int i = 0; i < count; i++) {
            sender.postSend(
                    new SendWorkRequest.RdmaWrite(
                            i,
                            List.of(pair.left.region.element(0, 8)),
                            pair.right.region.address(),
                            pair.right.region.remoteKey(),
                            Set.of(SendFlag.SIGNALED)));
            pair.settle();
        }
    }

    private void expectEvents(int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            assertThat(channel.awaitEvent(Duration.ZERO)).containsSame(queue);
        }
        assertThat(channel.awaitEvent(Duration.ZERO)).isEmpty();
        queue.acknowledgeEvents(count);
    }

    @Test
    void shouldTellOfSoManyCompletionsAtOnce() throws InterruptedException {
        queue.moderate(new CompletionModeration(4, PERIOD));
        queue.requestNotification(false);
        complete(3);
        expectEvents(0);
        complete(1);
        expectEvents(1);
        // One event for one arming: the time that is up meanwhile brings none.
        complete(2);
        pair.advance(PERIOD.multipliedBy(2));
        expectEvents(0);
        queue.requestNotification(false);
        complete(3);
        expectEvents(0);
        complete(1);
        expectEvents(1);
    }

    @Test
    void shouldTellOfFewerWhenTheTimeIsUp() throws InterruptedException {
        queue.moderate(new CompletionModeration(100, PERIOD));
        queue.requestNotification(false);
        pair.advance(PERIOD.multipliedBy(3));
        complete(1);
        pair.advance(PERIOD.minusNanos(1));
        complete(1);
        expectEvents(0);
        pair.advance(Duration.ofNanos(1));
        expectEvents(1);
        queue.requestNotification(false);
        complete(1);
        expectEvents(0);
        pair.advance(PERIOD);
        expectEvents(1);
    }

    @Test
    void shouldSayWhenTheTimeIsUp() {
        queue.moderate(new CompletionModeration(100, Duration.ofNanos(7000)));
        queue.requestNotification(false);
        complete(1);
        assertThat(pair.owner.nextDeadline()).isEqualTo(pair.clock.nanoTime() + 7000);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "5, 0", "0, 5", "1, 5"})
    void shouldTellAtOnceWhenItIsOff(int count, int micros) throws InterruptedException {
        queue.moderate(new CompletionModeration(count, Duration.of(micros, ChronoUnit.MICROS)));
        queue.requestNotification(false);
        complete(1);
        expectEvents(1);
    }

    @Test
    void shouldLetGoWhatIsHeldBackWhenItIsSwitchedOff() throws InterruptedException {
        queue.moderate(new CompletionModeration(9, PERIOD));
        queue.requestNotification(false);
        complete(2);
        queue.moderate(new CompletionModeration(3, PERIOD));
        expectEvents(0);
        queue.moderate(CompletionModeration.OFF);
        expectEvents(1);
    }

    @Test
    void shouldNotHoldBackAnOverrun() throws InterruptedException {
        queue.moderate(new CompletionModeration(1000, PERIOD));
        complete(16);
        queue.requestNotification(false);
        complete(1);
        expectEvents(1);
    }

    /// The event of a queue that was closed is nobody's.
    @Test
    void shouldForgetWhatItHoldsBackWhenItIsClosed() throws InterruptedException {
        queue.moderate(new CompletionModeration(9, PERIOD));
        queue.requestNotification(false);
        complete(1);
        sender.close();
        queue.close();
        pair.advance(PERIOD);
        assertThat(channel.awaitEvent(Duration.ZERO)).isEmpty();
        channel.close();
    }

    @ParameterizedTest
    @CsvSource({"-1, 0", "65536, 1", "1, -1", "1, 65536", "1, 9223372036854775"})
    void shouldRefuseWhatTheDeviceCannotCount(int count, long micros) {
        assertThatThrownBy(
                        () ->
                                queue.moderate(
                                        new CompletionModeration(
                                                count, Duration.of(micros, ChronoUnit.MICROS))))
                .isInstanceOfSatisfying(
                        VerbsException.class,
                        refused -> assertThat(refused.errno()).isEqualTo(Errno.EINVAL))
                .hasMessageContaining("is not within 0 and 65535");
    }
}
