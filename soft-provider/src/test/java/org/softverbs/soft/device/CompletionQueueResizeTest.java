package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.verbs.CompletionChannel;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.WorkCompletion;

/// `ibv_resize_cq`.
class CompletionQueueResizeTest {

    private final InProcessPair pair = new InProcessPair(4096, Mtu.MTU_1024);
    private final CompletionChannel channel = pair.right.context.createCompletionChannel();
    private final CompletionQueue queue = pair.right.context.createCompletionQueue(4, channel);
    private final QueuePair sender = pair.left.newQueuePair();
    private final QueuePair receiver =
            pair.right.domain.createQueuePair(
                    new QueuePairOptions(
                            QueuePairType.RC,
                            pair.right.sends,
                            queue,
                            new QueuePairCapabilities(64, 64, 1, 1, 0),
                            false));
    private long nextSent;
    private long nextTaken;

    CompletionQueueResizeTest() {
        TestNode.connect(sender, pair.left.context, receiver, pair.right.context, Mtu.MTU_1024);
    }

    private void send(int count) {
        for (int i = 0; i < count; i++) {
            receiver.postReceive(
                    new ReceiveWorkRequest(nextSent++, pair.right.region.element(0, 64)));
            sender.postSend(
                    new SendWorkRequest.Send(1, List.of(pair.left.region.element(0, 8)), Set.of()));
            pair.settle();
        }
    }

    private void take(int count) {
        assertThat(queue.poll(count))
                .extracting(WorkCompletion::workRequestId)
                .containsExactlyElementsOf(
                        LongStream.range(nextTaken, nextTaken + count).boxed().toList());
        nextTaken += count;
    }

    private void expectRefusal(int entries, String why) {
        assertThatThrownBy(() -> queue.resize(entries))
                .isInstanceOfSatisfying(
                        VerbsException.class,
                        refused -> assertThat(refused.errno()).isEqualTo(Errno.EINVAL))
                .hasMessageContaining(why);
    }

    /// Wherever in the ring the oldest one is.
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    void shouldHoldMoreInOrderWhenItGrows(int takenBefore) {
        for (int i = 0; i < takenBefore; i++) {
            send(1);
            take(1);
        }
        send(4);
        queue.resize(11);
        assertThat(queue.entries()).isGreaterThanOrEqualTo(11);
        send(7);
        assertThat(receiver.state()).isEqualTo(QueuePairState.RTS);
        take(11);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void shouldHoldLessWhenItShrinks(int takenBefore) {
        for (int i = 0; i < takenBefore; i++) {
            send(1);
            take(1);
        }
        send(2);
        queue.resize(2);
        assertThat(queue.entries()).isEqualTo(2);
        take(2);
        send(2);
        take(2);
        send(3);
        assertThat(receiver.state()).isEqualTo(QueuePairState.ERR);
    }

    @Test
    void shouldNotShrinkBelowWhatIsInIt() {
        send(3);
        expectRefusal(1, "entries 1 is less than the 3 completions");
        // There would be room: it was not asked for.
        expectRefusal(2, "entries 2 is less than the 3 completions");
        assertThat(queue.entries()).isEqualTo(4);
        queue.resize(3);
        take(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE, (1 << 20) + 1, Integer.MAX_VALUE})
    void shouldRefuseASizeThatTheDeviceDoesNotHave(int entries) {
        expectRefusal(entries, "entries " + entries + " is not within 1 and 1048576");
    }

    @Test
    void shouldStayArmed() throws InterruptedException {
        queue.requestNotification(false);
        queue.resize(64);
        assertThat(channel.awaitEvent(Duration.ZERO)).isEmpty();
        send(1);
        assertThat(channel.awaitEvent(Duration.ZERO)).containsSame(queue);
        queue.acknowledgeEvents(1);
        queue.resize(1);
        send(1);
        assertThat(channel.awaitEvent(Duration.ZERO)).isEmpty();
    }

    @Test
    void shouldStayDeadOfAnOverrun() {
        send(5);
        queue.resize(64);
        send(1);
        take(4);
        assertThat(queue.poll(1)).isEmpty();
        assertThat(pair.right.context.counters().get("completions_lost")).isEqualTo(2);
    }

    @Test
    void shouldNotBeResizedWhenItIsClosed() {
        receiver.close();
        queue.close();
        assertThatThrownBy(() -> queue.resize(8)).isInstanceOf(IllegalStateException.class);
    }
}
