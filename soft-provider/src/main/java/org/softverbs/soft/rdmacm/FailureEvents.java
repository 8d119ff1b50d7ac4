package org.softverbs.soft.rdmacm;

import org.softverbs.cm.CmEventType;
import org.softverbs.cm.ConnectionParameters;
import org.softverbs.cm.RejectReason;
import org.softverbs.soft.cm.CmConnection;
import org.softverbs.soft.cm.CmNotice;
import org.softverbs.soft.cm.CmState;
import org.softverbs.soft.wire.mad.CmAttribute;
import org.softverbs.verbs.Cause;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.SetupCause;

/// Which event tells of a connection's failure or end, as `cma_ib_handler` of Linux has it, and
/// why.
final class FailureEvents {

    private FailureEvents() {}

    static SoftCmEvent of(SoftConnectionId id, CmNotice.Rejected notice) {
        CmConnection connection = notice.connection();
        boolean wasEstablished = notice.before() == CmState.ESTABLISHED;
        int reason = notice.reject().reason();
        Cause cause =
                new SetupCause.PeerRejected(
                        connection.remoteGid(),
                        connection.serviceId(),
                        reason,
                        RejectReason.describe(reason),
                        wasEstablished);
        // Linux says REJECTED of a connection in being, too; a program that has it awaits its end.
        CmEventType type = wasEstablished ? CmEventType.DISCONNECTED : CmEventType.REJECTED;
        return SoftCmEvent.of(type, id)
                .status(wasEstablished ? -Errno.ECONNRESET.number() : reason)
                .parameters(ConnectionParameters.with(notice.reject().privateData()))
                .explanation(Explanation.of(cause))
                .build();
    }

    static SoftCmEvent of(SoftConnectionId id, CmNotice.Ended notice) {
        Cause cause =
                new SetupCause.RefusedHere(
                        notice.connection().remoteGid(),
                        notice.reason(),
                        RejectReason.describe(notice.reason()));
        return SoftCmEvent.of(CmEventType.CONNECT_ERROR, id)
                .status(-Errno.ECONNABORTED.number())
                .explanation(Explanation.of(cause))
                .build();
    }

    static SoftCmEvent of(SoftConnectionId id, CmNotice.TimedOut notice) {
        GlobalIdentifier peer = notice.connection().remoteGid();
        boolean isOwnFault =
                notice.before() == CmState.REQ_RECEIVED
                        || notice.before() == CmState.REP_RECEIVED
                        || notice.before() == CmState.SIDR_REQ_RECEIVED;
        CmEventType type =
                notice.message() == CmAttribute.DREQ
                        ? CmEventType.DISCONNECTED
                        : isOwnFault ? CmEventType.CONNECT_ERROR : CmEventType.UNREACHABLE;
        Cause cause =
                isOwnFault
                        ? new SetupCause.NotAnsweredHere(
                                peer,
                                notice.before() == CmState.REP_RECEIVED ? "REP" : "REQ",
                                notice.waitedNanos())
                        : new SetupCause.NoAnswer(
                                peer,
                                notice.message().name(),
                                notice.tries(),
                                notice.waitedNanos());
        return SoftCmEvent.of(type, id)
                .status(-Errno.ETIMEDOUT.number())
                .explanation(Explanation.of(cause))
                .build();
    }

    static SoftCmEvent of(SoftConnectionId id, CmNotice.Disconnected notice) {
        boolean wasEstablished =
                notice.before() == CmState.ESTABLISHED || notice.before() == CmState.DREQ_SENT;
        Cause cause = new SetupCause.Disconnected(notice.connection().remoteGid(), notice.byPeer());
        return SoftCmEvent.of(
                        wasEstablished ? CmEventType.DISCONNECTED : CmEventType.CONNECT_ERROR, id)
                .status(wasEstablished ? 0 : -Errno.ECONNRESET.number())
                .parameters(ConnectionParameters.with(notice.privateData()))
                .explanation(Explanation.of(cause))
                .build();
    }

    static SoftCmEvent of(SoftConnectionId id, CmNotice.ServiceReplied notice) {
        int status = notice.reply().status();
        Cause cause = new SetupCause.ServiceRefused(notice.connection().remoteGid(), status);
        return SoftCmEvent.of(CmEventType.UNREACHABLE, id)
                .status(status)
                .parameters(ConnectionParameters.with(notice.reply().privateData()))
                .explanation(Explanation.of(cause))
                .build();
    }
}
