package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.verbs.WorkCompletionStatus.SUCCESS;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.CompletionCursor;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.SharedReceiveQueue;
import org.softverbs.verbs.SharedReceiveQueueOptions;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.XrcDomain;

/// Rows with extended reliable connections: an initiator on the left, a target with a shared
/// receive queue on the right.
@Conformance
class XrcTrafficTest {

    private static final int ID = 7;
    private static final int PSN = 0x12_3456;

    private static final class Connection {
        final Rig rig;
        final End initiator;
        final CompletionQueue completions;
        final SharedReceiveQueue queue;

        Connection(Rig rig) {
            this.rig = rig;
            Node right = rig.right();
            initiator = rig.left().end(Setup.standard(), QueuePairType.XRC_SEND);
            completions = right.queue(64);
            XrcDomain domain = right.keep(right.context().openXrcDomain(""));
            queue =
                    right.keep(
                            right.domain()
                                    .createXrcSharedReceiveQueue(
                                            new SharedReceiveQueueOptions(32, 2, 0),
                                            domain,
                                            completions));
            QueuePair target =
                    right.keep(
                            right.domain()
                                    .createQueuePair(
                                            QueuePairOptions.xrcTarget(domain, completions)));
            QueuePair sender = initiator.queuePair();
            sender.modify(QueuePairAttributes.toInit(Set.of()));
            target.modify(QueuePairAttributes.toInit(Node.ALL));
            target.modify(
                    QueuePairAttributes.toReadyToReceive(
                            way(rig.left()), sender.number(), PSN, Mtu.MTU_1024));
            sender.modify(
                    QueuePairAttributes.toReadyToReceiveUnreliable(
                            way(right), target.number(), PSN, Mtu.MTU_1024));
            sender.modify(QueuePairAttributes.toReadyToSend(PSN));
        }

        private static AddressVector way(Node to) {
            GlobalIdentifier gid = to.context().gidTable(1).getFirst().gid();
            return new AddressVector(gid, 0);
        }

        void receive(long id, Buffer buffer) {
            queue.postReceive(new ReceiveWorkRequest(id, buffer.all()));
        }

        List<WorkCompletion> received() {
            rig.rest();
            return completions.poll(64);
        }
    }

    @Test
    @Tag("PYV-QPEX-004")
    void shouldSend(Rig rig) {
        Connection connection = new Connection(rig);
        Buffer own = rig.left().buffer(3000).fill(1);
        Buffer to = rig.right().buffer(3000);
        connection.receive(ID, to);
        connection
                .initiator
                .queuePair()
                .sendCursor()
                .send(1)
                .remoteSharedReceiveQueue(connection.queue.number())
                .element(own.address(), 3000, own.key())
                .signaled()
                .post();
        assertThat(connection.initiator.sentStatuses()).containsExactly(SUCCESS);
        WorkCompletion received = connection.received().getFirst();
        assertThat(received.workRequestId()).isEqualTo(ID);
        assertThat(received.byteLength()).isEqualTo(3000);
        assertThat(to.equalsBytes(own)).isTrue();
    }

    @Test
    @Tag("PYV-QPEX-007")
    void shouldSendWithImmediateData(Rig rig) {
        Connection connection = new Connection(rig);
        Buffer own = rig.left().buffer(100).fill(2);
        Buffer to = rig.right().buffer(100);
        connection.receive(ID, to);
        connection
                .initiator
                .queuePair()
                .sendCursor()
                .sendWithImmediate(1, 0x1122_3344)
                .remoteSharedReceiveQueue(connection.queue.number())
                .element(own.address(), 100, own.key())
                .signaled()
                .post();
        assertThat(connection.initiator.sentStatuses()).containsExactly(SUCCESS);
        assertThat(connection.received().getFirst().immediate()).hasValue(0x1122_3344);
        assertThat(to.equalsBytes(own)).isTrue();
    }

    @Test
    @Tag("PYV-CQEX-003")
    void shouldBePolledByCursor(Rig rig) {
        Connection connection = new Connection(rig);
        Buffer own = rig.left().buffer(64).fill(3);
        Buffer to = rig.right().buffer(64);
        for (int i = 0; i < 10; i++) {
            connection.receive(i, to);
            assertThat(
                            connection.initiator.run(
                                    new SendWorkRequest.ToSharedReceiveQueue(
                                            new SendWorkRequest.Send(
                                                    i,
                                                    List.of(own.all()),
                                                    Set.of(SendFlag.SIGNALED)),
                                            connection.queue.number())))
                    .isEqualTo(SUCCESS);
            CompletionCursor cursor = connection.completions.cursor();
            assertThat(cursor.next()).isTrue();
            assertThat(cursor.status()).isEqualTo(SUCCESS);
            assertThat(cursor.workRequestId()).isEqualTo(i);
            assertThat(cursor.next()).isFalse();
        }
        assertThat(to.equalsBytes(own)).isTrue();
    }

    @Test
    @Tag("PYV-ATOMIC-003")
    void shouldFetchAndAdd(Rig rig) {
        Connection connection = new Connection(rig);
        Buffer own = rig.left().buffer(8);
        Buffer target = rig.right().buffer(8).word(0, 5);
        assertThat(
                        connection.initiator.run(
                                new SendWorkRequest.ToSharedReceiveQueue(
                                        new SendWorkRequest.FetchAndAdd(
                                                1,
                                                List.of(own.all()),
                                                target.address(),
                                                target.region().remoteKey(),
                                                10,
                                                Set.of(SendFlag.SIGNALED)),
                                        connection.queue.number())))
                .isEqualTo(SUCCESS);
        assertThat(own.word(0)).isEqualTo(5);
        assertThat(target.word(0)).isEqualTo(15);
    }

    @Test
    @Tag("PYV-ATOMIC-004")
    void shouldCompareAndSwap(Rig rig) {
        Connection connection = new Connection(rig);
        Buffer own = rig.left().buffer(8);
        Buffer target = rig.right().buffer(8).word(0, 5);
        for (long compare : new long[] {4, 5}) {
            assertThat(
                            connection.initiator.run(
                                    new SendWorkRequest.ToSharedReceiveQueue(
                                            new SendWorkRequest.CompareAndSwap(
                                                    1,
                                                    List.of(own.all()),
                                                    target.address(),
                                                    target.region().remoteKey(),
                                                    compare,
                                                    99,
                                                    Set.of(SendFlag.SIGNALED)),
                                            connection.queue.number())))
                    .isEqualTo(SUCCESS);
            assertThat(own.word(0)).isEqualTo(5);
        }
        assertThat(target.word(0)).isEqualTo(99);
    }
}
