package org.softverbs.soft.roce;

import org.softverbs.soft.qp.EngineOutput;
import org.softverbs.soft.qp.QueuePairCore;
import org.softverbs.soft.qp.TransportCounter;
import org.softverbs.soft.queue.CompletionEntry;
import org.softverbs.soft.queue.ReceiveSource;
import org.softverbs.soft.queue.ReceiveWqe;
import org.softverbs.soft.queue.SharedReceives;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.WorkCompletionOpcode;
import org.softverbs.verbs.WorkCompletionStatus;

/// Tells the end of receives: of the one that the message at hand took, or in ERR of all.
final class ReceiveCompletions {

    private final QueuePairCore qp;
    private final EngineOutput output;
    private final ReceiveSource receives;
    private boolean lastTold;

    ReceiveCompletions(QueuePairCore qp, EngineOutput output) {
        this.qp = qp;
        this.output = output;
        this.receives = qp.receives();
    }

    /// The queue pair may receive again.
    void start() {
        lastTold = false;
    }

    /// The message arrived.
    ///
    /// @param fields the headers of its last packet
    void succeed(WorkCompletionOpcode kind, long length, RequestFields fields, RoceOpcode opcode) {
        output.counters().add(TransportCounter.COMPLETED_RECEIVES);
        CompletionEntry completion =
                begin(WorkCompletionStatus.SUCCESS, kind)
                        .byteLength(length)
                        .solicited(fields.isSolicited());
        if (opcode.hasImmediate()) {
            completion.extra(CompletionEntry.Extra.IMMEDIATE, fields.immediate());
        } else if (opcode.hasInvalidate()) {
            completion.extra(CompletionEntry.Extra.INVALIDATED_KEY, fields.invalidateKey());
        }
        finish();
    }

    /// The datagram arrived.
    ///
    /// @param sourceQpn queue pair that it came from
    void succeed(long length, RequestFields fields, RoceOpcode opcode, int sourceQpn) {
        output.counters().add(TransportCounter.COMPLETED_RECEIVES);
        CompletionEntry completion =
                begin(WorkCompletionStatus.SUCCESS, WorkCompletionOpcode.RECV)
                        .byteLength(length)
                        .datagramFrom(sourceQpn)
                        .solicited(fields.isSolicited());
        if (opcode.hasImmediate()) {
            completion.extra(CompletionEntry.Extra.IMMEDIATE, fields.immediate());
        }
        finish();
    }

    /// The receive failed.
    void fail(WorkCompletionStatus status, Explanation why) {
        begin(status, WorkCompletionOpcode.RECV).failure(why);
        finish();
    }

    /// Completes all receives that the queue pair owns with WR_FLUSH_ERR.
    void flush() {
        while (receives.isOwning()) {
            begin(WorkCompletionStatus.WR_FLUSH_ERR, WorkCompletionOpcode.RECV)
                    .failure(qp.firstError());
            finish();
        }
        if (receives.tellsLast() && !lastTold) {
            lastTold = true;
            output.raise(
                    AsyncEventType.LAST_WQE_REACHED,
                    "it takes no more receives from its shared receive queue");
        }
    }

    private CompletionEntry begin(WorkCompletionStatus status, WorkCompletionOpcode kind) {
        ReceiveWqe receive = receives.current();
        SharedReceives shared = receives.shared();
        return output.completion()
                .begin(qp.number(), receive.id(), status, kind)
                .position(receives.position())
                .sharedQueue(shared == null ? 0 : shared.number());
    }

    private void finish() {
        receives.finish();
        output.completeReceive();
    }
}
