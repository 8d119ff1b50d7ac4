package org.softverbs.soft.cm;

import org.jspecify.annotations.Nullable;
import org.softverbs.cm.PrivateData;
import org.softverbs.soft.wire.mad.CmAttribute;
import org.softverbs.soft.wire.mad.CmServiceIdReplyFlyweight;
import org.softverbs.soft.wire.mad.CmServiceIdRequestFlyweight;
import org.softverbs.verbs.GlobalIdentifier;

/// Asking for the queue pair of a datagram service, and being asked: SIDR_REQ and SIDR_REP.
final class ServiceExchange {

    /// How long an answer is kept, in waits of the peer.
    private static final int KEPT_WAITS = 3;

    private final CmCore core;
    private final PassiveSide passive;
    private final RequestCheck check;
    private final CmServiceIdRequestFlyweight req = new CmServiceIdRequestFlyweight();
    private final CmServiceIdReplyFlyweight rep = new CmServiceIdReplyFlyweight();

    ServiceExchange(CmCore core, PassiveSide passive, RequestCheck check) {
        this.core = core;
        this.passive = passive;
        this.check = check;
    }

    CmConnection ask(Question question, CmConsumer consumer, long transactionId, long nowNanos) {
        CmConnection exchange =
                new CmConnection(
                        true,
                        question.localId(),
                        question.localGid(),
                        question.remoteGid(),
                        question.serviceId(),
                        question.timing(),
                        new CmConnection.Origin(CmState.SIDR_REQ_SENT, consumer, nowNanos));
        exchange.transactionId = transactionId;
        core.tables.add(exchange);
        core.sender.writeServiceRequest(exchange, question.privateData());
        long wait = core.limits.nanos(question.timing().remoteResponseTimeout());
        core.sendUntilAnswered(exchange, wait, nowNanos);
        return exchange;
    }

    /// What is asked, and whom.
    record Question(
            int localId,
            GlobalIdentifier localGid,
            GlobalIdentifier remoteGid,
            long serviceId,
            CmRequest.Timing timing,
            PrivateData privateData) {}

    void onRequest(Inbound mad) {
        req.wrap(mad.segment(), mad.message());
        CmConnection known = core.tables.byServiceRequest(mad.remoteGid(), req.requestId());
        if (known != null) {
            core.counters.add(CmCounter.DUPLICATE_MESSAGES);
            if (known.state == CmState.SIDR_ANSWERED) {
                core.sendAgain(known);
            }
            return;
        }
        CmListener listener = passive.listener(req.serviceId(), mad.localGid());
        if (listener == null) {
            refuse(mad, CmServiceReply.UNSUPPORTED);
        } else if (!check.agrees(mad, req.privateData())) {
            refuse(mad, CmServiceReply.REJECTED);
        } else if (passive.makeRoom(mad.remoteGid(), listener)) {
            open(mad, listener);
        } else {
            refuse(mad, CmServiceReply.NO_QUEUE_PAIR);
        }
    }

    private void refuse(Inbound mad, int status) {
        CmServiceReply reply = new CmServiceReply(status, 0, 0, PrivateData.EMPTY);
        core.sender.writeServiceReply(mad.transactionId(), req.requestId(), req.serviceId(), reply);
        core.sender.send(mad.localGid(), mad.remoteGid());
    }

    private void open(Inbound mad, CmListener listener) {
        CmConnection exchange =
                new CmConnection(
                        false,
                        core.tables.newLocalId(),
                        mad.localGid(),
                        mad.remoteGid(),
                        req.serviceId(),
                        CmRequest.Timing.DEFAULT,
                        new CmConnection.Origin(
                                CmState.SIDR_REQ_RECEIVED, listener.consumer(), mad.nowNanos()));
        exchange.transactionId = mad.transactionId();
        exchange.remoteId = req.requestId();
        exchange.waitingAt = listener;
        exchange.firstSentNanos = mad.nowNanos();
        listener.waiting++;
        core.tables.add(exchange);
        core.tables.addServiceRequest(exchange);
        core.tables.addHalfOpen(exchange);
        core.timers.set(exchange, mad.nowNanos() + core.limits.setupNanos());
        core.tell(
                exchange,
                new CmNotice.ServiceRequested(
                        exchange, listener, req.serviceId(), CmTables.data(req.privateData())));
    }

    void answer(CmConnection exchange, CmServiceReply reply, long nowNanos) {
        core.sender.writeServiceReply(
                exchange.transactionId, exchange.remoteId, exchange.serviceId, reply);
        exchange.sent = core.sender.keep();
        core.move(exchange, CmState.SIDR_ANSWERED);
        long wait = core.limits.nanos(exchange.timing.remoteResponseTimeout());
        core.timers.set(exchange, nowNanos + KEPT_WAITS * wait);
        core.sender.send(exchange.localGid, exchange.remoteGid);
    }

    void onReply(Inbound mad) {
        rep.wrap(mad.segment(), mad.message());
        CmConnection exchange = find(mad);
        if (exchange == null) {
            return;
        }
        if (exchange.state != CmState.SIDR_REQ_SENT) {
            core.dropWrongState();
            return;
        }
        if (rep.serviceId() != exchange.serviceId) {
            core.counters.add(CmCounter.DROPPED_WRONG_FIELD);
            return;
        }
        CmServiceReply reply =
                new CmServiceReply(
                        rep.status(), rep.qpn(), rep.queueKey(), CmTables.data(rep.privateData()));
        core.close(exchange);
        core.tell(exchange, new CmNotice.ServiceReplied(exchange, reply));
    }

    private @Nullable CmConnection find(Inbound mad) {
        CmConnection exchange = core.tables.byLocalId(rep.requestId());
        if (exchange == null) {
            core.counters.add(CmCounter.DROPPED_UNKNOWN_CONNECTION);
            return null;
        }
        return core.fromItsPeer(mad, exchange) ? exchange : null;
    }

    void onTimer(CmConnection exchange, long nowNanos) {
        boolean isAsking = exchange.state == CmState.SIDR_REQ_SENT;
        if (isAsking && exchange.tries <= exchange.timing.maxRetries()) {
            exchange.tries++;
            core.timers.set(exchange, nowNanos + exchange.waitNanos);
            core.sendAgain(exchange);
            return;
        }
        CmState before = exchange.state;
        core.close(exchange);
        if (!before.isMemory()) {
            core.counters.add(CmCounter.TIMEOUTS);
            long waited = nowNanos - exchange.firstSentNanos;
            core.tell(
                    exchange,
                    new CmNotice.TimedOut(
                            exchange, CmAttribute.SIDR_REQ, exchange.tries, waited, before));
        }
    }
}
