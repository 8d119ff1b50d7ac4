package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.verbs.AsyncEvent;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.CompletionChannel;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.WorkCompletion;

/// C3, C4 and the conformance rows RUT-CCH and RUT-CQ: overrun, notification, accounting.
class CompletionQueueTest {

    private final InProcessPair pair = new InProcessPair(4096, Mtu.MTU_1024);
    private final DeviceContext context = pair.right.context;
    private final CompletionChannel channel = context.createCompletionChannel();

    /// Another queue pair from left to right, with queues of its own on the right.
    private final class Connection {
        final CompletionQueue receives;
        final QueuePair left;
        final QueuePair right;

        Connection(CompletionQueue receives) {
            this.receives = receives;
            left = pair.left.newQueuePair();
            right =
                    pair.right.domain.createQueuePair(
                            new QueuePairOptions(
                                    QueuePairType.RC,
                                    pair.right.sends,
                                    receives,
                                    new QueuePairCapabilities(64, 64, 1, 1, 0),
                                    false));
            TestNode.connect(left, pair.left.context, right, context, Mtu.MTU_1024);
        }

        void send(long id, Set<SendFlag> flags) {
            right.postReceive(new ReceiveWorkRequest(id, pair.right.region.element(0, 64)));
            left.postSend(
                    new SendWorkRequest.Send(id, List.of(pair.left.region.element(0, 8)), flags));
            pair.settle();
        }

        void send(long id) {
            send(id, Set.of());
        }

        void sendSolicited(long id) {
            send(id, EnumSet.of(SendFlag.SOLICITED));
        }
    }

    private Optional<CompletionQueue> event() {
        try {
            return channel.awaitEvent(Duration.ZERO);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void expectEvent(CompletionQueue queue) {
        assertThat(event()).containsSame(queue);
        queue.acknowledgeEvents(1);
    }

    private void expectNoEvent() {
        assertThat(event()).isEmpty();
    }

    private static List<AsyncEvent> events(DeviceContext device) {
        try {
            List<AsyncEvent> all = new ArrayList<>();
            Optional<AsyncEvent> next = device.awaitAsyncEvent(Duration.ZERO);
            while (next.isPresent()) {
                all.add(next.get());
                next = device.awaitAsyncEvent(Duration.ZERO);
            }
            return all;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /// C3: one event, all queue pairs of the queue in ERR, the loss counted, nothing overwritten,
    /// other queues untouched.
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 8, 31, 32})
    void shouldFailOnceWhenItOverruns(int entries) {
        CompletionQueue queue = context.createCompletionQueue(entries);
        Connection first = new Connection(queue);
        Connection second = new Connection(queue);
        Connection other = new Connection(context.createCompletionQueue(16));
        int held = queue.entries();
        assertThat(held).isGreaterThanOrEqualTo(entries);
        for (int i = 0; i < held; i++) {
            (i % 2 == 0 ? first : second).send(i);
        }
        assertThat(events(context)).isEmpty();
        first.send(held);
        pair.settle();
        List<AsyncEvent> events = events(context);
        assertThat(events).extracting(AsyncEvent::type).containsExactly(AsyncEventType.CQ_ERR);
        assertThat(first.right.state()).isEqualTo(QueuePairState.ERR);
        assertThat(second.right.state()).isEqualTo(QueuePairState.ERR);
        assertThat(other.right.state()).isEqualTo(QueuePairState.RTS);
        assertThat(context.counters().get("completions_lost")).isEqualTo(1);
        assertThat(queue.poll(1000))
                .extracting(WorkCompletion::workRequestId)
                .containsExactlyElementsOf(ids(held));
        assertThat(queue.poll(1)).isEmpty();
        other.send(1);
        assertThat(other.receives.poll(10)).hasSize(1);
        // More flushed work for the dead queue: counted, and no second event.
        first.right.postReceive(new ReceiveWorkRequest(9, pair.right.region.element(0, 8)));
        pair.settle();
        assertThat(events(context)).isEmpty();
        assertThat(context.counters().get("completions_lost")).isEqualTo(2);
        assertThat(queue.poll(1)).isEmpty();
    }

    private static List<Long> ids(int count) {
        List<Long> ids = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            ids.add(i);
        }
        return ids;
    }

    /// A waiter learns of an overrun, too: the queue gets nothing more that could wake it.
    @Test
    void shouldWakeTheWaiterWhenItOverruns() {
        CompletionQueue queue = context.createCompletionQueue(1, channel);
        Connection connection = new Connection(queue);
        connection.send(1);
        queue.requestNotification(false);
        connection.send(2);
        expectEvent(queue);
        expectNoEvent();
    }

    @Test
    void shouldNotifyOnceForEachArming() {
        CompletionQueue queue = context.createCompletionQueue(64, channel);
        Connection connection = new Connection(queue);
        connection.send(1);
        expectNoEvent();
        queue.requestNotification(false);
        expectNoEvent();
        for (int i = 2; i < 10; i++) {
            connection.send(i);
        }
        expectEvent(queue);
        expectNoEvent();
        queue.requestNotification(false);
        connection.send(10);
        expectEvent(queue);
        assertThat(queue.poll(64)).hasSize(10);
        queue.requestNotification(false);
        expectNoEvent();
    }

    @Test
    void shouldNotifyForSolicitedCompletionsAndErrorsOnlyWhenAskedSo() {
        CompletionQueue queue = context.createCompletionQueue(64, channel);
        Connection connection = new Connection(queue);
        queue.requestNotification(true);
        connection.send(1);
        expectNoEvent();
        connection.sendSolicited(2);
        expectEvent(queue);
        queue.requestNotification(true);
        connection.right.postReceive(new ReceiveWorkRequest(3, pair.right.region.element(0, 8)));
        connection.right.modify(QueuePairAttributes.to(QueuePairState.ERR));
        expectEvent(queue);
        expectNoEvent();
    }

    /// RUT-CCH-017, and that the weaker request does not take the stronger back.
    @Test
    void shouldKeepTheStrongerOfTwoRequests() {
        CompletionQueue queue = context.createCompletionQueue(64, channel);
        Connection connection = new Connection(queue);
        queue.requestNotification(true);
        queue.requestNotification(false);
        connection.send(1);
        expectEvent(queue);
        queue.requestNotification(false);
        queue.requestNotification(true);
        connection.send(2);
        expectEvent(queue);
        expectNoEvent();
    }

    /// RUT-CCH-014.
    @Test
    void shouldDeliverTheEventsOfManyQueues() {
        List<CompletionQueue> queues = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            CompletionQueue queue = context.createCompletionQueue(8, channel);
            queue.requestNotification(false);
            new Connection(queue).send(i);
            queues.add(queue);
        }
        for (CompletionQueue queue : queues) {
            expectEvent(queue);
        }
        expectNoEvent();
    }

    /// RUT-CCH-012.
    @Test
    void shouldNotCloseWithEventsThatAreNotAcknowledged() {
        CompletionQueue queue = context.createCompletionQueue(8, channel);
        Connection connection = new Connection(queue);
        queue.requestNotification(false);
        connection.send(1);
        assertThat(event()).isPresent();
        connection.right.close();
        assertThatThrownBy(queue::close)
                .isInstanceOfSatisfying(
                        VerbsException.class,
                        busy -> assertThat(busy.errno()).isEqualTo(Errno.EBUSY))
                .hasMessageContaining("1 events are not acknowledged");
        queue.acknowledgeEvents(1);
        queue.close();
        channel.close();
    }

    /// A20: neither too many nor a negative number, which must not change the account.
    @Test
    void shouldRefuseToAcknowledgeWhatWasNotTaken() {
        CompletionQueue queue = context.createCompletionQueue(8, channel);
        for (int count : new int[] {1, 100, -1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            assertThatThrownBy(() -> queue.acknowledgeEvents(count))
                    .isInstanceOf(VerbsException.class)
                    .hasMessageContaining("count " + count);
        }
        queue.acknowledgeEvents(0);
        queue.close();
    }

    /// An event that nobody took does not keep the queue, and does not outlive it.
    @Test
    void shouldForgetEventsThatWereNotTaken() {
        CompletionQueue queue = context.createCompletionQueue(8, channel);
        Connection connection = new Connection(queue);
        queue.requestNotification(false);
        connection.send(1);
        connection.right.close();
        queue.close();
        expectNoEvent();
    }

    /// RUT-CCH-002.
    @Test
    void shouldNotCloseAChannelWithQueues() {
        CompletionQueue queue = context.createCompletionQueue(8, channel);
        assertThatThrownBy(channel::close)
                .isInstanceOf(VerbsException.class)
                .hasMessageContaining("completion queue");
        queue.close();
        channel.close();
    }

    @Test
    void shouldRefuseNotificationWithoutAChannel() {
        assertThatThrownBy(() -> pair.right.receives.requestNotification(false))
                .isInstanceOf(VerbsException.class)
                .hasMessageContaining("without a channel");
    }

    @Test
    void shouldWaitForEverWhenTheTimeoutIsLongerThanAnyClock() throws InterruptedException {
        CompletionQueue queue = context.createCompletionQueue(8, channel);
        Connection connection = new Connection(queue);
        queue.requestNotification(false);
        connection.send(1);
        assertThat(channel.awaitEvent(Duration.ofSeconds(Long.MAX_VALUE))).isPresent();
        queue.acknowledgeEvents(1);
        connection.right.postReceive(new ReceiveWorkRequest(3, pair.right.region.element(0, 8)));
        connection.left.postSend(
                new SendWorkRequest.RdmaWrite(
                        1, List.of(pair.left.region.element(0, 8)), 0, 0xbad, Set.of()));
        pair.settle();
        assertThat(context.awaitAsyncEvent(Duration.ofSeconds(Long.MAX_VALUE))).isPresent();
    }
}
