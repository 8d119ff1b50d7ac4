package org.softverbs.soft.roce;

import java.util.OptionalInt;
import org.softverbs.soft.qp.EngineOutput;
import org.softverbs.soft.qp.QueuePairCore;
import org.softverbs.verbs.Cause;
import org.softverbs.verbs.RetryReason;
import org.softverbs.verbs.Wait;

/// Whether and when the peer of a connection answered: what tells a peer that was never there from
/// one that went away, and one that counts otherwise from both.
final class AnswerHistory {

    private final QueuePairCore qp;
    private final FailureFacts facts;
    private final EngineOutput output;
    private boolean answered;
    private boolean answeredStrangely;
    private int strangePsn;
    private boolean notReady;
    private long waitingSince;

    AnswerHistory(QueuePairCore qp, FailureFacts facts, EngineOutput output) {
        this.qp = qp;
        this.facts = facts;
        this.output = output;
    }

    /// A connection begins.
    void start() {
        answered = false;
        answeredStrangely = false;
        notReady = false;
    }

    /// An answer came to something under way.
    void answered() {
        answered = true;
    }

    /// An answer came to nothing under way.
    void answeredStrangely(int psn) {
        answeredStrangely = true;
        strangePsn = psn;
    }

    /// The peer had no receive: that is waited for until something goes on.
    void notReady() {
        notReady = true;
    }

    boolean isNotReady() {
        return notReady;
    }

    /// Something is waited for, if nothing was before.
    void waiting(long nowNanos) {
        if (!notReady) {
            waitingSince = nowNanos;
        }
    }

    /// Something went on.
    void progressed(long nowNanos) {
        notReady = false;
        waitingSince = nowNanos;
    }

    Cause retriesExceeded(int psn, RetryReason reason) {
        return new Cause.RetriesExceeded(
                facts.peer(),
                psn,
                qp.connection().retryCount(),
                reason,
                qp.connection().timeoutNanos(),
                answered,
                answeredStrangely ? OptionalInt.of(strangePsn) : OptionalInt.empty(),
                output.localPath(qp.connection().path()));
    }

    Wait acknowledgement(int psn, long nowNanos, int retriesLeft) {
        int allowed = qp.connection().retryCount();
        return new Wait.Acknowledgement(
                facts.peer(),
                psn,
                nowNanos - waitingSince,
                allowed - retriesLeft,
                allowed,
                answered,
                output.localPath(qp.connection().path()));
    }
}
