package org.softverbs.soft.roce;

import static org.softverbs.soft.wire.roce.RoceOpcode.RC_SEND_FIRST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_SEND_LAST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_SEND_ONLY;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_WRITE_ONLY;

import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.soft.queue.SendOperation;
import org.softverbs.soft.wire.roce.AckSyndrome;
import org.softverbs.soft.wire.roce.RnrTimer;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.WorkCompletionStatus;

/// How long a requester waits, and how often it tries again: every value that a queue pair may
/// have. Packet scripts (`rpkt/rc/retry`) have the behaviours.
class RetryScriptTest {

    private static final int PSN = EngineScript.SEND_PSN;
    private static final long TIMEOUT = 4096L << 14;

    static IntStream timeoutCodes() {
        return IntStream.rangeClosed(1, 31);
    }

    @ParameterizedTest
    @MethodSource("timeoutCodes")
    void shouldRetransmitExactlyWhenTheTimeoutIsOver(int code) {
        EngineScript script = EngineScript.connected(connection -> connection.timeout(code));
        script.post(1, SendOperation.SEND, 8);
        script.dropSent();
        script.advance((4096L << code) - 1);
        script.expectNothing();
        script.advance(1);
        script.expectPacket(RC_SEND_ONLY, PSN);
        script.expectNothing();
    }

    /// Each timeout in a row takes twice as long, up to four times the first.
    ///
    /// Unlike rxe, for which 7 is endless: the specification has that for RNR only.
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void shouldGiveUpAfterSoManyRetries(int retries) {
        EngineScript script = EngineScript.connected(connection -> connection.retryCount(retries));
        script.post(1, SendOperation.SEND, 8, wqe -> wqe.signaled(false));
        script.post(2, SendOperation.SEND, 8);
        script.postReceive(3, 64);
        script.dropSent();
        for (int i = 0; i < retries; i++) {
            script.advance((TIMEOUT << Math.min(2, i)) - 1);
            script.expectNothing();
            script.advance(1);
            script.expectPacket(RC_SEND_ONLY, PSN);
            script.expectPacket(RC_SEND_ONLY, PSN + 1);
            script.expectNothing();
        }
        script.advance((TIMEOUT << Math.min(2, retries)) - 1);
        script.expectNothing();
        script.advance(1);
        script.expectCompletion(1, WorkCompletionStatus.RETRY_EXC_ERR);
        script.expectCompletion(2, WorkCompletionStatus.WR_FLUSH_ERR);
        script.expectReceive(3, WorkCompletionStatus.WR_FLUSH_ERR);
        script.expectNothing();
        script.expectState(QueuePairState.ERR);
        script.post(4, SendOperation.SEND, 8);
        script.expectCompletion(4, WorkCompletionStatus.WR_FLUSH_ERR);
        script.postReceive(5, 64);
        script.expectReceive(5, WorkCompletionStatus.WR_FLUSH_ERR);
        script.inject(TestPacket.ack(PSN));
        script.advance(TIMEOUT * 100);
        script.expectNothing();
    }

    static IntStream rnrCodes() {
        return IntStream.range(0, RnrTimer.CODES);
    }

    @ParameterizedTest
    @MethodSource("rnrCodes")
    void shouldWaitAsLongAsTheRnrCodeSays(int code) {
        EngineScript script = EngineScript.connected();
        script.post(1, SendOperation.SEND, 300);
        script.post(2, SendOperation.SEND, 8);
        script.dropSent();
        script.inject(TestPacket.nak(PSN, AckSyndrome.rnrNak(code)));
        script.post(3, SendOperation.SEND, 8);
        script.advance(RnrTimer.nanos(code) - 1);
        script.expectNothing();
        script.advance(1);
        script.expectPacket(RC_SEND_FIRST, PSN);
        script.expectPacket(RC_SEND_LAST, PSN + 1);
        script.expectPacket(RC_SEND_ONLY, PSN + 2);
        script.expectPacket(RC_SEND_ONLY, PSN + 3);
        script.expectNothing();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6})
    void shouldGiveUpAfterSoManyRnrRetries(int retries) {
        EngineScript script = EngineScript.connected(connection -> connection.rnrRetry(retries));
        script.post(1, SendOperation.SEND, 8);
        script.post(2, SendOperation.SEND, 8);
        script.expectPacket(RC_SEND_ONLY, PSN);
        script.dropSent();
        for (int i = 0; i < retries; i++) {
            script.inject(TestPacket.nak(PSN, AckSyndrome.rnrNak(1)));
            script.expectNothing();
            script.advance(RnrTimer.nanos(1));
            script.expectPacket(RC_SEND_ONLY, PSN);
            script.dropSent();
        }
        script.inject(TestPacket.nak(PSN, AckSyndrome.rnrNak(1)));
        script.expectCompletion(1, WorkCompletionStatus.RNR_RETRY_EXC_ERR);
        script.expectCompletion(2, WorkCompletionStatus.WR_FLUSH_ERR);
        script.expectNothing();
    }

    /// What asks the peer for news is the newest packet once more: when its memory is gone, those
    /// before it are asked about all the same, and then the request fails.
    @ParameterizedTest
    @ValueSource(longs = {8, 519})
    void shouldFailInTheEndWhenMemoryGoesBeforeThePeerIsAsked(long length) {
        EngineScript script = EngineScript.connected();
        script.post(1, SendOperation.RDMA_WRITE, 0, wqe -> wqe.signaled(false));
        script.post(2, SendOperation.RDMA_WRITE, length, wqe -> wqe.signaled(false));
        script.deregister(EngineScript.LOCAL_KEY);
        script.dropSent();
        script.advance(10_000_000);
        script.expectPacket(RC_WRITE_ONLY, PSN);
        script.inject(TestPacket.ack(PSN));
        script.expectCompletion(2, WorkCompletionStatus.LOC_PROT_ERR);
        script.expectNothing();
        script.expectState(QueuePairState.ERR);
    }
}
