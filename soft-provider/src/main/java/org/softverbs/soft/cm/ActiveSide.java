package org.softverbs.soft.cm;

import java.nio.ByteBuffer;
import org.softverbs.cm.PrivateData;
import org.softverbs.cm.RejectReason;
import org.softverbs.soft.wire.mad.CmAttribute;
import org.softverbs.soft.wire.mad.CmReplyFlyweight;

/// The side that asks for a connection: REQ, what comes back, RTU.
final class ActiveSide {

    private final CmCore core;
    private final CmReplyFlyweight rep = new CmReplyFlyweight();

    ActiveSide(CmCore core) {
        this.core = core;
    }

    CmConnection connect(CmRequest request, CmConsumer consumer, long nowNanos) {
        int localId = core.tables.newLocalId();
        CmConnection connection =
                new CmConnection(
                        true,
                        localId,
                        request.localGid(),
                        request.remoteGid(),
                        request.serviceId(),
                        request.timing(),
                        new CmConnection.Origin(CmState.REQ_SENT, consumer, nowNanos));
        connection.transactionId = core.newTransactionId(localId);
        connection.localQueuePair = request.queuePair().number();
        core.tables.add(connection);
        core.tables.addLocalQueuePair(connection);
        core.sender.writeRequest(connection, request);
        core.sendUntilAnswered(connection, waitForReply(request.timing()), nowNanos);
        connection.giveUpNanos = nowNanos + core.limits.setupNanos();
        return connection;
    }

    /// Twice a packet's life, and the time that the peer may take.
    private long waitForReply(CmRequest.Timing timing) {
        return 2 * core.limits.nanos(timing.packetLifetime())
                + core.limits.nanos(timing.remoteResponseTimeout());
    }

    void onReply(Inbound mad) {
        rep.wrap(mad.segment(), mad.message());
        CmConnection connection = core.tables.byLocalId(rep.remoteCommunicationId());
        if (connection == null) {
            core.counters.add(CmCounter.DROPPED_UNKNOWN_CONNECTION);
            refuse(mad, 0, RejectReason.INVALID_COMMUNICATION_ID);
            return;
        }
        if (!core.fromItsPeer(mad, connection)) {
            return;
        }
        if (connection.active
                && (connection.state == CmState.REQ_SENT
                        || connection.state == CmState.MRA_REQ_RECEIVED)) {
            take(mad, connection);
        } else if (connection.active && connection.remoteId == rep.localCommunicationId()) {
            onReplyAgain(connection);
        } else {
            core.dropWrongState();
        }
    }

    private void take(Inbound mad, CmConnection connection) {
        if (mad.transactionId() != connection.transactionId || rep.localQpn() <= 1) {
            core.counters.add(CmCounter.DROPPED_WRONG_FIELD);
            return;
        }
        boolean isStale =
                core.tables.byRemoteQueuePair(mad.remoteGid(), rep.localCaGuid(), rep.localQpn())
                        != null;
        boolean isDuplicateId =
                core.tables.byRemoteId(
                                mad.remoteGid(), rep.localCaGuid(), rep.localCommunicationId())
                        != null;
        if (isStale || isDuplicateId) {
            end(
                    mad,
                    connection,
                    isStale
                            ? RejectReason.STALE_CONNECTION
                            : RejectReason.DUPLICATE_COMMUNICATION_ID);
            return;
        }
        connection.remoteId = rep.localCommunicationId();
        connection.remoteGuid = rep.localCaGuid();
        connection.remoteQueuePair = rep.localQpn();
        core.tables.addKnownSource(connection.remoteGid);
        core.tables.addRemote(connection);
        connection.sent = null;
        core.move(connection, CmState.REP_RECEIVED);
        core.timers.set(connection, connection.giveUpNanos);
        core.tell(connection, new CmNotice.ReplyReceived(connection, read()));
    }

    private CmReply read() {
        return new CmReply(
                new CmRequest.QueuePairEnd(
                        rep.localQpn(), rep.startingPsn(), rep.srq(), rep.localCaGuid()),
                rep.responderResources(),
                rep.initiatorDepth(),
                rep.targetAckDelay(),
                rep.rnrRetryCount(),
                rep.endToEndFlowControl(),
                CmTables.data(rep.privateData()));
    }

    /// The reply cannot be used, and will not be another the next time.
    private void end(Inbound mad, CmConnection connection, RejectReason reason) {
        CmState before = connection.state;
        core.counters.add(CmCounter.STALE_CONNECTIONS);
        refuse(mad, connection.localId, reason);
        core.close(connection);
        core.tell(connection, new CmNotice.Ended(connection, reason.code(), before));
    }

    private void refuse(Inbound mad, int localId, RejectReason reason) {
        CmReject reject =
                new CmReject(
                        reason.code(), CmReject.Message.REP, PrivateData.EMPTY, PrivateData.EMPTY);
        core.sender.writeReject(mad.transactionId(), localId, rep.localCommunicationId(), reject);
        core.sender.send(mad.localGid(), mad.remoteGid());
    }

    /// The peer did not get the RTU, or waits for it.
    private void onReplyAgain(CmConnection connection) {
        core.counters.add(CmCounter.DUPLICATE_MESSAGES);
        switch (connection.state) {
            case ESTABLISHED -> core.sendAgain(connection);
            case REP_RECEIVED -> {
                core.sender.writeMessageReceipt(
                        connection, CmReject.Message.REP, PassiveSide.SERVICE_TIMEOUT);
                core.sender.send(connection.localGid, connection.remoteGid);
            }
            case REQ_SENT,
                    MRA_REQ_RECEIVED,
                    REQ_RECEIVED,
                    REP_SENT,
                    MRA_REP_RECEIVED,
                    DREQ_SENT,
                    REQ_REJECTED,
                    TIMEWAIT,
                    SIDR_REQ_SENT,
                    SIDR_REQ_RECEIVED,
                    SIDR_ANSWERED,
                    CLOSED ->
                    core.dropWrongState();
        }
    }

    /// The consumer took the reply: the connection is there.
    void readyToUse(CmConnection connection, PrivateData privateData) {
        core.sender.writeReadyToUse(connection, privateData);
        connection.sent = core.sender.keep();
        core.move(connection, CmState.ESTABLISHED);
        core.counters.add(CmCounter.ESTABLISHED_CONNECTIONS);
        core.timers.set(connection, CmConnection.NO_DEADLINE);
        core.sender.send(connection.localGid, connection.remoteGid);
    }

    /// No REP in time: once more, or never.
    void onTimer(CmConnection connection, long nowNanos) {
        boolean isTooLate =
                connection.state == CmState.MRA_REQ_RECEIVED && nowNanos >= connection.giveUpNanos;
        if (connection.tries <= connection.timing.maxRetries() && !isTooLate) {
            connection.tries++;
            core.move(connection, CmState.REQ_SENT);
            core.timers.set(connection, nowNanos + connection.waitNanos);
            core.sendAgain(connection);
        } else {
            giveUp(connection, CmAttribute.REQ, nowNanos);
        }
    }

    /// Tells the peer, who may be about to answer, and the consumer.
    void giveUp(CmConnection connection, CmAttribute message, long nowNanos) {
        core.counters.add(CmCounter.TIMEOUTS);
        CmNotice notice =
                new CmNotice.TimedOut(
                        connection,
                        message,
                        connection.tries,
                        nowNanos - connection.firstSentNanos,
                        connection.state);
        sendTimeout(connection);
        if (connection.state == CmState.REP_RECEIVED) {
            core.enterTimewait(connection, nowNanos);
        } else {
            core.close(connection);
        }
        core.tell(connection, notice);
    }

    /// REJ with reason 4, in which the peer finds the connection by this side's GUID.
    void sendTimeout(CmConnection connection) {
        byte[] guid = ByteBuffer.allocate(Long.BYTES).putLong(core.identity.guid()).array();
        CmReject reject =
                new CmReject(
                        RejectReason.TIMEOUT.code(),
                        CmReject.Message.OTHER,
                        PrivateData.of(guid),
                        PrivateData.EMPTY);
        core.sender.writeReject(
                connection.transactionId, connection.localId, connection.remoteId, reject);
        core.sender.send(connection.localGid, connection.remoteGid);
    }
}
