package org.softverbs.soft.roce;

import org.jspecify.annotations.Nullable;
import org.softverbs.soft.profile.Deviation;
import org.softverbs.soft.qp.EngineOutput;
import org.softverbs.soft.qp.QueuePairCore;
import org.softverbs.soft.qp.TransportCounter;
import org.softverbs.soft.queue.SendOperation;
import org.softverbs.soft.queue.SendQueue;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.WorkCompletionOpcode;
import org.softverbs.verbs.WorkCompletionStatus;

/// Tells the end of send requests, oldest first.
final class SendCompletions {

    private final QueuePairCore qp;
    private final EngineOutput output;
    private final SendQueue queue;
    private final boolean silentBinds;

    SendCompletions(QueuePairCore qp, EngineOutput output) {
        this.qp = qp;
        this.output = output;
        this.queue = qp.sendQueue();
        this.silentBinds = qp.profile().has(Deviation.UNSIGNALED_BINDS_FAIL_SILENTLY);
    }

    /// Prepares the completion of the oldest request, which succeeded, if somebody wants it. It is
    /// to be given to the output when the slot is free.
    boolean begin(SendWqe wqe) {
        if (wqe.operation().completionOpcode() == WorkCompletionOpcode.SEND) {
            output.counters().add(TransportCounter.COMPLETED_SENDS);
        }
        boolean wanted = wqe.isSignaled() || qp.isSignalAll();
        if (wanted) {
            output.completion()
                    .begin(
                            qp.number(),
                            wqe.id(),
                            WorkCompletionStatus.SUCCESS,
                            wqe.operation().completionOpcode())
                    .byteLength(wqe.length())
                    .position(queue.head());
        }
        return wanted;
    }

    /// Completes everything posted with WR_FLUSH_ERR.
    void flush() {
        flush(WorkCompletionStatus.SUCCESS, null);
    }

    /// Completes everything posted with WR_FLUSH_ERR, the oldest with the failure if there is one.
    ///
    /// @param failure how the oldest failed, or `SUCCESS`
    /// @param explanation why it did
    void flush(WorkCompletionStatus failure, @Nullable Explanation explanation) {
        boolean failed = failure != WorkCompletionStatus.SUCCESS;
        while (queue.head() != queue.tail()) {
            SendWqe wqe = queue.slot(queue.head());
            if (failed && silentBinds && isUnsignaledBind(wqe)) {
                failed = false;
                queue.advanceHead();
                continue;
            }
            WorkCompletionStatus status = WorkCompletionStatus.WR_FLUSH_ERR;
            Explanation why = qp.firstError();
            if (failed) {
                status = failure;
                why = explanation;
                failed = false;
            }
            output.completion()
                    .begin(qp.number(), wqe.id(), status, wqe.operation().completionOpcode())
                    .position(queue.head())
                    .failure(why);
            queue.advanceHead();
            output.completeSend();
        }
    }

    private boolean isUnsignaledBind(SendWqe wqe) {
        return wqe.operation() == SendOperation.BIND_MEMORY_WINDOW
                && !wqe.isSignaled()
                && !qp.isSignalAll();
    }
}
