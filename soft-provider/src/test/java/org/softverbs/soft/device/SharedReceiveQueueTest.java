package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.AddressHandle;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.AsyncEvent;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.DatagramDestination;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.PostException;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.SharedReceiveQueue;
import org.softverbs.verbs.SharedReceiveQueueOptions;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

class SharedReceiveQueueTest {

    private static final Set<SendFlag> SIGNALED = Set.of(SendFlag.SIGNALED);
    private static final int CONNECTIONS = 3;
    private static final int BUFFER = 256;

    private final InProcessPair pair = new InProcessPair(1 << 16, Mtu.MTU_1024);
    private final SharedReceiveQueue queue =
            pair.right.domain.createSharedReceiveQueue(new SharedReceiveQueueOptions(16, 2, 0));
    private final List<QueuePair> senders = new ArrayList<>();
    private final List<QueuePair> receivers = new ArrayList<>();

    private void connect() {
        for (int i = 0; i < CONNECTIONS; i++) {
            QueuePair sender = pair.left.newQueuePair();
            QueuePair receiver = sharing(pair.right.domain);
            TestNode.connect(sender, pair.left.context, receiver, pair.right.context, Mtu.MTU_1024);
            senders.add(sender);
            receivers.add(receiver);
        }
    }

    private QueuePair sharing(ProtectionDomain domain) {
        return sharing(QueuePairType.RC, domain);
    }

    private QueuePair sharing(QueuePairType type, ProtectionDomain domain) {
        return domain.createQueuePair(
                new QueuePairOptions(
                                type,
                                pair.right.sends,
                                pair.right.receives,
                                QueuePairCapabilities.small(),
                                false)
                        .withSharedReceiveQueue(queue));
    }

    private void post(long id) {
        queue.postReceive(receive(id));
    }

    private ReceiveWorkRequest receive(long id) {
        MemoryRegion region = pair.right.region;
        return new ReceiveWorkRequest(
                id, new Sge(region.address() + id * BUFFER, BUFFER, region.localKey()));
    }

    private void send(int connection, int length) {
        MemoryRegion region = pair.left.region;
        senders.get(connection)
                .postSend(
                        new SendWorkRequest.Send(
                                connection,
                                List.of(new Sge(region.address(), length, region.localKey())),
                                SIGNALED));
    }

    private Optional<AsyncEvent> event() {
        try {
            return pair.right.context.awaitAsyncEvent(Duration.ZERO);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void shouldGiveEachMessageTheOldestReceiveWhicheverConnectionItComesOver() {
        connect();
        for (int i = 0; i < 6; i++) {
            post(i);
        }
        for (int connection : new int[] {2, 0, 1, 1}) {
            send(connection, 10 + connection);
            pair.settle();
        }
        List<WorkCompletion> received = pair.right.pollReceives();
        assertThat(received)
                .extracting(WorkCompletion::workRequestId)
                .containsExactly(0L, 1L, 2L, 3L);
        assertThat(received)
                .extracting(WorkCompletion::queuePairNumber)
                .containsExactly(
                        receivers.get(2).number(),
                        receivers.get(0).number(),
                        receivers.get(1).number(),
                        receivers.get(1).number());
        assertThat(received)
                .extracting(WorkCompletion::byteLength)
                .containsExactly(12L, 10L, 11L, 11L);
    }

    @Test
    void shouldKeepTheReceivesOfMessagesThatArriveAtTheSameTimeApart() {
        MemoryRegion region = pair.right.region;
        connect();
        for (int i = 0; i < CONNECTIONS; i++) {
            queue.postReceive(
                    new ReceiveWorkRequest(
                            i, new Sge(region.address() + i * 8192L, 8192, region.localKey())));
        }
        for (int i = 0; i < CONNECTIONS; i++) {
            send(i, 5000 + i);
        }
        pair.settle();
        List<WorkCompletion> received = pair.right.pollReceives();
        assertThat(received).hasSize(CONNECTIONS).allMatch(WorkCompletion::isSuccess);
        for (WorkCompletion completion : received) {
            int connection = (int) completion.byteLength() - 5000;
            assertThat(completion.queuePairNumber()).isEqualTo(receivers.get(connection).number());
        }
        assertThat(received.stream().map(WorkCompletion::workRequestId).distinct()).hasSize(3);
    }

    @Test
    void shouldAskAPeerToWaitWhenItIsEmpty() {
        connect();
        send(0, 8);
        pair.settle();
        assertThat(pair.left.pollSends()).isEmpty();
        post(1);
        pair.advance(Duration.ofMillis(100));
        assertThat(pair.left.pollSends()).allMatch(WorkCompletion::isSuccess).hasSize(1);
        assertThat(pair.right.pollReceives()).hasSize(1);
    }

    @Test
    void shouldTellOnceThatFewerThanTheLimitAreLeft() {
        connect();
        for (int i = 0; i < 10; i++) {
            post(i);
        }
        queue.setLimit(7);
        for (int i = 0; i < 3; i++) {
            send(0, 8);
            pair.settle();
        }
        assertThat(event()).isEmpty();
        assertThat(queue.query().limit()).isEqualTo(7);
        send(1, 8);
        pair.settle();
        AsyncEvent told = event().orElseThrow();
        assertThat(told.type()).isEqualTo(AsyncEventType.SRQ_LIMIT_REACHED);
        assertThat(told.element()).isEqualTo(queue.number());
        assertThat(queue.query().limit()).isZero();
        send(2, 8);
        pair.settle();
        assertThat(event()).isEmpty();
    }

    @Test
    void shouldKeepWhatIsPostedWhenItIsResized() {
        connect();
        for (int i = 0; i < 16; i++) {
            post(i);
        }
        assertThatThrownBy(() -> post(16)).hasMessageContaining("is full");
        queue.resize(40);
        assertThat(queue.query().maxRequests()).isEqualTo(40);
        for (int i = 16; i < 40; i++) {
            post(i);
        }
        assertThatThrownBy(() -> queue.resize(39))
                .hasMessageContaining("less than the 40 receives that are posted");
        for (int i = 0; i < 40; i++) {
            send(i % CONNECTIONS, 4);
            pair.settle();
        }
        assertThat(pair.right.pollReceives())
                .extracting(WorkCompletion::workRequestId)
                .hasSize(40)
                .isSorted();
        queue.setLimit(10);
        assertThatThrownBy(() -> queue.resize(9)).hasMessageContaining("not within 10 and");
    }

    @Test
    void shouldLeaveItsReceivesToOthersWhenAQueuePairFails() {
        connect();
        post(0);
        post(1);
        receivers.get(0).modify(QueuePairAttributes.to(QueuePairState.ERR));
        pair.settle();
        assertThat(pair.right.pollReceives()).isEmpty();
        AsyncEvent told = event().orElseThrow();
        assertThat(told.type()).isEqualTo(AsyncEventType.LAST_WQE_REACHED);
        assertThat(told.element()).isEqualTo(receivers.get(0).number());
        assertThat(event()).isEmpty();
        send(1, 8);
        send(2, 8);
        pair.settle();
        assertThat(pair.right.pollReceives()).hasSize(2).allMatch(WorkCompletion::isSuccess);
    }

    @Test
    void shouldFlushTheReceiveOfAMessageThatIsUnderWay() {
        connect();
        MemoryRegion region = pair.right.region;
        queue.postReceive(
                new ReceiveWorkRequest(5, new Sge(region.address(), 8192, region.localKey())));
        // The second packet does not come: its memory is gone before it is sent.
        MemoryRegion gone = pair.left.domain.registerMemory(TestNode.allocate(64), Set.of());
        MemoryRegion first = pair.left.region;
        senders.get(0)
                .postSend(
                        new SendWorkRequest.Send(
                                1,
                                List.of(
                                        new Sge(first.address(), 1024, first.localKey()),
                                        new Sge(gone.address(), 64, 0x0bad_0b00)),
                                SIGNALED));
        pair.settle();
        receivers.get(0).modify(QueuePairAttributes.to(QueuePairState.ERR));
        pair.settle();
        WorkCompletion flushed = pair.right.pollReceives().getFirst();
        assertThat(flushed.workRequestId()).isEqualTo(5);
        assertThat(flushed.status()).isEqualTo(WorkCompletionStatus.WR_FLUSH_ERR);
        gone.close();
    }

    @Test
    void shouldLookForMemoryInItsOwnDomain() {
        ProtectionDomain other = pair.right.context.allocateProtectionDomain();
        QueuePair sender = pair.left.newQueuePair();
        QueuePair receiver = sharing(other);
        TestNode.connect(sender, pair.left.context, receiver, pair.right.context, Mtu.MTU_1024);
        senders.add(sender);
        post(0);
        send(0, 8);
        pair.settle();
        assertThat(pair.right.pollReceives()).hasSize(1).allMatch(WorkCompletion::isSuccess);
        MemoryRegion foreign = other.registerMemory(TestNode.allocate(64), TestNode.ALL_ACCESS);
        queue.postReceive(
                new ReceiveWorkRequest(1, new Sge(foreign.address(), 64, foreign.localKey())));
        send(0, 8);
        pair.settle();
        assertThat(pair.right.pollReceives().getFirst().status())
                .isEqualTo(WorkCompletionStatus.LOC_PROT_ERR);
    }

    @Test
    void shouldKeepItsReceivesWhenADatagramIsTooLongForOne() {
        QueuePair sender = pair.left.newQueuePair(QueuePairType.UD);
        QueuePair receiver = sharing(QueuePairType.UD, pair.right.domain);
        for (QueuePair one : List.of(sender, receiver)) {
            one.modify(QueuePairAttributes.toInitDatagram(5));
            one.modify(QueuePairAttributes.to(QueuePairState.RTR));
            one.modify(QueuePairAttributes.toReadyToSendUnreliable(0));
        }
        connect();
        post(0);
        GlobalIdentifier gid = pair.right.context.gidTable(1).getFirst().gid();
        MemoryRegion region = pair.left.region;
        try (AddressHandle there =
                pair.left.domain.createAddressHandle(new AddressVector(gid, 0))) {
            sender.postSend(
                    new SendWorkRequest.SendDatagram(
                            1,
                            List.of(new Sge(region.address(), BUFFER, region.localKey())),
                            new DatagramDestination(there, receiver.number(), 5),
                            SIGNALED));
            pair.settle();
        }
        assertThat(pair.right.pollReceives()).isEmpty();
        send(0, 8);
        pair.settle();
        assertThat(pair.right.pollReceives()).hasSize(1).allMatch(WorkCompletion::isSuccess);
    }

    @Test
    void shouldKeepItsReceivesWhenAMessageOfAnUnreliableConnectionIsTooLongForOne() {
        QueuePair sender = pair.left.newQueuePair(QueuePairType.UC);
        QueuePair receiver = sharing(QueuePairType.UC, pair.right.domain);
        TestNode.connectUnreliable(pair.left, sender, pair.right, receiver, Mtu.MTU_1024);
        connect();
        post(0);
        for (int length : new int[] {BUFFER + 1, 3000}) {
            MemoryRegion region = pair.left.region;
            sender.postSend(
                    new SendWorkRequest.Send(
                            9,
                            List.of(new Sge(region.address(), length, region.localKey())),
                            SIGNALED));
            pair.settle();
        }
        assertThat(pair.right.pollReceives()).isEmpty();
        send(0, 8);
        pair.settle();
        assertThat(pair.right.pollReceives()).hasSize(1).allMatch(WorkCompletion::isSuccess);
    }

    @Test
    void shouldRefuseWhatItIsNotMadeFor() {
        connect();
        QueuePair receiver = receivers.getFirst();
        assertThat(receiver.sharedReceiveQueue()).contains(queue);
        assertThatThrownBy(() -> receiver.postReceive(receive(1)))
                .isInstanceOf(VerbsException.class)
                .hasMessageContaining("come from shared receive queue");
        Sge element = receive(1).elements().getFirst();
        assertThatThrownBy(
                        () ->
                                queue.postReceive(
                                        List.of(
                                                receive(1),
                                                new ReceiveWorkRequest(
                                                        2, List.of(element, element, element)))))
                .isInstanceOfSatisfying(
                        PostException.class, it -> assertThat(it.badIndex()).isEqualTo(1));
        assertThatThrownBy(queue::close).hasMessageContaining("queue pair");
        receivers.forEach(QueuePair::close);
        queue.close();
        queue.close();
        assertThatThrownBy(() -> post(1)).isInstanceOf(IllegalStateException.class);
    }
}
