package org.softverbs.soft.cm;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.softverbs.cm.PrivateData;
import org.softverbs.cm.RejectReason;
import org.softverbs.soft.wire.mad.CmAttribute;
import org.softverbs.soft.wire.mad.CmPathFlyweight;
import org.softverbs.soft.wire.mad.CmReadyToUseFlyweight;
import org.softverbs.soft.wire.mad.CmRequestFlyweight;
import org.softverbs.verbs.GlobalIdentifier;

/// The side that is asked for a connection: REQ comes, REP goes, RTU comes.
final class PassiveSide {

    /// How long this side asks for with an MRA, as a code: 4.3 s.
    static final int SERVICE_TIMEOUT = 20;

    private final CmCore core;
    private final ConnectionEnd end;
    private final RequestCheck check;
    private final CmRequestFlyweight req = new CmRequestFlyweight();
    private final CmPathFlyweight path = new CmPathFlyweight();
    private final CmReadyToUseFlyweight rtu = new CmReadyToUseFlyweight();

    PassiveSide(CmCore core, ConnectionEnd end, RequestCheck check) {
        this.core = core;
        this.end = end;
        this.check = check;
    }

    void onRequest(Inbound mad) {
        req.wrap(mad.segment(), mad.message()).primaryPath(path);
        GlobalIdentifier source = mad.remoteGid();
        CmConnection known =
                core.tables.byRemoteId(source, req.localCaGuid(), req.localCommunicationId());
        if (known != null) {
            onRequestAgain(mad, known);
            return;
        }
        CmConnection stale =
                core.tables.byRemoteQueuePair(source, req.localCaGuid(), req.localQpn());
        if (stale != null) {
            refuse(mad, RequestCheck.Refusal.of(RejectReason.STALE_CONNECTION));
            onStale(stale, mad.nowNanos());
            return;
        }
        CmListener listener = core.tables.listener(req.serviceId(), mad.localGid());
        RequestCheck.Refusal refusal =
                listener == null
                        ? RequestCheck.Refusal.of(RejectReason.INVALID_SERVICE_ID)
                        : check.check(mad, req, path);
        if (listener == null || refusal != null) {
            refuse(mad, Objects.requireNonNull(refusal));
        } else if (makeRoom(source, listener)) {
            open(mad, listener);
        } else {
            refuse(mad, RequestCheck.Refusal.of(RejectReason.NO_RESOURCES));
        }
    }

    /// Whether there is room for one more from `source`, if only since the oldest makes it.
    boolean makeRoom(GlobalIdentifier source, CmListener listener) {
        if (core.tables.halfOpenOf(source) >= core.limits.halfOpenPerSource()) {
            core.counters.add(CmCounter.REFUSED_SOURCE_LIMIT);
            return false;
        }
        if (listener.waiting >= listener.backlog()) {
            core.counters.add(CmCounter.REFUSED_BACKLOG);
            return false;
        }
        boolean isFull = core.tables.connections() >= core.limits.connections();
        CmConnection oldest = core.tables.oldestHalfOpen();
        if (oldest != null && (isFull || core.tables.halfOpen() >= core.limits.halfOpen())) {
            evict(oldest);
        } else if (isFull) {
            core.counters.add(CmCounter.REFUSED_CONNECTION_LIMIT);
            return false;
        }
        return true;
    }

    private void evict(CmConnection oldest) {
        CmState before = oldest.state;
        core.counters.add(CmCounter.EVICTED_CONNECTIONS);
        if (before == CmState.SIDR_REQ_RECEIVED || before.isMemory()) {
            core.close(oldest);
        } else {
            end.rejectAndClose(oldest, RejectReason.NO_RESOURCES);
        }
        if (!before.isMemory()) {
            int reason = RejectReason.NO_RESOURCES.code();
            core.tell(oldest, new CmNotice.Ended(oldest, reason, before));
        }
    }

    private void open(Inbound mad, CmListener listener) {
        int localId = core.tables.newLocalId();
        CmRequest request = read(mad);
        CmConnection connection =
                new CmConnection(
                        false,
                        localId,
                        mad.localGid(),
                        mad.remoteGid(),
                        req.serviceId(),
                        request.timing(),
                        new CmConnection.Origin(
                                CmState.REQ_RECEIVED, listener.consumer(), mad.nowNanos()));
        connection.transactionId = mad.transactionId();
        connection.remoteId = req.localCommunicationId();
        connection.remoteGuid = req.localCaGuid();
        connection.remoteQueuePair = req.localQpn();
        connection.waitingAt = listener;
        connection.firstSentNanos = mad.nowNanos();
        listener.waiting++;
        core.tables.add(connection);
        core.tables.addRemote(connection);
        core.tables.addHalfOpen(connection);
        core.timers.set(connection, mad.nowNanos() + core.limits.setupNanos());
        core.tell(connection, new CmNotice.RequestReceived(connection, listener, request));
    }

    private CmRequest read(Inbound mad) {
        GlobalIdentifier sender = mad.remoteGid();
        GlobalIdentifier receiver = mad.localGid();
        return new CmRequest(
                sender,
                receiver,
                req.serviceId(),
                TransportService.values()[req.transportService()],
                new CmRequest.QueuePairEnd(
                        req.localQpn(), req.startingPsn(), req.srq(), req.localCaGuid()),
                new CmRequest.Options(
                        req.responderResources(),
                        req.initiatorDepth(),
                        req.retryCount(),
                        req.rnrRetryCount(),
                        req.endToEndFlowControl(),
                        req.pathMtu(),
                        path.flowLabel(),
                        path.trafficClass(),
                        path.hopLimit(),
                        path.serviceLevel()),
                new CmRequest.Timing(
                        req.localResponseTimeout(),
                        req.remoteResponseTimeout(),
                        req.maxCmRetries(),
                        path.localAckTimeout(),
                        CmRequest.Timing.DEFAULT.packetLifetime()),
                CmTables.data(req.privateData()));
    }

    private void refuse(Inbound mad, RequestCheck.Refusal refusal) {
        CmReject reject =
                new CmReject(
                        refusal.reason().code(),
                        CmReject.Message.REQ,
                        refusal.additionalInfo(),
                        PrivateData.EMPTY);
        core.sender.writeReject(mad.transactionId(), 0, req.localCommunicationId(), reject);
        core.sender.send(mad.localGid(), mad.remoteGid());
    }

    /// The peer has no answer yet, or its first request came late.
    private void onRequestAgain(Inbound mad, CmConnection known) {
        boolean isSame =
                known.transactionId == mad.transactionId()
                        && known.serviceId == req.serviceId()
                        && known.remoteQueuePair == req.localQpn();
        if (!isSame || known.active) {
            core.counters.add(CmCounter.DROPPED_WRONG_FIELD);
            return;
        }
        core.counters.add(CmCounter.DUPLICATE_MESSAGES);
        switch (known.state) {
            case REQ_RECEIVED -> {
                core.sender.writeMessageReceipt(known, CmReject.Message.REQ, SERVICE_TIMEOUT);
                core.sender.send(known.localGid, known.remoteGid);
            }
            case REP_SENT, MRA_REP_RECEIVED -> core.sendAgain(known);
            case REQ_REJECTED -> {
                end.remember(known, mad.nowNanos());
                core.sendAgain(known);
            }
            case TIMEWAIT -> refuse(mad, RequestCheck.Refusal.of(RejectReason.STALE_CONNECTION));
            case REQ_SENT,
                    MRA_REQ_RECEIVED,
                    REP_RECEIVED,
                    ESTABLISHED,
                    DREQ_SENT,
                    SIDR_REQ_SENT,
                    SIDR_REQ_RECEIVED,
                    SIDR_ANSWERED,
                    CLOSED ->
                    core.dropWrongState();
        }
    }

    /// The peer uses the queue pair of a connection for another: it has forgotten the old one.
    private void onStale(CmConnection stale, long nowNanos) {
        core.counters.add(CmCounter.STALE_CONNECTIONS);
        if (stale.state == CmState.ESTABLISHED) {
            end.disconnect(stale, nowNanos);
        }
    }

    void accept(CmConnection connection, CmReply reply, long nowNanos) {
        connection.localQueuePair = reply.queuePair().number();
        core.tables.addLocalQueuePair(connection);
        core.sender.writeReply(connection, reply);
        core.move(connection, CmState.REP_SENT);
        long wait = core.limits.nanos(connection.timing.localResponseTimeout());
        core.sendUntilAnswered(connection, wait, nowNanos);
        connection.giveUpNanos = nowNanos + wait * (connection.timing.maxRetries() + 1);
    }

    void onReadyToUse(Inbound mad) {
        rtu.wrap(mad.segment(), mad.message());
        CmConnection connection =
                core.find(mad, rtu.remoteCommunicationId(), rtu.localCommunicationId());
        if (connection != null) {
            establish(connection, CmTables.data(rtu.privateData()));
        }
    }

    /// An RTU came, or what says the same. Of no account when it is not waited for.
    void establish(CmConnection connection, PrivateData privateData) {
        if (connection.state != CmState.REP_SENT && connection.state != CmState.MRA_REP_RECEIVED) {
            core.dropWrongState();
            return;
        }
        connection.sent = null;
        core.tables.addKnownSource(connection.remoteGid);
        core.move(connection, CmState.ESTABLISHED);
        core.timers.set(connection, CmConnection.NO_DEADLINE);
        core.counters.add(CmCounter.ESTABLISHED_CONNECTIONS);
        core.tell(connection, new CmNotice.Established(connection, privateData));
    }

    /// No RTU in time: the REP goes out a few times, then there is only waiting.
    void onTimer(CmConnection connection, long nowNanos) {
        if (connection.state == CmState.REQ_RECEIVED) {
            giveUp(connection, CmAttribute.REQ, nowNanos);
        } else if (connection.tries < mostReplies(connection)) {
            connection.tries++;
            core.move(connection, CmState.REP_SENT);
            core.timers.set(connection, nowNanos + connection.waitNanos);
            core.sendAgain(connection);
        } else if (nowNanos < connection.giveUpNanos) {
            core.timers.set(connection, connection.giveUpNanos);
        } else {
            giveUp(connection, CmAttribute.REP, nowNanos);
        }
    }

    /// An address that never answered may be somebody else's, who should not get many.
    private int mostReplies(CmConnection connection) {
        int asAsked = connection.timing.maxRetries() + 1;
        return core.tables.isKnownSource(connection.remoteGid)
                ? asAsked
                : Math.min(asAsked, core.limits.unansweredReplies());
    }

    private void giveUp(CmConnection connection, CmAttribute message, long nowNanos) {
        core.counters.add(CmCounter.TIMEOUTS);
        CmNotice notice =
                new CmNotice.TimedOut(
                        connection,
                        message,
                        connection.tries,
                        nowNanos - connection.firstSentNanos,
                        connection.state);
        end.rejectAndClose(connection, RejectReason.TIMEOUT);
        core.tell(connection, notice);
    }

    /// The listener of a service; null when there is none.
    @Nullable CmListener listener(long serviceId, GlobalIdentifier address) {
        return core.tables.listener(serviceId, address);
    }
}
