package org.softverbs.soft.roce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.soft.roce.EngineScript.EXPOSED;
import static org.softverbs.soft.roce.EngineScript.EXPOSED_KEY;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_ACKNOWLEDGE;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_ATOMIC_ACKNOWLEDGE;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_FETCH_ADD;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_READ_REQUEST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_READ_RESPONSE_ONLY;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_SEND_FIRST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_SEND_LAST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_SEND_ONLY;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_WRITE_FIRST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_WRITE_ONLY;

import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.softverbs.soft.queue.SendOperation;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.WorkCompletionOpcode;
import org.softverbs.verbs.WorkCompletionStatus;

/// What the states of a queue pair let an engine do.
class StateScriptTest {

    private static final int PSN = EngineScript.SEND_PSN;
    private static final int EXPECTED = EngineScript.RECEIVE_PSN;
    private static final long TIMEOUT = 4096L << 14;

    @Test
    void shouldFinishWhatIsStartedAndNothingElseWhenDraining() {
        EngineScript script = EngineScript.connected();
        script.room(1);
        script.post(1, SendOperation.SEND, 300);
        script.post(2, SendOperation.SEND, 8);
        script.modifyTo(QueuePairState.SQD);
        script.room(100);
        script.post(3, SendOperation.SEND, 8);
        script.expectPacket(RC_SEND_FIRST, PSN);
        script.expectPacket(RC_SEND_LAST, PSN + 1);
        script.expectNothing();
        // A loss is still repaired, and the peer still served.
        script.advance(TIMEOUT);
        script.expectPacket(RC_SEND_FIRST, PSN);
        script.expectPacket(RC_SEND_LAST, PSN + 1);
        script.inject(TestPacket.readRequest(EXPECTED, EXPOSED, EXPOSED_KEY, 8));
        script.expectPacket(RC_READ_RESPONSE_ONLY, EXPECTED);
        script.inject(TestPacket.ack(PSN + 1));
        script.expectCompletion(1);
        script.expectEvent(AsyncEventType.SQ_DRAINED);
        script.expectNothing();
        script.modifyTo(QueuePairState.RTS);
        script.expectPacket(RC_SEND_ONLY, PSN + 2);
        script.expectPacket(RC_SEND_ONLY, PSN + 3);
        script.inject(TestPacket.ack(PSN + 3));
        script.expectCompletion(2);
        script.expectCompletion(3);
        script.expectNothing();
    }

    @Test
    void shouldTellAtOnceWhenThereIsNothingToDrain() {
        EngineScript script = EngineScript.connected();
        script.modifyTo(QueuePairState.SQD);
        script.expectEvent(AsyncEventType.SQ_DRAINED);
        script.expectNothing();
    }

    @Test
    void shouldDrainAnUnsignaledReadToo() {
        EngineScript script = EngineScript.connected();
        script.post(1, SendOperation.RDMA_READ, 8, wqe -> wqe.signaled(false));
        script.expectPacket(RC_READ_REQUEST, PSN);
        script.modifyTo(QueuePairState.SQD);
        script.expectNothing();
        script.inject(TestPacket.of(RC_READ_RESPONSE_ONLY, PSN).aeth(0x1f).payload(8));
        script.expectEvent(AsyncEventType.SQ_DRAINED);
        script.expectNothing();
    }

    @Test
    void shouldKeepTheAnswersItStoredWhenTheLimitChangesInSqd() {
        EngineScript script =
                EngineScript.connected(connection -> connection.maxDestinationReadAtomic(2));
        script.inject(TestPacket.fetchAdd(EXPECTED, EXPOSED, EXPOSED_KEY, 1));
        script.modifyTo(QueuePairState.SQD);
        script.qp.connection().maxDestinationReadAtomic(4);
        script.modifyTo(QueuePairState.RTS);
        script.room(0);
        for (int i = 1; i <= 4; i++) {
            script.inject(TestPacket.fetchAdd(EXPECTED + i, EXPOSED, EXPOSED_KEY, 1));
        }
        script.expectPacket(RC_ATOMIC_ACKNOWLEDGE, EXPECTED);
        script.expectEvent(AsyncEventType.SQ_DRAINED);
        script.expectNothing();
        script.room(100);
        for (int i = 1; i <= 4; i++) {
            script.expectPacket(RC_ATOMIC_ACKNOWLEDGE, EXPECTED + i).original(i);
        }
        script.qp.connection().maxDestinationReadAtomic(3);
        script.inject(TestPacket.fetchAdd(EXPECTED + 5, EXPOSED, EXPOSED_KEY, 1));
        script.expectPacket(RC_ATOMIC_ACKNOWLEDGE, EXPECTED + 5).original(5);
        script.inject(TestPacket.fetchAdd(EXPECTED + 3, EXPOSED, EXPOSED_KEY, 1));
        script.expectPacket(RC_ATOMIC_ACKNOWLEDGE, EXPECTED + 3).original(3);
        script.inject(TestPacket.fetchAdd(EXPECTED + 2, EXPOSED, EXPOSED_KEY, 1));
        script.expectNothing();
        assertThat(script.exposed.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(6);
    }

    @Test
    void shouldFlushBothQueuesInOrderOnError() {
        EngineScript script = EngineScript.connected();
        script.post(1, SendOperation.SEND, 600, wqe -> wqe.signaled(false));
        script.post(2, SendOperation.RDMA_READ, 8);
        script.postReceive(3, 8);
        script.postReceive(4, 8);
        script.dropSent();
        script.modifyTo(QueuePairState.ERR);
        script.expectCompletion(1, WorkCompletionStatus.WR_FLUSH_ERR);
        script.expectCompletion(2, WorkCompletionStatus.WR_FLUSH_ERR);
        script.expectReceive(3, WorkCompletionStatus.WR_FLUSH_ERR);
        script.expectReceive(4, WorkCompletionStatus.WR_FLUSH_ERR);
        assertThat(script.engine.nextDeadline()).isEqualTo(Long.MAX_VALUE);
        script.inject(TestPacket.ack(PSN));
        script.inject(TestPacket.of(RC_SEND_ONLY, EXPECTED).payload(8).askForAck());
        script.advance(TIMEOUT * 10);
        script.expectNothing();
    }

    @Test
    void shouldForgetEverythingWithoutCompletionsOnReset() {
        EngineScript script = EngineScript.connected();
        script.post(1, SendOperation.SEND, 600);
        script.postReceive(2, 8);
        script.dropSent();
        script.modifyTo(QueuePairState.RESET);
        script.advance(TIMEOUT * 10);
        script.expectNothing();
        assertThat(script.qp.receiveQueue().isEmpty()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(
            value = QueuePairState.class,
            names = {"RTS", "ERR"})
    void shouldWorkAsNewAfterAReset(QueuePairState from) {
        EngineScript script = EngineScript.connected();
        // A message half received, one half sent, a replay in the store, an RNR wait.
        script.postReceive(1, 1000);
        script.inject(TestPacket.of(RC_SEND_FIRST, EXPECTED).payload(256));
        script.inject(TestPacket.fetchAdd(EXPECTED + 1, EXPOSED, EXPOSED_KEY, 1));
        script.post(2, SendOperation.SEND, 600);
        script.inject(TestPacket.nak(PSN, 0x20));
        script.takeSent();
        if (script.qp.state() != from) {
            script.modifyTo(from);
        }
        script.modifyTo(QueuePairState.RESET);
        script.clearRecords();
        script.connect(connection -> connection.sendPsn(7).receivePsn(9));
        script.inject(TestPacket.fetchAdd(8, EXPOSED, EXPOSED_KEY, 1));
        script.expectNothing();
        script.postReceive(3, 1000);
        script.inject(TestPacket.of(RC_SEND_ONLY, 9).payload(8).askForAck());
        script.expectReceive(3, WorkCompletionOpcode.RECV, 8);
        script.expectPacket(RC_ACKNOWLEDGE, 9).messageSequenceNumber(1);
        script.post(4, SendOperation.SEND, 8);
        script.expectPacket(RC_SEND_ONLY, 7);
        script.inject(TestPacket.ack(7));
        script.expectCompletion(4);
        script.expectNothing();
        script.expectState(QueuePairState.RTS);
    }

    @Test
    void shouldTellThatCommunicationIsEstablishedOnce() {
        EngineScript script = EngineScript.connected();
        script.modifyTo(QueuePairState.RESET);
        script.postReceiveWhileInit(1, 100);
        script.readyToReceive(connection -> {});
        script.inject(TestPacket.of(RC_SEND_ONLY, EXPECTED).payload(8).askForAck());
        script.expectEvent(AsyncEventType.COMM_EST);
        script.expectReceive(1, WorkCompletionOpcode.RECV, 8);
        script.expectAck(EXPECTED);
        script.inject(
                TestPacket.of(RC_WRITE_ONLY, EXPECTED + 1)
                        .reth(EXPOSED, EXPOSED_KEY, 8)
                        .payload(8)
                        .askForAck());
        script.expectAck(EXPECTED + 1);
        // A response to a queue pair that cannot have asked.
        script.inject(TestPacket.ack(PSN));
        script.expectNothing();
        script.readyToSend();
        script.inject(
                TestPacket.of(RC_WRITE_FIRST, EXPECTED + 2)
                        .reth(EXPOSED, EXPOSED_KEY, 300)
                        .payload(256));
        script.expectNothing();
    }

    @ParameterizedTest
    @EnumSource(
            value = QueuePairState.class,
            names = {"RESET", "INIT", "ERR"})
    void shouldDropEveryPacketInAStateThatReceivesNothing(QueuePairState state) {
        EngineScript script = EngineScript.connected();
        script.postReceive(1, 100);
        script.modifyTo(state);
        script.clearRecords();
        script.inject(TestPacket.of(RC_SEND_ONLY, EXPECTED).payload(8).askForAck());
        script.inject(TestPacket.readRequest(EXPECTED, EXPOSED, EXPOSED_KEY, 8));
        script.inject(TestPacket.ack(PSN));
        script.inject(TestPacket.nak(PSN, 0x60));
        script.expectNothing();
    }

    /// Every operation between two engines whose every page lies elsewhere.
    @Test
    void shouldCarryOutEveryOperationOverMemoryInPieces() {
        MemoryAccessDoubles.Scattered leftMemory = new MemoryAccessDoubles.Scattered(64);
        MemoryAccessDoubles.Scattered rightMemory = new MemoryAccessDoubles.Scattered(4);
        EngineScript left = new EngineScript(false, leftMemory, c -> c.receivePsn(PSN));
        EngineScript right = new EngineScript(false, rightMemory, c -> c.receivePsn(PSN));
        leftMemory.fill(EngineScript.LOCAL, 5000);
        right.postReceive(1, 7000, 5000, 1);
        left.post(1, SendOperation.SEND_WITH_IMMEDIATE, 3001);
        exchange(left, right);
        left.expectCompletion(1);
        right.expectReceive(1, WorkCompletionOpcode.RECV, 3001);
        rightMemory.expect(7000, leftMemory, EngineScript.LOCAL, 3001);

        left.post(2, SendOperation.RDMA_WRITE, 5000, wqe -> wqe.remote(100_001, 1));
        exchange(left, right);
        left.expectCompletion(2);
        rightMemory.expect(100_001, leftMemory, EngineScript.LOCAL, 5000);

        rightMemory.fill(200_003, 4000);
        left.post(3, SendOperation.RDMA_READ, 4000, wqe -> wqe.remote(200_003, 1));
        exchange(left, right);
        left.expectCompletion(3);
        leftMemory.expect(EngineScript.LOCAL, rightMemory, 200_003, 4000);

        rightMemory.putLong(300_000, 40);
        left.post(
                4,
                SendOperation.FETCH_AND_ADD,
                8,
                wqe -> {
                    wqe.remote(300_000, 1);
                    wqe.operands(0, 2);
                });
        left.post(
                5,
                SendOperation.COMPARE_AND_SWAP,
                8,
                wqe -> {
                    wqe.remote(300_000, 1);
                    wqe.operands(42, -7);
                });
        exchange(left, right);
        left.expectCompletion(4);
        left.expectCompletion(5);
        assertThat(rightMemory.getLong(300_000)).isEqualTo(-7);
        assertThat(leftMemory.getLong(EngineScript.LOCAL)).isEqualTo(42);
        right.postReceive(6, 0);
        left.post(6, SendOperation.RDMA_WRITE_WITH_IMMEDIATE, 700, wqe -> wqe.remote(5, 1));
        exchange(left, right);
        left.expectCompletion(6);
        right.expectReceive(6, WorkCompletionOpcode.RECV_RDMA_WITH_IMM, 700);
        rightMemory.expect(5, leftMemory, EngineScript.LOCAL, 700);
        left.expectNothing();
        right.expectNothing();
    }

    private static void exchange(EngineScript left, EngineScript right) {
        while (left.packetsLeft() + right.packetsLeft() > 0) {
            left.takeSent().forEach(right::inject);
            right.takeSent().forEach(left::inject);
        }
    }

    @Test
    void shouldSendNothingOfAnAtomicThatFailedHere() {
        EngineScript script = EngineScript.connected();
        script.post(1, SendOperation.FETCH_AND_ADD, 8);
        script.post(2, SendOperation.COMPARE_AND_SWAP, 4);
        script.expectPacket(RC_FETCH_ADD, PSN);
        script.inject(TestPacket.of(RC_ATOMIC_ACKNOWLEDGE, PSN).aeth(0x1f).original(1));
        script.expectCompletion(1);
        script.expectCompletion(2, WorkCompletionStatus.LOC_LEN_ERR);
        script.expectNothing();
    }

    /// What is received is acknowledged before the queue pair goes; what is posted stays unsent.
    @Test
    void shouldSendTheAcknowledgementThatIsDueAndNothingElse() {
        EngineScript script = EngineScript.connected();
        script.postReceive(1, 64);
        script.begin(2, SendOperation.SEND);
        script.queue();
        script.give(TestPacket.of(RC_SEND_ONLY, EXPECTED).askForAck());
        script.engine.transmitAcknowledge();
        script.expectAck(EXPECTED);
        assertThat(script.packetsLeft()).isZero();
        script.engine.transmitAcknowledge();
        assertThat(script.packetsLeft()).isZero();
    }
}
