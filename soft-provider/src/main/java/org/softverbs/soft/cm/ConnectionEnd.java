package org.softverbs.soft.cm;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.softverbs.cm.PrivateData;
import org.softverbs.cm.RejectReason;
import org.softverbs.soft.wire.mad.CmAttribute;
import org.softverbs.soft.wire.mad.CmDisconnectReplyFlyweight;
import org.softverbs.soft.wire.mad.CmDisconnectRequestFlyweight;
import org.softverbs.soft.wire.mad.CmRejectFlyweight;

/// How connections end: REJ, DREQ, DREP, timewait.
final class ConnectionEnd {

    /// How long a REJ is kept, in the waits of its peer for an answer.
    private static final int KEPT_WAITS = 4;

    private final CmCore core;
    private final CmRejectFlyweight rej = new CmRejectFlyweight();
    private final CmDisconnectRequestFlyweight dreq = new CmDisconnectRequestFlyweight();
    private final CmDisconnectReplyFlyweight drep = new CmDisconnectReplyFlyweight();

    ConnectionEnd(CmCore core) {
        this.core = core;
    }

    void onReject(Inbound mad) {
        rej.wrap(mad.segment(), mad.message());
        core.counters.add(CmCounter.RECEIVED_REJECTS);
        CmConnection connection = rejected(mad);
        if (connection == null) {
            return;
        }
        CmState before = connection.state;
        switch (before) {
            case REQ_SENT, MRA_REQ_RECEIVED -> {
                if (rej.reason() == RejectReason.STALE_CONNECTION.code()) {
                    core.enterTimewait(connection, mad.nowNanos());
                } else {
                    core.close(connection);
                }
                core.tell(connection, new CmNotice.Rejected(connection, read(), before));
            }
            case REQ_RECEIVED, REP_SENT, MRA_REP_RECEIVED -> {
                core.close(connection);
                core.tell(connection, new CmNotice.Rejected(connection, read(), before));
            }
            case REP_RECEIVED, ESTABLISHED -> {
                core.enterTimewait(connection, mad.nowNanos());
                core.tell(connection, new CmNotice.Rejected(connection, read(), before));
            }
            case DREQ_SENT -> disconnected(connection, true, PrivateData.EMPTY, mad.nowNanos());
            case TIMEWAIT, REQ_REJECTED, SIDR_REQ_SENT, SIDR_REQ_RECEIVED, SIDR_ANSWERED, CLOSED ->
                    core.dropWrongState();
        }
    }

    /// The connection that a REJ is about. The side that asked does not know the number of the
    /// other when its REQ is refused; a timeout is found by the GUID in it.
    private @Nullable CmConnection rejected(Inbound mad) {
        if (rej.reason() == RejectReason.TIMEOUT.code() && rej.remoteCommunicationId() == 0) {
            long guid = ByteBuffer.wrap(CmTables.data(rej.additionalInfo()).toBytes()).getLong();
            CmConnection found =
                    core.tables.byRemoteId(mad.remoteGid(), guid, rej.localCommunicationId());
            if (found == null) {
                core.counters.add(CmCounter.DROPPED_UNKNOWN_CONNECTION);
            }
            return found;
        }
        CmConnection connection = core.tables.byLocalId(rej.remoteCommunicationId());
        if (connection == null) {
            core.counters.add(CmCounter.DROPPED_UNKNOWN_CONNECTION);
            return null;
        }
        if (!core.fromItsPeer(mad, connection)) {
            return null;
        }
        boolean isUnanswered = connection.active && connection.remoteId == 0;
        if (!isUnanswered && connection.remoteId != rej.localCommunicationId()) {
            core.counters.add(CmCounter.DROPPED_WRONG_FIELD);
            return null;
        }
        return connection;
    }

    private CmReject read() {
        CmReject.Message[] messages = CmReject.Message.values();
        int infoLength = Math.min(rej.infoLength(), CmReject.ADDITIONAL_INFO_LENGTH);
        return new CmReject(
                rej.reason(),
                messages[Math.min(rej.messageRejected(), messages.length - 1)],
                CmTables.data(rej.additionalInfo().asSlice(0, infoLength)),
                CmTables.data(rej.privateData()));
    }

    /// The consumer refuses: a request, or a reply.
    void reject(CmConnection connection, CmReject reject, long nowNanos) {
        boolean isRequest = connection.state == CmState.REQ_RECEIVED;
        core.sender.writeReject(
                connection.transactionId, connection.localId, connection.remoteId, reject);
        if (isRequest) {
            connection.sent = core.sender.keep();
            core.move(connection, CmState.REQ_REJECTED);
            remember(connection, nowNanos);
        } else {
            core.enterTimewait(connection, nowNanos);
        }
        core.sender.send(connection.localGid, connection.remoteGid);
    }

    /// Keeps a REJ as long as its peer may ask once more.
    void remember(CmConnection connection, long nowNanos) {
        long wait = core.limits.nanos(connection.timing.remoteResponseTimeout());
        core.timers.set(connection, nowNanos + KEPT_WAITS * wait);
    }

    /// Forgets a passive connection that never was, and tells the peer.
    void rejectAndClose(CmConnection connection, RejectReason reason) {
        CmReject.Message message =
                connection.state == CmState.REQ_RECEIVED
                        ? CmReject.Message.REQ
                        : CmReject.Message.OTHER;
        sendReject(connection, message, reason);
        core.close(connection);
    }

    private void sendReject(
            CmConnection connection, CmReject.Message message, RejectReason reason) {
        byte[] guid = ByteBuffer.allocate(Long.BYTES).putLong(core.identity.guid()).array();
        boolean isTimeout = reason == RejectReason.TIMEOUT;
        CmReject reject =
                new CmReject(
                        reason.code(),
                        message,
                        isTimeout ? PrivateData.of(guid) : PrivateData.EMPTY,
                        PrivateData.EMPTY);
        core.sender.writeReject(
                connection.transactionId, connection.localId, connection.remoteId, reject);
        core.sender.send(connection.localGid, connection.remoteGid);
    }

    void disconnect(CmConnection connection, long nowNanos) {
        connection.transactionId = core.newTransactionId(connection.localId);
        core.sender.writeDisconnectRequest(connection);
        core.move(connection, CmState.DREQ_SENT);
        long wait = core.limits.nanos(connection.timing.localAckTimeout());
        core.sendUntilAnswered(connection, wait, nowNanos);
    }

    void onDisconnectRequest(Inbound mad) {
        dreq.wrap(mad.segment(), mad.message());
        CmConnection connection = core.tables.byLocalId(dreq.remoteCommunicationId());
        if (connection == null || connection.remoteId != dreq.localCommunicationId()) {
            core.counters.add(CmCounter.DROPPED_UNKNOWN_CONNECTION);
            reply(mad);
            return;
        }
        if (!core.fromItsPeer(mad, connection)) {
            return;
        }
        if (dreq.remoteQpn() != connection.localQueuePair) {
            core.counters.add(CmCounter.DROPPED_WRONG_FIELD);
            return;
        }
        switch (connection.state) {
            case ESTABLISHED, REP_SENT, MRA_REP_RECEIVED, REP_RECEIVED, DREQ_SENT -> {
                PrivateData data = CmTables.data(dreq.privateData());
                disconnected(connection, true, data, mad.nowNanos());
                reply(mad);
            }
            case TIMEWAIT -> {
                core.counters.add(CmCounter.DUPLICATE_MESSAGES);
                reply(mad);
            }
            case REQ_SENT,
                    MRA_REQ_RECEIVED,
                    REQ_RECEIVED,
                    REQ_REJECTED,
                    SIDR_REQ_SENT,
                    SIDR_REQ_RECEIVED,
                    SIDR_ANSWERED,
                    CLOSED ->
                    core.dropWrongState();
        }
    }

    /// DREP also to who asks about a connection that is not known: it is over here.
    private void reply(Inbound mad) {
        core.sender.writeDisconnectReply(
                mad.transactionId(), dreq.remoteCommunicationId(), dreq.localCommunicationId());
        core.sender.send(mad.localGid(), mad.remoteGid());
    }

    void onDisconnectReply(Inbound mad) {
        drep.wrap(mad.segment(), mad.message());
        CmConnection connection =
                core.find(mad, drep.remoteCommunicationId(), drep.localCommunicationId());
        if (connection == null) {
            return;
        }
        if (connection.state != CmState.DREQ_SENT) {
            core.dropWrongState();
            return;
        }
        disconnected(connection, false, CmTables.data(drep.privateData()), mad.nowNanos());
    }

    private void disconnected(
            CmConnection connection, boolean byPeer, PrivateData data, long nowNanos) {
        CmState before = connection.state;
        core.enterTimewait(connection, nowNanos);
        core.tell(
                connection,
                new CmNotice.Disconnected(
                        connection, byPeer && before != CmState.DREQ_SENT, before, data));
    }

    /// No DREP in time: once more, or the peer is gone.
    void onTimer(CmConnection connection, long nowNanos) {
        if (connection.state == CmState.TIMEWAIT) {
            core.close(connection);
            core.tell(connection, new CmNotice.TimewaitExited(connection));
        } else if (connection.state == CmState.REQ_REJECTED) {
            core.close(connection);
        } else if (connection.tries <= connection.timing.maxRetries()) {
            connection.tries++;
            core.timers.set(connection, nowNanos + connection.waitNanos);
            core.sendAgain(connection);
        } else {
            core.counters.add(CmCounter.TIMEOUTS);
            CmNotice notice =
                    new CmNotice.TimedOut(
                            connection,
                            CmAttribute.DREQ,
                            connection.tries,
                            nowNanos - connection.firstSentNanos,
                            connection.state);
            core.enterTimewait(connection, nowNanos);
            core.tell(connection, notice);
        }
    }

    /// The consumer has no more interest: it is told nothing any more, and the peer is told that it
    /// is over. What is still due is done without it.
    void abandon(CmConnection connection, long nowNanos) {
        connection.consumer = CmCore.NOBODY;
        switch (connection.state) {
            case REQ_SENT, MRA_REQ_RECEIVED -> {
                sendReject(connection, CmReject.Message.OTHER, RejectReason.TIMEOUT);
                core.close(connection);
            }
            case REQ_RECEIVED -> reject(connection, goneReject(CmReject.Message.REQ), nowNanos);
            case REP_RECEIVED -> reject(connection, goneReject(CmReject.Message.REP), nowNanos);
            case REP_SENT, MRA_REP_RECEIVED, ESTABLISHED -> disconnect(connection, nowNanos);
            case SIDR_REQ_SENT -> core.close(connection);
            case SIDR_REQ_RECEIVED, DREQ_SENT, TIMEWAIT, REQ_REJECTED, SIDR_ANSWERED, CLOSED -> {}
        }
    }

    private static CmReject goneReject(CmReject.Message message) {
        return new CmReject(
                RejectReason.CONSUMER_DEFINED.code(),
                message,
                PrivateData.EMPTY,
                PrivateData.EMPTY);
    }
}
