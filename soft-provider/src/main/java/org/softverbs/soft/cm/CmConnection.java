package org.softverbs.soft.cm;

import org.jspecify.annotations.Nullable;
import org.softverbs.verbs.GlobalIdentifier;

/// A connection that is, is being made or has been, or an exchange about a datagram service. The
/// engine alone changes it.
public final class CmConnection {

    static final long NO_DEADLINE = Long.MAX_VALUE;

    final boolean active;
    final int localId;
    final GlobalIdentifier localGid;
    final GlobalIdentifier remoteGid;
    final long serviceId;
    final CmRequest.Timing timing;

    CmState state;
    CmConsumer consumer;
    int remoteId;
    long remoteGuid;
    int localQueuePair;
    int remoteQueuePair;
    long transactionId;

    /// What is sent again when it is not answered.
    byte @Nullable [] sent;

    int tries;
    int messageReceipts;
    long firstSentNanos;
    long startedNanos;

    /// How long an answer to what was sent is waited for.
    long waitNanos;

    /// When it is given up; a REP is not sent again as often as it is waited for.
    long giveUpNanos;

    long deadline = NO_DEADLINE;
    int timerIndex = -1;

    /// Who asked for the passive side, until the request is taken.
    @Nullable CmListener waitingAt;

    // The list of passive connections that may have to make room, oldest first.
    @Nullable CmConnection older;
    @Nullable CmConnection newer;
    boolean listed;

    CmConnection(
            boolean active,
            int localId,
            GlobalIdentifier localGid,
            GlobalIdentifier remoteGid,
            long serviceId,
            CmRequest.Timing timing,
            Origin origin) {
        this.active = active;
        this.localId = localId;
        this.localGid = localGid;
        this.remoteGid = remoteGid;
        this.serviceId = serviceId;
        this.timing = timing;
        this.state = origin.state();
        this.consumer = origin.consumer();
        this.startedNanos = origin.nowNanos();
    }

    /// How it begins.
    record Origin(CmState state, CmConsumer consumer, long nowNanos) {}

    public CmState state() {
        return state;
    }

    /// Whether this side asked for it.
    public boolean isActive() {
        return active;
    }

    public GlobalIdentifier localGid() {
        return localGid;
    }

    public GlobalIdentifier remoteGid() {
        return remoteGid;
    }

    public long serviceId() {
        return serviceId;
    }

    /// The number by which the peer names it.
    public int communicationId() {
        return localId;
    }

    /// The peer's queue pair; 0 as long as it is not known.
    public int remoteQueuePair() {
        return remoteQueuePair;
    }

    /// This side's queue pair; 0 as long as it is not known.
    public int localQueuePair() {
        return localQueuePair;
    }

    /// Has another consumer told of it from now on.
    public void tell(CmConsumer next) {
        consumer = next;
    }

    @Override
    public String toString() {
        return "connection %08x to %s in %s".formatted(localId, remoteGid, state);
    }
}
