package org.softverbs.soft.cm;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// What the parts of the engine share: tables, timers, the sender, and the notices that are to be
/// told. Every change of a state goes through [#move], which keeps the tables in step.
final class CmCore {

    private record Pending(CmConsumer consumer, CmNotice notice) {}

    /// A consumer of what its program has given up.
    static final CmConsumer NOBODY = (notice, nowNanos) -> {};

    final CmIdentity identity;
    final CmLimits limits;
    final CmCounters counters = new CmCounters();
    final CmTables tables;
    final CmTimers timers = new CmTimers();
    final CmSender sender;
    private final Deque<Pending> pending = new ArrayDeque<>();
    private final int transactionPrefix;
    private boolean isDelivering;

    CmCore(CmIdentity identity, CmLimits limits, CmOutput output) {
        this.identity = identity;
        this.limits = limits;
        this.tables = new CmTables(identity);
        this.transactionPrefix = identity.randomBits(Integer.SIZE);
        this.sender = new CmSender(identity, output, counters);
    }

    /// The high half is the engine's, the low half the connection's, as `cm_form_tid` of Linux has
    /// it: the local ID as a little-endian host reads it.
    long newTransactionId(int localId) {
        return (long) transactionPrefix << Integer.SIZE
                | Integer.toUnsignedLong(Integer.reverseBytes(localId));
    }

    void tell(CmConnection connection, CmNotice notice) {
        pending.add(new Pending(connection.consumer, notice));
    }

    /// Tells what happened, once the engine is in order. What a consumer does then is told behind
    /// it.
    void deliver(long nowNanos) {
        if (isDelivering) {
            return;
        }
        isDelivering = true;
        try {
            Pending next = pending.poll();
            while (next != null) {
                next.consumer().onNotice(next.notice(), nowNanos);
                next = pending.poll();
            }
        } finally {
            isDelivering = false;
        }
    }

    /// Changes the state, and with it who finds the connection.
    void move(CmConnection connection, CmState next) {
        CmState before = connection.state;
        if (before.isHalfOpen() && !next.isHalfOpen()) {
            tables.uncount(connection);
            if (!next.isMemory()) {
                tables.unlist(connection);
            }
        } else if (before.isMemory()) {
            tables.unlist(connection);
        }
        if (before == CmState.REQ_RECEIVED || before == CmState.SIDR_REQ_RECEIVED) {
            taken(connection);
        }
        connection.state = next;
        if (next == CmState.TIMEWAIT || next == CmState.REQ_REJECTED) {
            tables.forgetRemoteQueuePair(connection);
        }
        if (next == CmState.CLOSED) {
            timers.set(connection, CmConnection.NO_DEADLINE);
            tables.remove(connection);
        }
    }

    /// The request of a connection no longer waits at its listener.
    static void taken(CmConnection connection) {
        CmListener listener = connection.waitingAt;
        if (listener != null) {
            listener.waiting--;
            connection.waitingAt = null;
        }
    }

    void close(CmConnection connection) {
        connection.sent = null;
        move(connection, CmState.CLOSED);
    }

    /// Over, but packets may still be under way.
    void enterTimewait(CmConnection connection, long nowNanos) {
        connection.sent = null;
        move(connection, CmState.TIMEWAIT);
        timers.set(connection, nowNanos + limits.nanos(connection.timing.localAckTimeout()));
    }

    /// Sends what the sender holds, and again until it is answered.
    void sendUntilAnswered(CmConnection connection, long waitNanos, long nowNanos) {
        connection.sent = sender.keep();
        connection.tries = 1;
        connection.messageReceipts = 0;
        connection.firstSentNanos = nowNanos;
        connection.waitNanos = waitNanos;
        sender.send(connection.localGid, connection.remoteGid);
        timers.set(connection, nowNanos + waitNanos);
    }

    /// Sends once more what was sent.
    void sendAgain(CmConnection connection) {
        byte[] sent = connection.sent;
        if (sent != null) {
            counters.add(CmCounter.RETRANSMITTED_MESSAGES);
            sender.send(sent, connection.localGid, connection.remoteGid);
        }
    }

    /// The connection that a message names by both its IDs; null, and counted, when there is none
    /// of that peer.
    @Nullable CmConnection find(Inbound mad, int localId, int remoteId) {
        CmConnection connection = tables.byLocalId(localId);
        if (connection == null || connection.remoteId != remoteId) {
            counters.add(CmCounter.DROPPED_UNKNOWN_CONNECTION);
            return null;
        }
        return fromItsPeer(mad, connection) ? connection : null;
    }

    /// Whether a message comes from the peer of the connection that it names.
    boolean fromItsPeer(Inbound mad, CmConnection connection) {
        boolean isPeer =
                connection.remoteGid.equals(mad.remoteGid())
                        && connection.localGid.equals(mad.localGid());
        if (!isPeer) {
            counters.add(CmCounter.DROPPED_WRONG_PEER);
        }
        return isPeer;
    }

    void dropWrongState() {
        counters.add(CmCounter.DROPPED_WRONG_STATE);
    }
}
