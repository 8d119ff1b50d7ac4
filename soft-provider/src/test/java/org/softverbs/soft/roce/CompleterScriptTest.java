package org.softverbs.soft.roce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_ATOMIC_ACKNOWLEDGE;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_FETCH_ADD;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_READ_REQUEST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_READ_RESPONSE_FIRST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_READ_RESPONSE_LAST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_READ_RESPONSE_MIDDLE;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_READ_RESPONSE_ONLY;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_SEND_FIRST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_SEND_LAST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_SEND_ONLY;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_WRITE_LAST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_WRITE_MIDDLE;

import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.soft.qp.TransportCounter;
import org.softverbs.soft.queue.SendOperation;
import org.softverbs.soft.wire.roce.AckSyndrome;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.WorkCompletionStatus;

/// What a requester makes of what comes back, or does not.
class CompleterScriptTest {

    private static final int PSN = EngineScript.SEND_PSN;
    private static final int SEQUENCE = AckSyndrome.NAK_PSN_SEQUENCE_ERROR;
    private static final long TIMEOUT = 4096L << 14;

    @Test
    void shouldCompleteAllRequestsThatACumulativeAckCovers() {
        EngineScript script = EngineScript.connected();
        for (int i = 0; i < 5; i++) {
            script.post(i, SendOperation.SEND, 300);
        }
        script.dropSent();
        script.inject(TestPacket.ack(PSN + 6));
        for (int i = 0; i < 3; i++) {
            script.expectCompletion(i);
        }
        script.expectNothing();
        script.inject(TestPacket.ack(PSN + 9));
        script.expectCompletion(3);
        script.expectCompletion(4);
        script.expectNothing();
    }

    @Test
    void shouldTakeAReadResponseAsAckOfEverythingBefore() {
        EngineScript script = EngineScript.connected();
        script.post(1, SendOperation.RDMA_WRITE, 600);
        script.post(2, SendOperation.SEND, 0);
        script.post(3, SendOperation.RDMA_READ, 8);
        script.dropSent();
        script.inject(response(PSN + 4, 8));
        script.expectCompletion(1);
        script.expectCompletion(2);
        script.expectCompletion(3);
        script.expectNothing();
        assertThat(script.engine.nextDeadline()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void shouldIgnoreGhostAcknowledgements() {
        EngineScript script = EngineScript.connected();
        script.inject(TestPacket.ack(PSN));
        script.inject(TestPacket.ack(PSN - 1));
        script.inject(TestPacket.nak(PSN, SEQUENCE));
        script.inject(TestPacket.nak(PSN, AckSyndrome.NAK_REMOTE_ACCESS_ERROR));
        script.inject(TestPacket.nak(PSN, 0x21));
        script.inject(response(PSN, 8));
        script.post(1, SendOperation.SEND, 300);
        script.dropSent();
        for (int beyond : new int[] {2, 3, 100, 0x7f_ffff, 0x80_0000, 0xff_ffff}) {
            script.inject(TestPacket.ack(PSN + beyond & 0xff_ffff));
            script.inject(TestPacket.nak(PSN + beyond & 0xff_ffff, SEQUENCE));
            script.inject(TestPacket.nak(PSN + beyond & 0xff_ffff, 0x2c));
            script.inject(TestPacket.nak(PSN + beyond & 0xff_ffff, 0x61));
        }
        script.expectNothing();
        script.inject(TestPacket.ack(PSN + 1));
        script.expectCompletion(1);
        script.inject(TestPacket.ack(PSN + 1));
        script.inject(TestPacket.nak(PSN + 1, 0x62));
        script.expectNothing();
        script.expectState(QueuePairState.RTS);
    }

    @ParameterizedTest
    @ValueSource(ints = {0x40, 0x5f, 0x65, 0x66, 0x7f, 0x80, 0xa0, 0xc0, 0xe0, 0xff})
    void shouldIgnoreAReservedSyndrome(int syndrome) {
        EngineScript script = EngineScript.connected();
        script.post(1, SendOperation.SEND, 8);
        script.dropSent();
        script.inject(TestPacket.nak(PSN, syndrome));
        script.expectNothing();
        assertThat(script.count(TransportCounter.DROPPED_BAD_ACKNOWLEDGEMENT)).isEqualTo(1);
        script.inject(TestPacket.ack(PSN));
        script.expectCompletion(1);
    }

    @Test
    void shouldAcceptAnAckWithAnyCreditCount() {
        EngineScript script = EngineScript.connected();
        for (int credits = 0; credits < 32; credits++) {
            script.post(credits, SendOperation.SEND, 8);
            script.dropSent();
            script.inject(TestPacket.nak(PSN + credits, credits));
            script.expectCompletion(credits);
        }
        script.expectNothing();
    }

    @Test
    void shouldGoBackToTheMiddleOfAMessageWhenASequenceNakSaysSo() {
        EngineScript script = EngineScript.connected();
        script.post(1, SendOperation.RDMA_WRITE, 1024);
        script.post(2, SendOperation.SEND, 8);
        script.dropSent();
        script.inject(TestPacket.nak(PSN + 2, SEQUENCE));
        script.expectPacket(RC_WRITE_MIDDLE, PSN + 2).payload(256);
        script.expectPacket(RC_WRITE_LAST, PSN + 3).payload(256);
        script.expectPacket(RC_SEND_ONLY, PSN + 4);
        script.expectNothing();
        // The NAK again: what it asks for is under way already.
        script.inject(TestPacket.nak(PSN + 2, SEQUENCE));
        script.expectNothing();
        script.inject(TestPacket.ack(PSN + 4));
        script.expectCompletion(1);
        script.expectCompletion(2);
        script.expectNothing();
    }

    @Test
    void shouldCarryOnBehindAnAckThatOvertakesTheRetransmission() {
        EngineScript script = EngineScript.connected();
        script.post(1, SendOperation.SEND, 1024);
        script.post(2, SendOperation.SEND, 300);
        script.dropSent();
        script.room(1);
        script.advance(TIMEOUT);
        script.expectPacket(RC_SEND_FIRST, PSN);
        script.inject(TestPacket.ack(PSN + 4));
        script.expectCompletion(1);
        script.expectNothing();
        script.room(100);
        script.expectPacket(RC_SEND_LAST, PSN + 5).payload(44);
        script.expectNothing();
        script.inject(TestPacket.ack(PSN + 5));
        script.expectCompletion(2);
        script.post(3, SendOperation.SEND, 8);
        script.expectPacket(RC_SEND_ONLY, PSN + 6);
        script.expectNothing();
    }

    @Test
    void shouldAskForTheRestOfAReadWhenResponsesAreLost() {
        EngineScript script = EngineScript.connected();
        script.post(1, SendOperation.RDMA_READ, 1000);
        script.dropSent();
        script.inject(part(RC_READ_RESPONSE_FIRST, PSN, 256));
        // The second is lost: the third shows it.
        script.inject(part(RC_READ_RESPONSE_MIDDLE, PSN + 2, 256));
        script.expectPacket(RC_READ_REQUEST, PSN + 1).reth(EngineScript.EXPOSED + 256, 744);
        script.inject(part(RC_READ_RESPONSE_LAST, PSN + 3, 232));
        script.expectNothing();
        script.inject(part(RC_READ_RESPONSE_MIDDLE, PSN + 1, 256));
        script.inject(part(RC_READ_RESPONSE_MIDDLE, PSN + 1, 256));
        script.inject(part(RC_READ_RESPONSE_MIDDLE, PSN + 2, 256));
        script.inject(part(RC_READ_RESPONSE_LAST, PSN + 3, 232));
        script.expectCompletion(1);
        script.expectNothing();
    }

    @Test
    void shouldAskForTheRestOfAReadWhenTheTimeoutIsOver() {
        EngineScript script = EngineScript.connected();
        script.post(1, SendOperation.RDMA_READ, 1000);
        script.dropSent();
        script.inject(part(RC_READ_RESPONSE_FIRST, PSN, 256));
        script.inject(part(RC_READ_RESPONSE_MIDDLE, PSN + 1, 256));
        script.advance(TIMEOUT);
        script.expectPacket(RC_READ_REQUEST, PSN + 2).reth(EngineScript.EXPOSED + 512, 488);
        script.expectNothing();
    }

    /// After a loss a READ is asked for in parts, each answered with First to Last of its own.
    @Test
    void shouldAskForALongReadInPartsAfterALoss() {
        EngineScript script = EngineScript.connected();
        script.post(1, SendOperation.SEND, 8);
        script.advance(TIMEOUT);
        script.inject(TestPacket.ack(PSN));
        script.expectCompletion(1);
        script.dropSent();
        script.post(2, SendOperation.RDMA_READ, 256 * 40);
        script.post(3, SendOperation.SEND, 8);
        int first = PSN + 1;
        int part = CongestionWindow.SMALLEST + 1;
        script.expectPacket(RC_READ_REQUEST, first).reth(EngineScript.EXPOSED, part * 256L);
        script.expectNothing();
        answerPart(script, first, part);
        SentPacket next = script.expectPacket(RC_READ_REQUEST, first + part);
        next.reth(EngineScript.EXPOSED + part * 256L, (40 - part) * 256L);
        script.expectPacket(RC_SEND_ONLY, first + 40);
        // A loss in the second part asks for the rest of that part only.
        script.inject(part(RC_READ_RESPONSE_FIRST, first + part, 256));
        script.advance(TIMEOUT);
        script.expectPacket(RC_READ_REQUEST, first + part + 1)
                .reth(EngineScript.EXPOSED + (part + 1) * 256L, (39 - part) * 256L);
        script.expectNothing();
        answerPart(script, first + part + 1, 39 - part);
        script.expectCompletion(2);
        script.expectPacket(RC_SEND_ONLY, first + 40);
        script.inject(TestPacket.ack(first + 40));
        script.expectCompletion(3);
        script.expectNothing();
    }

    private static void answerPart(EngineScript script, int psn, int packets) {
        script.inject(part(RC_READ_RESPONSE_FIRST, psn, 256));
        for (int i = 1; i < packets - 1; i++) {
            script.inject(part(RC_READ_RESPONSE_MIDDLE, psn + i, 256));
        }
        script.inject(part(RC_READ_RESPONSE_LAST, psn + packets - 1, 256));
    }

    /// A responder that takes the request for the rest as one of its own starts with First.
    @Test
    void shouldAcceptTheRestOfAReadUnderEitherSetOfOpcodes() {
        EngineScript script = EngineScript.connected();
        script.post(1, SendOperation.RDMA_READ, 1000);
        script.dropSent();
        script.inject(part(RC_READ_RESPONSE_FIRST, PSN, 256));
        script.inject(part(RC_READ_RESPONSE_FIRST, PSN + 1, 256));
        script.inject(part(RC_READ_RESPONSE_MIDDLE, PSN + 2, 256));
        script.inject(part(RC_READ_RESPONSE_ONLY, PSN + 3, 232));
        script.expectCompletion(1);
        script.expectNothing();
    }

    @Test
    void shouldTakeAnAckBehindAReadAsLossOfItsResponses() {
        EngineScript script = EngineScript.connected();
        script.post(1, SendOperation.RDMA_READ, 8);
        script.post(2, SendOperation.SEND, 8);
        script.dropSent();
        script.inject(TestPacket.ack(PSN + 1));
        script.expectPacket(RC_READ_REQUEST, PSN);
        script.expectPacket(RC_SEND_ONLY, PSN + 1);
        script.inject(TestPacket.ack(PSN + 1));
        script.expectNothing();
        script.inject(response(PSN, 8));
        script.inject(TestPacket.ack(PSN + 1));
        script.expectCompletion(1);
        script.expectCompletion(2);
        script.expectNothing();
        assertThat(script.count(TransportCounter.IMPLIED_NAKS)).isEqualTo(1);
    }

    @Test
    void shouldRetryAnAtomicWhoseResponseIsLost() {
        EngineScript script = EngineScript.connected();
        script.post(1, SendOperation.FETCH_AND_ADD, 8, wqe -> wqe.operands(0, 4));
        script.expectPacket(RC_FETCH_ADD, PSN);
        script.advance(TIMEOUT);
        script.expectPacket(RC_FETCH_ADD, PSN);
        script.inject(TestPacket.of(RC_ATOMIC_ACKNOWLEDGE, PSN).aeth(0x1f).original(77));
        script.expectCompletion(1);
        assertThat(script.local.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(77);
        script.inject(TestPacket.of(RC_ATOMIC_ACKNOWLEDGE, PSN).aeth(0x1f).original(78));
        assertThat(script.local.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(77);
        script.expectNothing();
    }

    @ParameterizedTest
    @CsvSource({
        "0x61, REM_INV_REQ_ERR",
        "0x62, REM_ACCESS_ERR",
        "0x63, REM_OP_ERR",
        "0x64, REM_INV_RD_REQ_ERR"
    })
    void shouldEndWithTheStatusOfAFatalNak(String syndrome, WorkCompletionStatus status) {
        EngineScript script = EngineScript.connected();
        script.post(1, SendOperation.SEND, 8);
        script.post(2, SendOperation.RDMA_WRITE, 600, wqe -> wqe.signaled(false));
        script.post(3, SendOperation.SEND, 8);
        script.dropSent();
        script.inject(TestPacket.nak(PSN + 2, Integer.decode(syndrome)));
        script.expectCompletion(1);
        script.expectCompletion(2, status);
        script.expectCompletion(3, WorkCompletionStatus.WR_FLUSH_ERR);
        script.expectNothing();
        script.expectState(QueuePairState.ERR);
    }

    private static TestPacket response(int psn, int length) {
        return part(RC_READ_RESPONSE_ONLY, psn, length);
    }

    private static TestPacket part(RoceOpcode opcode, int psn, int length) {
        TestPacket packet = TestPacket.of(opcode, psn).payload(length);
        return opcode == RC_READ_RESPONSE_MIDDLE ? packet : packet.aeth(0x1f);
    }
}
