package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.AsyncEvent;
import org.softverbs.verbs.AsyncEventSource;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.MemoryRegion;
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
import org.softverbs.verbs.SharedReceiveQueue;
import org.softverbs.verbs.SharedReceiveQueueOptions;
import org.softverbs.verbs.VerbsException;

/// Each asynchronous event comes from the thing that causes it, and keeps what it names open until
/// it is acknowledged. Those of the port and the device are in [SoftPortTest].
class AsyncEventTest {

    private static final Set<SendFlag> SIGNALED = Set.of(SendFlag.SIGNALED);

    private final InProcessPair pair = new InProcessPair(4096, Mtu.MTU_1024);

    private static Optional<AsyncEvent> event(TestNode node) {
        try {
            return node.context.awaitAsyncEvent(Duration.ZERO);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static AsyncEvent expect(TestNode node, AsyncEventType type, int element) {
        AsyncEvent event = event(node).orElseThrow();
        assertThat(event.type()).isEqualTo(type);
        assertThat(event.element()).isEqualTo(element);
        assertThat(event(node)).isEmpty();
        return event;
    }

    private void write(int key) {
        pair.left.queuePair.postSend(
                new SendWorkRequest.RdmaWrite(
                        1,
                        List.of(pair.left.region.element(0, 8)),
                        pair.right.region.address(),
                        key,
                        SIGNALED));
        pair.settle();
    }

    private void send(int length) {
        pair.left.queuePair.postSend(
                new SendWorkRequest.Send(
                        1, List.of(pair.left.region.element(0, length)), SIGNALED));
        pair.settle();
    }

    private int right() {
        return pair.right.queuePair.number();
    }

    private static void expectBusy(Runnable close) {
        assertThatThrownBy(close::run)
                .isInstanceOfSatisfying(
                        VerbsException.class,
                        busy -> assertThat(busy.errno()).isEqualTo(Errno.EBUSY))
                .hasMessageContaining("1 asynchronous events are not acknowledged");
    }

    @Test
    void shouldTellOfAnAccessThatIsNotAllowed() {
        write(0xbad);
        expect(pair.right, AsyncEventType.QP_ACCESS_ERR, right());
        assertThat(event(pair.left)).isEmpty();
    }

    @Test
    void shouldTellOfARequestThatIsNotAllowed() {
        pair.right.queuePair.postReceive(
                new ReceiveWorkRequest(1, pair.right.region.element(0, 8)));
        send(9);
        expect(pair.right, AsyncEventType.QP_REQ_ERR, right());
    }

    /// The memory of a receive is gone when its message comes.
    @Test
    void shouldTellOfAFailureOfItsOwn() {
        Arena arena = Arena.ofShared();
        MemoryRegion doomed =
                pair.right.domain.registerMemory(arena.allocate(64), TestNode.ALL_ACCESS);
        pair.right.queuePair.postReceive(new ReceiveWorkRequest(1, doomed.element(0, 64)));
        arena.close();
        send(8);
        expect(pair.right, AsyncEventType.QP_FATAL, right());
    }

    @Test
    void shouldTellOfTheFirstPacketBeforeItIsReadyToSend() {
        pair.reconnect();
        QueuePair waiting = pair.right.queuePair;
        waiting.modify(QueuePairAttributes.to(QueuePairState.RESET));
        waiting.modify(QueuePairAttributes.toInit(TestNode.ALL_ACCESS));
        waiting.modify(
                QueuePairAttributes.toReadyToReceive(
                        new AddressVector(pair.left.context.gidTable(1).getFirst().gid(), 0),
                        pair.left.queuePair.number(),
                        0xff_fff0,
                        Mtu.MTU_1024));
        write(pair.right.region.remoteKey());
        expect(pair.right, AsyncEventType.COMM_EST, right());
    }

    @Test
    void shouldTellThatItIsDrained() {
        pair.left.queuePair.modify(
                QueuePairAttributes.builder()
                        .state(QueuePairState.SQD)
                        .notifyWhenDrained(true)
                        .build());
        pair.settle();
        expect(pair.left, AsyncEventType.SQ_DRAINED, pair.left.queuePair.number());
    }

    private SharedReceiveQueue sharedQueue() {
        return pair.right.domain.createSharedReceiveQueue(new SharedReceiveQueueOptions(8, 1, 0));
    }

    private QueuePair sharing(SharedReceiveQueue shared) {
        QueuePair sharing =
                pair.right.domain.createQueuePair(
                        new QueuePairOptions(
                                        QueuePairType.RC,
                                        pair.right.sends,
                                        pair.right.receives,
                                        QueuePairCapabilities.small(),
                                        false)
                                .withSharedReceiveQueue(shared));
        pair.left.queuePair.modify(QueuePairAttributes.to(QueuePairState.RESET));
        TestNode.connect(
                pair.left.queuePair, pair.left.context, sharing, pair.right.context, Mtu.MTU_1024);
        return sharing;
    }

    @Test
    void shouldTellOfTheLastReceiveAndOfTheLimitOfASharedQueue() {
        SharedReceiveQueue shared = sharedQueue();
        QueuePair sharing = sharing(shared);
        shared.postReceive(new ReceiveWorkRequest(1, pair.right.region.element(0, 8)));
        shared.setLimit(1);
        send(8);
        AsyncEvent limit = expect(pair.right, AsyncEventType.SRQ_LIMIT_REACHED, shared.number());
        sharing.modify(QueuePairAttributes.to(QueuePairState.ERR));
        pair.settle();
        AsyncEvent last = expect(pair.right, AsyncEventType.LAST_WQE_REACHED, sharing.number());
        expectBusy(sharing::close);
        pair.right.context.acknowledge(last);
        sharing.close();
        expectBusy(shared::close);
        pair.right.context.acknowledge(limit);
        shared.close();
    }

    @Test
    void shouldKeepACompletionQueueOpenWhoseOverrunIsNotAcknowledged() {
        CompletionQueue queue = pair.left.context.createCompletionQueue(1);
        QueuePair sender =
                pair.left.domain.createQueuePair(
                        QueuePairOptions.reliableConnection(queue, QueuePairCapabilities.small()));
        TestNode.connect(
                sender,
                pair.left.context,
                pair.right.newQueuePair(),
                pair.right.context,
                Mtu.MTU_1024);
        for (int i = 0; i < 2; i++) {
            sender.postSend(
                    new SendWorkRequest.RdmaWrite(
                            i,
                            List.of(pair.left.region.element(0, 8)),
                            pair.right.region.address(),
                            pair.right.region.remoteKey(),
                            SIGNALED));
        }
        pair.settle();
        AsyncEvent event = event(pair.left).orElseThrow();
        assertThat(event.type()).isEqualTo(AsyncEventType.CQ_ERR);
        sender.close();
        expectBusy(queue::close);
        pair.left.context.acknowledge(event);
        queue.close();
    }

    @Test
    void shouldKeepAQueuePairOpenWhoseEventIsNotAcknowledged() {
        write(0xbad);
        AsyncEvent event = event(pair.right).orElseThrow();
        expectBusy(pair.right.queuePair::close);
        assertThat(pair.right.state()).isEqualTo(QueuePairState.ERR);
        pair.right.context.acknowledge(event);
        pair.right.close();
    }

    /// An event that nobody took does not keep what it names, and does not outlive it.
    @Test
    void shouldForgetEventsThatWereNotTaken() {
        write(0xbad);
        pair.right.queuePair.close();
        assertThat(event(pair.right)).isEmpty();
    }

    @Test
    void shouldNotAcknowledgeTwiceNorWhatWasNotTaken() {
        write(0xbad);
        AsyncEvent event = event(pair.right).orElseThrow();
        AsyncEvent other = new AsyncEvent(event.type(), event.element() + 1, "");
        expectRefusal(other);
        pair.right.context.acknowledge(event);
        expectRefusal(event);
        pair.right.queuePair.close();
    }

    private void expectRefusal(AsyncEvent event) {
        assertThatThrownBy(() -> pair.right.context.acknowledge(event))
                .isInstanceOfSatisfying(
                        VerbsException.class,
                        refused -> assertThat(refused.errno()).isEqualTo(Errno.EINVAL));
    }

    /// The port is there whatever becomes of its events, and they may be acknowledged all the same.
    @Test
    void shouldTakeAcknowledgementsOfThePort() {
        AsyncEvent event = new AsyncEvent(AsyncEventType.PORT_ERR, 1, "");
        assertThat(event.type().source()).isEqualTo(AsyncEventSource.PORT);
        pair.right.context.acknowledge(event);
        pair.right.close();
    }
}
