package org.softverbs.soft.cm;

import org.softverbs.soft.wire.mad.CmLoadAlternatePathFlyweight;
import org.softverbs.soft.wire.mad.CmMessageReceiptFlyweight;

/// What does not lead a connection on: MRA, which asks for patience, and LAP, which offers a path
/// that RoCE has no use for.
final class Receipts {

    /// Status of an APR: alternate paths are not supported.
    static final int ALTERNATE_PATH_UNSUPPORTED = 2;

    private final CmCore core;
    private final CmMessageReceiptFlyweight mra = new CmMessageReceiptFlyweight();
    private final CmLoadAlternatePathFlyweight lap = new CmLoadAlternatePathFlyweight();

    Receipts(CmCore core) {
        this.core = core;
    }

    void onMessageReceipt(Inbound mad) {
        mra.wrap(mad.segment(), mad.message());
        CmConnection connection = core.tables.byLocalId(mra.remoteCommunicationId());
        if (connection == null) {
            core.counters.add(CmCounter.DROPPED_UNKNOWN_CONNECTION);
            return;
        }
        if (!core.fromItsPeer(mad, connection)) {
            return;
        }
        boolean isOfRequest = mra.messageReceived() == CmReject.Message.REQ.ordinal();
        boolean isOfReply = mra.messageReceived() == CmReject.Message.REP.ordinal();
        boolean waitsForReply =
                connection.state == CmState.REQ_SENT
                        || connection.state == CmState.MRA_REQ_RECEIVED;
        boolean waitsForReady =
                connection.state == CmState.REP_SENT
                        || connection.state == CmState.MRA_REP_RECEIVED;
        if (isOfRequest && waitsForReply) {
            wait(connection, CmState.MRA_REQ_RECEIVED, mad.nowNanos());
        } else if (isOfReply
                && waitsForReady
                && connection.remoteId == mra.localCommunicationId()) {
            wait(connection, CmState.MRA_REP_RECEIVED, mad.nowNanos());
        } else {
            core.dropWrongState();
        }
    }

    /// Waits as long as the peer asks and then as before, a bounded number of times.
    private void wait(CmConnection connection, CmState next, long nowNanos) {
        if (connection.messageReceipts >= core.limits.messageReceipts()) {
            core.counters.add(CmCounter.DROPPED_MRA_LIMIT);
            return;
        }
        connection.messageReceipts++;
        core.move(connection, next);
        long until = nowNanos + core.limits.nanos(mra.serviceTimeout()) + connection.waitNanos;
        long latest = connection.startedNanos + core.limits.setupNanos();
        core.timers.set(connection, Math.max(nowNanos, Math.min(until, latest)));
        if (next == CmState.MRA_REP_RECEIVED) {
            connection.giveUpNanos = Math.min(latest, Math.max(until, connection.giveUpNanos));
        }
    }

    void onLoadAlternatePath(Inbound mad) {
        lap.wrap(mad.segment(), mad.message());
        CmConnection connection =
                core.find(mad, lap.remoteCommunicationId(), lap.localCommunicationId());
        if (connection == null) {
            return;
        }
        if (connection.state != CmState.ESTABLISHED) {
            core.dropWrongState();
            return;
        }
        core.sender.writeAlternatePathResponse(
                connection, mad.transactionId(), ALTERNATE_PATH_UNSUPPORTED);
        core.sender.send(connection.localGid, connection.remoteGid);
    }

    /// This side offers no paths: an answer to an offer is to nothing.
    void onAlternatePathResponse() {
        core.counters.add(CmCounter.DROPPED_WRONG_STATE);
    }
}
