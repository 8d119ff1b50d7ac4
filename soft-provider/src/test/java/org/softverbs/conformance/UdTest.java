package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.conformance.Requests.SIGNALED;
import static org.softverbs.conformance.Requests.UNSIGNALED;
import static org.softverbs.verbs.WorkCompletionStatus.LOC_QP_OP_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.RETRY_EXC_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.SUCCESS;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.AddressHandle;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.DatagramDestination;
import org.softverbs.verbs.DatagramSource;
import org.softverbs.verbs.PrivilegedDomain;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.WorkCompletion;

/// Rows RUT-UD: what datagrams do, and what becomes of those that nobody takes.
@Conformance
class UdTest {

    private static final int LENGTH = 100;

    @Test
    @Tag("RUT-UD-001")
    void shouldReceiveBehindTheGlobalRoute(Rig rig) {
        End left = Datagrams.open(rig.left());
        End right = Datagrams.open(rig.right());
        Buffer own = rig.left().buffer(LENGTH).fill(1);
        Buffer to = rig.right().buffer(LENGTH + Datagrams.HEADER);
        right.receive(7, to.all());
        assertThat(left.run(Datagrams.send(1, Datagrams.destination(left, right), own.all())))
                .isEqualTo(SUCCESS);
        List<WorkCompletion> received = right.received();
        assertThat(received).hasSize(1).allMatch(WorkCompletion::isSuccess);
        assertThat(received.getFirst().workRequestId()).isEqualTo(7);
        assertThat(received.getFirst().byteLength()).isEqualTo(LENGTH + Datagrams.HEADER);
        assertThat(received.getFirst().source())
                .contains(new DatagramSource(left.number(), true, 0, 0));
        assertThat(to.bytes().asSlice(Datagrams.HEADER).mismatch(own.bytes())).isEqualTo(-1);
    }

    @Test
    @Tag("RUT-UD-003")
    void shouldBeDroppedWithoutAReceive(Rig rig) {
        End left = Datagrams.open(rig.left());
        End right = Datagrams.open(rig.right());
        Buffer own = rig.left().buffer(LENGTH).fill(1);
        Buffer to = rig.right().buffer(LENGTH + Datagrams.HEADER);
        assertThat(left.run(Datagrams.send(1, Datagrams.destination(left, right), own.all())))
                .isEqualTo(SUCCESS);
        right.receive(7, to.all());
        assertThat(right.received()).isEmpty();
        assertThat(to.copy()).containsOnly(0);
    }

    @Test
    @Tag("RUT-UD-004")
    void shouldCompleteABatchOnceWithoutAReceive(Rig rig) {
        End left = Datagrams.open(rig.left());
        End right = Datagrams.open(rig.right());
        Buffer own = rig.left().buffer(LENGTH).fill(1);
        DatagramDestination there = Datagrams.destination(left, right);
        List<SendWorkRequest> batch = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            batch.add(Datagrams.send(UNSIGNALED, i, there, own.all()));
        }
        batch.add(Datagrams.send(9, there, own.all()));
        left.queuePair().postSend(batch);
        List<WorkCompletion> done = left.sent();
        assertThat(done).hasSize(1).allMatch(WorkCompletion::isSuccess);
        assertThat(done.getFirst().workRequestId()).isEqualTo(9);
        assertThat(right.received()).isEmpty();
    }

    /// The receive has room for the payload, but not for the header as well.
    @Test
    @Tag("RUT-UD-006")
    void shouldNotBeReceivedWhereTheHeaderDoesNotFit(Rig rig) {
        End left = Datagrams.open(rig.left());
        End right = Datagrams.open(rig.right());
        DatagramDestination there = Datagrams.destination(left, right);
        Buffer own = rig.left().buffer(LENGTH).fill(1);
        Buffer to = rig.right().buffer(LENGTH + Datagrams.HEADER - 1);
        right.receive(7, to.all());
        assertThat(left.run(Datagrams.send(1, there, own.all()))).isEqualTo(SUCCESS);
        assertThat(right.received()).isEmpty();
        assertThat(to.copy()).containsOnly(0);
        // The receive is there for what fits.
        assertThat(left.run(Datagrams.send(2, there, own.part(0, LENGTH - 1)))).isEqualTo(SUCCESS);
        assertThat(right.receivedStatuses()).containsExactly(SUCCESS);
    }

    @Test
    @Tag("RUT-UD-007")
    @Decision("a foreign handle stands for the garbled one; by a closed one nothing can be posted")
    void shouldNotBeSentByAHandleOfAnotherDomain(Rig rig) {
        End left = Datagrams.open(rig.left());
        End right = Datagrams.open(rig.right());
        Buffer own = rig.left().buffer(LENGTH).fill(1);
        right.receive(7, rig.right().buffer(LENGTH + Datagrams.HEADER).all());
        PrivilegedDomain other = rig.left().newDomain();
        AddressHandle foreign =
                other.createAddressHandle(
                        new AddressVector(rig.right().context().gidTable(1).getFirst().gid(), 0));
        DatagramDestination there =
                new DatagramDestination(foreign, right.number(), Datagrams.QUEUE_KEY);
        assertThat(left.run(Datagrams.send(1, there, own.all()))).isEqualTo(LOC_QP_OP_ERR);
        assertThat(right.received()).isEmpty();
        foreign.close();
        Expect.closed(() -> left.post(Datagrams.send(2, there, own.all())));
    }

    /// Sends to a queue pair that has a receive, but to another number or by another key.
    private static void shouldNotReach(Rig rig, int otherNumber, int otherKey) {
        End left = Datagrams.open(rig.left());
        End right = Datagrams.open(rig.right());
        Buffer own = rig.left().buffer(LENGTH).fill(1);
        Buffer to = rig.right().buffer(LENGTH + Datagrams.HEADER);
        right.receive(7, to.all());
        DatagramDestination there = Datagrams.destination(left, right);
        DatagramDestination wrong =
                new DatagramDestination(
                        there.handle(),
                        there.queuePairNumber() ^ otherNumber,
                        there.queueKey() ^ otherKey);
        assertThat(left.run(Datagrams.send(1, wrong, own.all()))).isEqualTo(SUCCESS);
        assertThat(right.received()).isEmpty();
        assertThat(to.copy()).containsOnly(0);
        assertThat(left.run(Datagrams.send(2, there, own.all()))).isEqualTo(SUCCESS);
        assertThat(right.receivedStatuses()).containsExactly(SUCCESS);
    }

    @Test
    @Tag("RUT-UD-008")
    void shouldNotReachANumberThatNobodyHas(Rig rig) {
        shouldNotReach(rig, 0x55_5000, 0);
    }

    @Test
    @Tag("RUT-UD-009")
    void shouldNotReachAQueuePairWithAnotherQueueKey(Rig rig) {
        shouldNotReach(rig, 0, 1);
    }

    private static void shouldNotDo(Operation operation, Rig rig) {
        End left = Datagrams.open(rig.left());
        Buffer own = rig.left().buffer(8).word(0, 7);
        Buffer remote = rig.right().buffer(8).word(0, Operation.OLD);
        assertThat(
                        left.run(
                                operation.request(
                                        SIGNALED, 1, own.all(), remote.address(), remote.key())))
                .isEqualTo(LOC_QP_OP_ERR);
        assertThat(remote.word(0)).isEqualTo(Operation.OLD);
        assertThat(own.word(0)).isEqualTo(7);
    }

    @Test
    @Tag("RUT-UD-010")
    void shouldNotRead(Rig rig) {
        shouldNotDo(Operation.READ, rig);
    }

    @Test
    @Tag("RUT-UD-012")
    void shouldNotWrite(Rig rig) {
        shouldNotDo(Operation.WRITE, rig);
    }

    @Test
    @Tag("RUT-UD-013")
    void shouldNotAdd(Rig rig) {
        shouldNotDo(Operation.FETCH_AND_ADD, rig);
    }

    @Test
    @Tag("RUT-UD-014")
    void shouldNotSwap(Rig rig) {
        shouldNotDo(Operation.COMPARE_AND_SWAP, rig);
    }

    @Test
    @Tag("RUT-UD-011")
    void shouldGiveManyCompletionsToOnePollInOrder(Rig rig) {
        int count = 10;
        End left = Datagrams.open(rig.left());
        End right = Datagrams.open(rig.right());
        DatagramDestination there = Datagrams.destination(left, right);
        Buffer own = rig.left().buffer(LENGTH).fill(1);
        Buffer to = rig.right().buffer(count * 256L);
        for (int i = 0; i < count; i++) {
            right.receive(i, to.part(i * 256L, 256));
        }
        for (int i = 0; i < count; i++) {
            left.post(Datagrams.send(i, there, own.part(0, i + 1)));
        }
        rig.rest();
        Long[] ids = LongStream.range(0, count).boxed().toArray(Long[]::new);
        assertThat(left.sends().poll(count))
                .allMatch(WorkCompletion::isSuccess)
                .extracting(WorkCompletion::workRequestId)
                .containsExactly(ids);
        List<WorkCompletion> received = right.receives().poll(count);
        assertThat(received)
                .allMatch(WorkCompletion::isSuccess)
                .extracting(WorkCompletion::workRequestId)
                .containsExactly(ids);
        assertThat(received).extracting(WorkCompletion::byteLength).isSorted();
    }

    @Test
    @Tag("RUT-UD-016")
    void shouldTakeNothingOfAReliableConnection(Rig rig) {
        End left = rig.left().end(Setup.standard());
        End right = Datagrams.open(rig.right());
        left.connectTo(right);
        Buffer to = rig.right().buffer(LENGTH + Datagrams.HEADER);
        right.receive(7, to.all());
        assertThat(left.run(SIGNALED.send(1, rig.left().buffer(LENGTH).fill(1).all())))
                .isEqualTo(RETRY_EXC_ERR);
        assertThat(right.received()).isEmpty();
        assertThat(to.copy()).containsOnly(0);
    }
}
