package org.softverbs.soft.cm;

/// Where a connection, or an exchange about a service, stands.
///
/// There is no state for "DREQ received": a DREQ is answered at once
/// (`docs/adr/0019-connection-manager.md`).
public enum CmState {
    /// Active: REQ is out.
    REQ_SENT,
    /// Active: the peer said by MRA that its REP takes longer.
    MRA_REQ_RECEIVED,
    /// Passive: REQ is with the consumer.
    REQ_RECEIVED,
    /// Passive: REP is out.
    REP_SENT,
    /// Passive: the peer said by MRA that its RTU takes longer.
    MRA_REP_RECEIVED,
    /// Active: REP is with the consumer.
    REP_RECEIVED,
    ESTABLISHED,
    DREQ_SENT,
    /// Passive: the consumer rejected; the REJ is kept for a while in case it was lost.
    REQ_REJECTED,
    /// Over; the queue pair number is not used again before it ends.
    TIMEWAIT,
    /// SIDR_REQ is out.
    SIDR_REQ_SENT,
    /// SIDR_REQ is with the consumer.
    SIDR_REQ_RECEIVED,
    /// SIDR_REQ is answered; the answer is kept for a while in case it was lost.
    SIDR_ANSWERED,
    /// Forgotten by the engine.
    CLOSED;

    /// Whether this is a passive side whose peer did not show yet that it gets answers.
    boolean isHalfOpen() {
        return this == REQ_RECEIVED
                || this == REP_SENT
                || this == MRA_REP_RECEIVED
                || this == SIDR_REQ_RECEIVED;
    }

    /// Whether it is answered, and kept for nothing but to answer again.
    boolean isMemory() {
        return this == REQ_REJECTED || this == SIDR_ANSWERED;
    }

    /// Whether packets of the connection may be under way to its queue pair.
    boolean isConnected() {
        return switch (this) {
            case REP_SENT, MRA_REP_RECEIVED, REP_RECEIVED, ESTABLISHED, DREQ_SENT -> true;
            case REQ_SENT,
                    MRA_REQ_RECEIVED,
                    REQ_RECEIVED,
                    REQ_REJECTED,
                    TIMEWAIT,
                    SIDR_REQ_SENT,
                    SIDR_REQ_RECEIVED,
                    SIDR_ANSWERED,
                    CLOSED ->
                    false;
        };
    }
}
