package org.softverbs.soft.roce;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.jfr.FlightEvents;
import org.softverbs.soft.qp.EngineOutput;
import org.softverbs.soft.qp.QueuePairCore;
import org.softverbs.soft.qp.TransportCounter;
import org.softverbs.soft.wire.roce.RnrTimer;
import org.softverbs.verbs.Cause;
import org.softverbs.verbs.RetryReason;
import org.softverbs.verbs.Wait;

/// How often and when the requester of a connection goes back: retry counters, and the timers for
/// acknowledgements, for a receiver that is not ready, and for what nobody asked about.
///
/// Where the retries are used up a method gives the cause, and the connection is to end with it.
final class RetryControl {

    /// `rnr_retry` of 7 tries for ever; `retry_cnt` of 7 means seven.
    static final int RNR_RETRY_FOR_EVER = 7;

    /// A timeout may take up to four times its value (InfiniBand 9.7.6.1.3): each in a row takes
    /// twice as long as the one before, up to that, and a peer that is held up for a second lives.
    private static final int MOST_DOUBLINGS = 2;

    /// How long requests may be on their way that nobody waits for, before the peer is asked
    /// whether they arrived.
    static final long PROBE_NANOS = 1_000_000;

    private static final long NOT_RUNNING = Long.MAX_VALUE;

    private final QueuePairCore qp;
    private final EngineOutput output;
    private final RcRequester requester;
    private final FailureFacts facts;
    private final AnswerHistory history;

    private int retriesLeft;
    private int rnrRetriesLeft;
    private long ackDeadline = NOT_RUNNING;
    private long rnrDeadline = NOT_RUNNING;
    private long probeDeadline = NOT_RUNNING;
    private int timeoutsInARow;
    private boolean wentBack;

    RetryControl(
            QueuePairCore qp,
            EngineOutput output,
            RcRequester requester,
            FailureFacts facts,
            AnswerHistory history) {
        this.qp = qp;
        this.output = output;
        this.requester = requester;
        this.facts = facts;
        this.history = history;
    }

    void start() {
        reset();
        refillRetries();
        history.start();
    }

    void reset() {
        ackDeadline = NOT_RUNNING;
        rnrDeadline = NOT_RUNNING;
        probeDeadline = NOT_RUNNING;
        wentBack = false;
        timeoutsInARow = 0;
    }

    long nextDeadline() {
        return Math.min(probeDeadline, Math.min(ackDeadline, rnrDeadline));
    }

    /// Packets were sent: an acknowledgement is now waited for, or will be asked for.
    void onTransmitted(long nowNanos) {
        probeDeadline = requester.isTailUnasked() ? nowNanos + PROBE_NANOS : NOT_RUNNING;
        if (ackDeadline == NOT_RUNNING && requester.isExpectingResponse()) {
            history.waiting(nowNanos);
            restartAckTimer(nowNanos);
        }
    }

    @Nullable Cause onTimer(long nowNanos) {
        if (nowNanos >= rnrDeadline) {
            rnrDeadline = NOT_RUNNING;
            requester.waiting(false);
            requester.goBack();
        }
        if (nowNanos >= probeDeadline) {
            requester.probe(); // its memory may be gone, and then nothing is sent
            probeDeadline = requester.isTailUnasked() ? nowNanos + PROBE_NANOS : NOT_RUNNING;
        }
        if (nowNanos >= ackDeadline) {
            ackDeadline = NOT_RUNNING;
            output.counters().add(TransportCounter.TIMEOUTS);
            wentBack = false;
            timeoutsInARow++;
            requester.window().onTimeout();
            return retry(nowNanos, RetryReason.TIMEOUT);
        }
        return null;
    }

    @Nullable Cause onSequenceNak(long nowNanos) {
        output.counters().add(TransportCounter.RECEIVED_SEQUENCE_NAKS);
        if (!wentBack) {
            requester.window().onLoss();
        }
        return retry(nowNanos, RetryReason.SEQUENCE_NAK);
    }

    @Nullable Cause onRnrNak(int timerCode, int psn, long nowNanos) {
        FlightEvents.rnrNak(qp.number(), false, psn, RnrTimer.nanos(timerCode));
        output.counters().add(TransportCounter.RECEIVED_RNR_NAKS);
        if (rnrDeadline != NOT_RUNNING) {
            return null;
        }
        if (qp.connection().rnrRetry() != RNR_RETRY_FOR_EVER) {
            if (rnrRetriesLeft == 0) {
                output.counters().add(TransportCounter.RNR_RETRIES_EXCEEDED);
                return new Cause.ReceiverNotReady(
                        facts.peer(), psn, qp.connection().rnrRetry(), RnrTimer.nanos(timerCode));
            }
            rnrRetriesLeft--;
        }
        history.notReady();
        rnrDeadline = nowNanos + RnrTimer.nanos(timerCode);
        ackDeadline = NOT_RUNNING;
        requester.waiting(true);
        return null;
    }

    /// A later response shows that an earlier one is lost (implied NAK).
    @Nullable Cause onLostResponse(long nowNanos) {
        if (wentBack) {
            return null;
        }
        output.counters().add(TransportCounter.IMPLIED_NAKS);
        requester.window().onLoss();
        return retry(nowNanos, RetryReason.LOST_RESPONSE);
    }

    /// Goes back once for a loss; what was on its way before shows the same loss again. An RNR wait
    /// ends with going back anyway, and no timeout runs during it.
    private @Nullable Cause retry(long nowNanos, RetryReason reason) {
        if (wentBack || rnrDeadline != NOT_RUNNING) {
            return null;
        }
        if (retriesLeft == 0) {
            output.counters().add(TransportCounter.RETRIES_EXCEEDED);
            return history.retriesExceeded(requester.unackedPsn(), reason);
        }
        retriesLeft--;
        output.counters().add(TransportCounter.RETRIES);
        FlightEvents.retransmitted(qp.number(), requester.unackedPsn(), reason, retriesLeft);
        wentBack = true;
        requester.goBack();
        restartAckTimer(nowNanos);
        return null;
    }

    /// Something was acknowledged that was not before.
    void progress(long nowNanos) {
        history.progressed(nowNanos);
        wentBack = false;
        timeoutsInARow = 0;
        refillRetries();
        if (rnrDeadline != NOT_RUNNING) {
            rnrDeadline = NOT_RUNNING;
            requester.waiting(false);
        }
        restartOrStopAckTimer(nowNanos);
    }

    private void refillRetries() {
        retriesLeft = qp.connection().retryCount();
        rnrRetriesLeft = qp.connection().rnrRetry();
    }

    /// What is waited for is another thing from now on.
    void restartOrStopAckTimer(long nowNanos) {
        if (requester.isExpectingResponse()) {
            restartAckTimer(nowNanos);
        } else {
            ackDeadline = NOT_RUNNING;
        }
        if (!requester.isTailUnasked()) {
            probeDeadline = NOT_RUNNING;
        }
    }

    private void restartAckTimer(long nowNanos) {
        long timeout = qp.connection().timeoutNanos();
        int doublings = Math.min(MOST_DOUBLINGS, timeoutsInARow);
        ackDeadline = timeout == Long.MAX_VALUE ? NOT_RUNNING : nowNanos + (timeout << doublings);
    }

    /// What of the peer is waited for.
    Optional<Wait> waitsFor(long nowNanos) {
        int psn = requester.unackedPsn();
        if (history.isNotReady()) {
            int allowed = qp.connection().rnrRetry();
            // The one that the timer runs for is not done yet.
            int done = allowed - rnrRetriesLeft - (rnrDeadline == NOT_RUNNING ? 0 : 1);
            return Optional.of(
                    new Wait.ReceiverNotReady(
                            facts.peer(),
                            psn,
                            rnrDeadline == NOT_RUNNING ? 0 : Math.max(0, rnrDeadline - nowNanos),
                            Math.max(0, done),
                            allowed));
        }
        return psn == requester.nextPsn()
                ? Optional.empty()
                : Optional.of(history.acknowledgement(psn, nowNanos, retriesLeft));
    }
}
