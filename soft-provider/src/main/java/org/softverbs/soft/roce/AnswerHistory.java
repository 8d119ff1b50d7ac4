package org.softverbs.soft.roce;

import java.util.OptionalInt;
import org.softverbs.verbs.Cause;
import org.softverbs.verbs.Peer;
import org.softverbs.verbs.RetryReason;
import org.softverbs.verbs.Wait;

/// Whether and when the peer of a connection answered: what tells a peer that was never there from
/// one that went away, and one that counts otherwise from both.
final class AnswerHistory {

    private boolean answered;
    private boolean answeredStrangely;
    private int strangePsn;
    private boolean notReady;
    private long waitingSince;

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

    Cause retriesExceeded(Peer peer, int psn, int retries, RetryReason reason, long timeoutNanos) {
        return new Cause.RetriesExceeded(
                peer,
                psn,
                retries,
                reason,
                timeoutNanos,
                answered,
                answeredStrangely ? OptionalInt.of(strangePsn) : OptionalInt.empty());
    }

    Wait acknowledgement(Peer peer, int psn, long nowNanos, int retries, int allowed) {
        return new Wait.Acknowledgement(
                peer, psn, nowNanos - waitingSince, retries, allowed, answered);
    }
}
