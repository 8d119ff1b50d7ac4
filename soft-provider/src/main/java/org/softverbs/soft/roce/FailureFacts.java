package org.softverbs.soft.roce;

import java.util.Optional;
import org.softverbs.soft.jfr.FlightEvents;
import org.softverbs.soft.qp.QueuePairCore;
import org.softverbs.soft.queue.ReceiveWqe;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.verbs.Cause;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.NakCode;
import org.softverbs.verbs.Peer;
import org.softverbs.verbs.RequestFault;
import org.softverbs.verbs.WorkCompletionOpcode;
import org.softverbs.verbs.WorkCompletionStatus;

/// Explains what fails on a connection, when it fails: nothing is kept for it before.
final class FailureFacts {

    private final QueuePairCore qp;

    FailureFacts(QueuePairCore qp) {
        this.qp = qp;
    }

    Peer peer() {
        return new Peer(qp.connection().path().destination(), qp.connection().destinationQpn());
    }

    /// A send request failed: the first error of its queue pair, unless there was one.
    Explanation sendFailed(SendWqe wqe, WorkCompletionStatus status, Cause because) {
        boolean remote = wqe.operation().hasResponse() || wqe.operation().isWrite();
        Cause effect =
                new Cause.RequestFailed(
                        qp.number(),
                        wqe.id(),
                        wqe.operation().completionOpcode(),
                        status,
                        wqe.length(),
                        remote
                                ? Optional.of(
                                        new Cause.RemoteRange(
                                                wqe.remoteAddress(),
                                                wqe.remoteLength(),
                                                wqe.remoteKey()))
                                : Optional.empty());
        Explanation why = Explanation.of(effect, because);
        tell(wqe.id(), wqe.operation().completionOpcode(), status, why);
        return why;
    }

    /// A receive failed by what came for it: the first error of its queue pair, unless there was
    /// one.
    Explanation receiveFailed(
            ReceiveWqe receive, WorkCompletionStatus status, Explanation because) {
        Explanation why =
                because.behind(
                        new Cause.RequestFailed(
                                qp.number(),
                                receive.id(),
                                WorkCompletionOpcode.RECV,
                                status,
                                receive.elements().total(),
                                Optional.empty()));
        tell(receive.id(), WorkCompletionOpcode.RECV, status, why);
        return why;
    }

    private void tell(
            long id, WorkCompletionOpcode opcode, WorkCompletionStatus status, Explanation why) {
        qp.failed(why);
        FlightEvents.completionFailed(qp.number(), id, opcode, status, why);
    }

    /// A request of the peer is refused.
    Cause.PeerRequestRefused peerRefused(
            Object opcode, int psn, int syndrome, RequestFault fault, long actual, long expected) {
        return new Cause.PeerRequestRefused(
                peer(), psn, opcode.toString(), NakCode.of(syndrome), fault, actual, expected);
    }

    /// How a request ends that the peer refused.
    static WorkCompletionStatus statusOf(NakCode code) {
        return switch (code) {
            case INVALID_REQUEST -> WorkCompletionStatus.REM_INV_REQ_ERR;
            case REMOTE_ACCESS_ERROR -> WorkCompletionStatus.REM_ACCESS_ERR;
            case REMOTE_OPERATIONAL_ERROR -> WorkCompletionStatus.REM_OP_ERR;
            case INVALID_RD_REQUEST -> WorkCompletionStatus.REM_INV_RD_REQ_ERR;
            case PSN_SEQUENCE_ERROR, RESERVED -> WorkCompletionStatus.BAD_RESP_ERR;
        };
    }
}
