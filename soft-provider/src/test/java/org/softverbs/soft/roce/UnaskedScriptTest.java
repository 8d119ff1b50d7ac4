package org.softverbs.soft.roce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_READ_REQUEST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_SEND_FIRST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_SEND_ONLY;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.softverbs.soft.qp.TransportCounter;
import org.softverbs.soft.queue.SendOperation;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.soft.wire.packet.RocePacket;
import org.softverbs.soft.wire.roce.AckSyndrome;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.WorkCompletionStatus;

/// A request that nobody waits for asks for no acknowledgement, and none is lost by it (ADR 11).
class UnaskedScriptTest {

    private static final int PSN = EngineScript.SEND_PSN;
    private static final long TIMEOUT = 4096L << 14;

    private final EngineScript script = EngineScript.connected();

    private void postUnsignaled(long id) {
        script.post(id, SendOperation.SEND, 8, wqe -> wqe.signaled(false));
    }

    private List<Boolean> asked() {
        return script.takeSent().stream().map(packet -> packet.bth().ackRequest()).toList();
    }

    @Test
    void shouldAskForAnAcknowledgementOnlyWhenTheCompletionIsWanted() {
        postUnsignaled(1);
        postUnsignaled(2);
        script.post(3, SendOperation.SEND, 8);
        assertThat(asked()).containsExactly(false, false, true);
        script.inject(TestPacket.ack(PSN + 2));
        script.expectCompletion(3);
        script.advance(10 * RcCompleter.PROBE_NANOS);
        script.expectNothing();
    }

    @Test
    void shouldAskWithTheSixteenthRequestInARow() {
        for (int id = 1; id < RcRequester.UNASKED_REQUESTS; id++) {
            postUnsignaled(id);
        }
        assertThat(asked()).doesNotContain(true);
        postUnsignaled(RcRequester.UNASKED_REQUESTS);
        assertThat(asked()).containsExactly(true);
        postUnsignaled(99);
        assertThat(asked()).containsExactly(false);
    }

    @Test
    void shouldAskWhenNothingFollowsForAWhile() {
        postUnsignaled(1);
        postUnsignaled(2);
        script.dropSent();
        script.advance(RcCompleter.PROBE_NANOS - 1);
        script.expectNothing();
        script.advance(1);
        List<RocePacket> probe = script.takeSent();
        assertThat(probe).hasSize(1);
        assertThat(probe.getFirst().bth().psn()).isEqualTo(PSN + 1);
        assertThat(probe.getFirst().bth().ackRequest()).isTrue();
        script.inject(TestPacket.ack(PSN + 1));
        script.advance(1_000_000_000);
        script.expectNothing();
        assertThat(script.counters().get(TransportCounter.TIMEOUTS)).isZero();
    }

    @Test
    void shouldSendEverythingAgainThatAProbeShowsToBeLost() {
        postUnsignaled(1);
        postUnsignaled(2);
        script.dropSent();
        script.advance(RcCompleter.PROBE_NANOS);
        script.dropSent();
        script.inject(TestPacket.nak(PSN, AckSyndrome.NAK_PSN_SEQUENCE_ERROR));
        script.expectPacket(RC_SEND_ONLY, PSN);
        script.expectPacket(RC_SEND_ONLY, PSN + 1);
        script.inject(TestPacket.ack(PSN + 1));
        script.advance(1_000_000_000);
        script.expectNothing();
    }

    @Test
    void shouldTakeALostProbeForATimeout() {
        postUnsignaled(1);
        script.dropSent();
        script.advance(RcCompleter.PROBE_NANOS);
        script.dropSent();
        script.advance(TIMEOUT);
        script.expectPacket(RC_SEND_ONLY, PSN);
        assertThat(script.counters().get(TransportCounter.TIMEOUTS)).isEqualTo(1);
    }

    @Test
    void shouldProbeTheLastPacketOfALongMessage() {
        script.post(1, SendOperation.RDMA_WRITE, 600, wqe -> wqe.signaled(false));
        script.dropSent();
        script.advance(RcCompleter.PROBE_NANOS);
        List<RocePacket> probe = script.takeSent();
        assertThat(probe).hasSize(1);
        assertThat(probe.getFirst().bth().psn()).isEqualTo(PSN + 2);
        script.inject(TestPacket.ack(PSN + 2));
        script.post(2, SendOperation.SEND, 8);
        script.expectPacket(RC_SEND_ONLY, PSN + 3);
    }

    @Test
    void shouldLeaveItToTheResponseOfALaterRead() {
        postUnsignaled(1);
        script.post(2, SendOperation.RDMA_READ, 8);
        script.expectPacket(RC_SEND_ONLY, PSN);
        script.expectPacket(RC_READ_REQUEST, PSN + 1);
        script.advance(10 * RcCompleter.PROBE_NANOS);
        script.expectNothing();
    }

    /// A request that fails here is reported behind those before it, also when nobody waits for
    /// them.
    @Test
    void shouldReportALocalErrorBehindARequestThatDidNotAsk() {
        postUnsignaled(1);
        script.dropSent();
        script.begin(2, SendOperation.SEND).elements().add(EngineScript.LOCAL, 8, 0x0bad);
        script.post();
        script.expectNothing();
        script.advance(RcCompleter.PROBE_NANOS);
        script.expectPacket(RC_SEND_ONLY, PSN);
        script.inject(TestPacket.ack(PSN));
        script.expectCompletion(2, WorkCompletionStatus.LOC_PROT_ERR);
        script.expectState(QueuePairState.ERR);
    }

    @Test
    void shouldReportALocalErrorInTheMidstOfAMessageBehindARequestThatDidNotAsk() {
        postUnsignaled(1);
        SendWqe wqe = script.begin(2, SendOperation.SEND);
        wqe.elements().add(EngineScript.LOCAL, 256, EngineScript.LOCAL_KEY);
        wqe.elements().add(EngineScript.LOCAL, 256, 0x0bad);
        script.post();
        script.expectPacket(RC_SEND_ONLY, PSN);
        script.expectPacket(RC_SEND_FIRST, PSN + 1);
        script.expectNothing();
        script.advance(RcCompleter.PROBE_NANOS);
        script.expectPacket(RC_SEND_ONLY, PSN);
        script.inject(TestPacket.ack(PSN));
        script.expectCompletion(2, WorkCompletionStatus.LOC_PROT_ERR);
        script.expectState(QueuePairState.ERR);
    }

    /// A link without room, or more to send, puts a probe off; it is not forgotten.
    @Test
    void shouldProbeLaterWhenSomethingElseWasToBeSent() {
        postUnsignaled(1);
        script.dropSent();
        script.room(0);
        script.post(2, SendOperation.SEND, 8, wqe -> wqe.signaled(false));
        script.advance(RcCompleter.PROBE_NANOS);
        script.expectNothing();
        script.modifyTo(QueuePairState.SQD);
        script.room(100);
        script.advance(RcCompleter.PROBE_NANOS);
        script.expectPacket(RC_SEND_ONLY, PSN);
        script.inject(TestPacket.ack(PSN));
        script.expectEvent(AsyncEventType.SQ_DRAINED);
        script.expectNothing();
    }

    @Test
    void shouldForgetAProbeInErr() {
        postUnsignaled(1);
        script.dropSent();
        script.modifyTo(QueuePairState.ERR);
        script.expectCompletion(1, WorkCompletionStatus.WR_FLUSH_ERR);
        script.advance(10 * RcCompleter.PROBE_NANOS);
        script.expectNothing();
    }

    @Test
    void shouldDrainWhatNobodyWaitsFor() {
        postUnsignaled(1);
        script.dropSent();
        script.modifyTo(QueuePairState.SQD);
        postUnsignaled(2);
        script.expectNothing();
        script.advance(RcCompleter.PROBE_NANOS);
        script.expectPacket(RC_SEND_ONLY, PSN);
        script.inject(TestPacket.ack(PSN));
        script.expectEvent(AsyncEventType.SQ_DRAINED);
        script.expectNothing();
        script.modifyTo(QueuePairState.RTS);
        script.pump();
        script.expectPacket(RC_SEND_ONLY, PSN + 1);
    }
}
