package org.softverbs.soft.roce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.soft.roce.EngineScript.EXPOSED;
import static org.softverbs.soft.roce.EngineScript.EXPOSED_KEY;
import static org.softverbs.soft.roce.EngineScript.LOCAL;
import static org.softverbs.soft.roce.EngineScript.MEMORY;
import static org.softverbs.soft.roce.EngineScript.RECEIVE_PSN;
import static org.softverbs.soft.roce.EngineScript.SEND_PSN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.softverbs.soft.qp.TransportCounter;
import org.softverbs.soft.queue.SendOperation;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionOpcode;
import org.softverbs.verbs.WorkCompletionStatus;

/// An unreliable connection, packet by packet.
class UnreliableConnectionScriptTest {

    private static final int BAD_KEY = 0x0bad_0b00;

    private final EngineScript script = EngineScript.of(QueuePairType.UC);

    private static TestPacket send(RoceOpcode opcode, int psn, int length) {
        return TestPacket.of(opcode, psn).payload(length);
    }

    private static TestPacket write(RoceOpcode opcode, int psn, int key, long whole, int length) {
        return TestPacket.of(opcode, psn).reth(EXPOSED, key, whole).payload(length);
    }

    private void expectDropped(TransportCounter reason, int packets) {
        assertThat(script.count(reason)).isEqualTo(packets);
        script.expectState(QueuePairState.RTS);
        script.expectNothing();
    }

    private void expectExposedUntouched() {
        assertThat(script.exposed.mismatch(MemorySegment.ofArray(new byte[MEMORY]))).isEqualTo(-1);
    }

    // Sending

    @Test
    void shouldCompleteASendWhenItsLastPacketIsSent() {
        script.room(2);
        script.post(1, SendOperation.SEND, 600);
        script.expectPacket(RoceOpcode.UC_SEND_FIRST, SEND_PSN).payload(256).askingForAck(false);
        script.expectPacket(RoceOpcode.UC_SEND_MIDDLE, SEND_PSN + 1).payload(256);
        script.expectNothing();
        script.room(1);
        script.expectPacket(RoceOpcode.UC_SEND_LAST, SEND_PSN + 2).payload(88);
        script.expectCompletion(1);
        script.expectNothing();
    }

    @Test
    void shouldSendWritesWithTheirTarget() {
        script.post(1, SendOperation.RDMA_WRITE, 300);
        script.expectPacket(RoceOpcode.UC_WRITE_FIRST, SEND_PSN).payload(256).reth(EXPOSED, 300);
        script.expectPacket(RoceOpcode.UC_WRITE_LAST, SEND_PSN + 1).payload(44);
        script.expectCompletion(1);
        script.post(2, SendOperation.RDMA_WRITE_WITH_IMMEDIATE, 0);
        script.expectPacket(RoceOpcode.UC_WRITE_ONLY_WITH_IMMEDIATE, SEND_PSN + 2).payload(0);
        script.expectCompletion(2);
    }

    @Test
    void shouldGiveNoCompletionForAnUnsignaledRequest() {
        script.post(1, SendOperation.SEND, 8, wqe -> wqe.signaled(false));
        script.expectPacket(RoceOpcode.UC_SEND_ONLY, SEND_PSN);
        script.expectNothing();
    }

    @ParameterizedTest
    @EnumSource(names = {"RDMA_READ", "COMPARE_AND_SWAP", "FETCH_AND_ADD", "SEND_WITH_INVALIDATE"})
    void shouldFailWhatTheServiceDoesNotHave(SendOperation operation) {
        script.post(1, operation, 8);
        WorkCompletion failed = script.expectCompletion(1, WorkCompletionStatus.LOC_QP_OP_ERR);
        assertThat(failed.explain().line()).contains("queue pair of type UC has no");
        script.expectState(QueuePairState.SQE);
        script.expectNothing();
    }

    @Test
    void shouldStopTheSendQueueAloneWhenARequestFails() {
        script.postReceive(7, 64);
        script.begin(1, SendOperation.SEND).elements().add(LOCAL, 8, BAD_KEY);
        script.queue();
        script.begin(2, SendOperation.SEND);
        script.queue();
        script.pump();
        script.expectCompletion(1, WorkCompletionStatus.LOC_PROT_ERR);
        WorkCompletion flushed = script.expectCompletion(2, WorkCompletionStatus.WR_FLUSH_ERR);
        assertThat(flushed.explain().line()).contains("LOC_PROT_ERR");
        script.expectState(QueuePairState.SQE);
        // It still receives.
        script.inject(send(RoceOpcode.UC_SEND_ONLY, RECEIVE_PSN, 5));
        script.expectReceive(7, WorkCompletionOpcode.RECV, 5);
        // What is posted meanwhile is flushed.
        script.post(3, SendOperation.SEND, 8);
        script.expectCompletion(3, WorkCompletionStatus.WR_FLUSH_ERR);
        // Its program moves it back.
        script.qp.state(QueuePairState.RTS);
        script.post(4, SendOperation.SEND, 8);
        script.expectPacket(RoceOpcode.UC_SEND_ONLY, SEND_PSN);
        script.expectCompletion(4);
        script.expectNothing();
    }

    @Test
    void shouldEndTheRequestUnderWayBeforeItIsDrained() {
        script.room(1);
        script.post(1, SendOperation.SEND, 300);
        script.begin(2, SendOperation.SEND);
        script.queue();
        script.qp.state(QueuePairState.SQD);
        script.engine.onDrain(true);
        script.expectPacket(RoceOpcode.UC_SEND_FIRST, SEND_PSN);
        script.expectNothing();
        script.room(5);
        script.expectPacket(RoceOpcode.UC_SEND_LAST, SEND_PSN + 1);
        script.expectCompletion(1);
        script.expectEvent(AsyncEventType.SQ_DRAINED);
        script.expectNothing();
        script.qp.state(QueuePairState.RTS);
        script.pump();
        script.expectPacket(RoceOpcode.UC_SEND_ONLY, SEND_PSN + 2);
        script.expectCompletion(2);
    }

    // Receiving

    @Test
    void shouldPlaceAMessageOfSeveralPackets() {
        script.postReceive(7, 600);
        script.inject(send(RoceOpcode.UC_SEND_FIRST, RECEIVE_PSN, 256));
        script.inject(send(RoceOpcode.UC_SEND_MIDDLE, RECEIVE_PSN + 1, 256));
        script.expectNothing();
        script.inject(
                send(RoceOpcode.UC_SEND_LAST_WITH_IMMEDIATE, RECEIVE_PSN + 2, 3).immediate(99));
        WorkCompletion received = script.expectReceive(7, WorkCompletionOpcode.RECV, 515);
        assertThat(received.immediate()).hasValue(99);
        assertThat(script.local.get(ValueLayout.JAVA_BYTE, MEMORY / 2 + 514))
                .isEqualTo(TestPacket.payloadByte(2));
        script.expectNothing();
    }

    @Test
    void shouldDropAMessageWithAGapAndReuseItsReceive() {
        script.postReceive(7, 1024);
        script.inject(send(RoceOpcode.UC_SEND_FIRST, RECEIVE_PSN, 256));
        script.inject(send(RoceOpcode.UC_SEND_MIDDLE, RECEIVE_PSN + 2, 256));
        script.inject(send(RoceOpcode.UC_SEND_LAST, RECEIVE_PSN + 3, 256));
        expectDropped(TransportCounter.DROPPED_INCOMPLETE, 2);
        script.inject(send(RoceOpcode.UC_SEND_ONLY, RECEIVE_PSN + 9, 10));
        script.expectReceive(7, WorkCompletionOpcode.RECV, 10);
        assertThat(script.count(TransportCounter.OUT_OF_SEQUENCE_REQUESTS)).isEqualTo(2);
    }

    @Test
    void shouldTakeANewMessageWhereTheEndOfTheLastOneIsLost() {
        script.postReceive(7, 1024);
        script.inject(send(RoceOpcode.UC_SEND_FIRST, RECEIVE_PSN, 256));
        script.inject(send(RoceOpcode.UC_SEND_FIRST, RECEIVE_PSN + 2, 256));
        script.inject(send(RoceOpcode.UC_SEND_LAST, RECEIVE_PSN + 3, 1));
        script.expectReceive(7, WorkCompletionOpcode.RECV, 257);
        script.expectNothing();
    }

    @Test
    void shouldTakeAnOlderCopyForAMessageOfItsOwn() {
        script.postReceive(7, 16);
        script.postReceive(8, 16);
        script.inject(send(RoceOpcode.UC_SEND_ONLY, RECEIVE_PSN, 4));
        script.inject(send(RoceOpcode.UC_SEND_ONLY, RECEIVE_PSN, 4));
        script.expectReceive(7, WorkCompletionOpcode.RECV, 4);
        script.expectReceive(8, WorkCompletionOpcode.RECV, 4);
    }

    @Test
    void shouldDropAMessageThatFindsNoReceive() {
        script.inject(send(RoceOpcode.UC_SEND_FIRST, RECEIVE_PSN, 256));
        script.postReceive(7, 1024);
        script.inject(send(RoceOpcode.UC_SEND_LAST, RECEIVE_PSN + 1, 4));
        assertThat(script.count(TransportCounter.DROPPED_NO_RECEIVE)).isEqualTo(1);
        expectDropped(TransportCounter.DROPPED_INCOMPLETE, 1);
    }

    @Test
    void shouldDropAMessageLongerThanItsReceive() {
        script.postReceive(7, 256);
        script.inject(send(RoceOpcode.UC_SEND_FIRST, RECEIVE_PSN, 256));
        script.inject(send(RoceOpcode.UC_SEND_LAST, RECEIVE_PSN + 1, 1));
        expectDropped(TransportCounter.DROPPED_TOO_LONG, 1);
        script.inject(send(RoceOpcode.UC_SEND_ONLY, RECEIVE_PSN + 2, 256));
        script.expectReceive(7, WorkCompletionOpcode.RECV, 256);
    }

    @Test
    void shouldDropPacketsOfAWrongLength() {
        script.postReceive(7, 1024);
        script.inject(send(RoceOpcode.UC_SEND_FIRST, RECEIVE_PSN, 255));
        script.inject(send(RoceOpcode.UC_SEND_ONLY, RECEIVE_PSN + 1, 257));
        script.inject(write(RoceOpcode.UC_WRITE_ONLY, RECEIVE_PSN + 2, EXPOSED_KEY, 9, 8));
        script.inject(write(RoceOpcode.UC_WRITE_FIRST, RECEIVE_PSN + 3, EXPOSED_KEY, 256, 256));
        expectDropped(TransportCounter.DROPPED_BAD_LENGTH, 4);
        expectExposedUntouched();
    }

    @Test
    void shouldFailTheReceiveAndTheQueuePairWhenItsOwnMemoryIsRefused() {
        script.postReceive(7, LOCAL, 64, BAD_KEY);
        script.postReceive(8, 64);
        script.inject(send(RoceOpcode.UC_SEND_ONLY, RECEIVE_PSN, 4));
        script.expectReceive(7, WorkCompletionStatus.LOC_PROT_ERR);
        script.expectReceiveFlushed(8);
        script.expectState(QueuePairState.ERR);
        Explanation first = Objects.requireNonNull(script.qp.firstError());
        assertThat(first.line()).contains("LOC_PROT_ERR");
    }

    @Test
    void shouldPlaceWrites() {
        script.postReceive(7, 0);
        script.inject(write(RoceOpcode.UC_WRITE_FIRST, RECEIVE_PSN, EXPOSED_KEY, 260, 256));
        script.inject(send(RoceOpcode.UC_WRITE_LAST, RECEIVE_PSN + 1, 4));
        script.expectNothing();
        assertThat(script.exposed.get(ValueLayout.JAVA_BYTE, 259))
                .isEqualTo(TestPacket.payloadByte(3));
        script.inject(
                write(RoceOpcode.UC_WRITE_ONLY_WITH_IMMEDIATE, RECEIVE_PSN + 2, EXPOSED_KEY, 4, 4)
                        .immediate(5));
        WorkCompletion received =
                script.expectReceive(7, WorkCompletionOpcode.RECV_RDMA_WITH_IMM, 4);
        assertThat(received.immediate()).hasValue(5);
    }

    @Test
    void shouldPlaceNothingOfAWriteWithABadKeyAndAnswerNothing() {
        script.inject(write(RoceOpcode.UC_WRITE_FIRST, RECEIVE_PSN, BAD_KEY, 300, 256));
        script.inject(send(RoceOpcode.UC_WRITE_LAST, RECEIVE_PSN + 1, 44));
        assertThat(script.count(TransportCounter.DROPPED_INCOMPLETE)).isEqualTo(1);
        expectDropped(TransportCounter.DROPPED_REFUSED, 1);
        expectExposedUntouched();
    }

    @Test
    void shouldPlaceNothingOfAWriteWhoseEndIsOutOfBounds() {
        script.inject(
                TestPacket.of(RoceOpcode.UC_WRITE_FIRST, RECEIVE_PSN)
                        .reth(EXPOSED + MEMORY - 256, EXPOSED_KEY, 300)
                        .payload(256));
        expectDropped(TransportCounter.DROPPED_REFUSED, 1);
        expectExposedUntouched();
    }

    @Test
    void shouldRefuseWritesThatTheQueuePairDoesNotAllow() {
        script.qp.connection().accessBits(0);
        script.inject(write(RoceOpcode.UC_WRITE_ONLY, RECEIVE_PSN, EXPOSED_KEY, 4, 4));
        expectDropped(TransportCounter.DROPPED_REFUSED, 1);
        expectExposedUntouched();
    }

    @Test
    void shouldFlushBothQueuesInErr() {
        script.postReceive(7, 8);
        script.room(0);
        script.post(1, SendOperation.SEND, 8);
        script.qp.state(QueuePairState.ERR);
        script.engine.onError();
        script.expectCompletion(1, WorkCompletionStatus.WR_FLUSH_ERR);
        script.expectReceiveFlushed(7);
        script.inject(send(RoceOpcode.UC_SEND_ONLY, RECEIVE_PSN, 4));
        assertThat(script.count(TransportCounter.DROPPED_NOT_READY)).isEqualTo(1);
        script.expectNothing();
    }
}
