package org.softverbs.soft.roce;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.memory.AccessResult;
import org.softverbs.soft.memory.AccessRight;
import org.softverbs.soft.packet.RunList;
import org.softverbs.soft.profile.Deviation;
import org.softverbs.soft.qp.LocalMemory;
import org.softverbs.soft.qp.QueuePairCore;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.verbs.Cause;
import org.softverbs.verbs.WorkCompletionStatus;

/// What a requester looks at before it sends a READ or an atomic; with the profile of its device,
/// which may want more or less.
final class RequestChecks {

    private static final long ATOMIC_LENGTH = ResponseMemory.ATOMIC_LENGTH;

    private final QueuePairCore qp;
    private final LocalMemory localMemory;
    private final RunList place = new RunList();
    private final boolean anyAtomicLength;
    private final boolean atomicsCheckedFirst;
    private final boolean emptyReadsFail;
    private WorkCompletionStatus status = WorkCompletionStatus.SUCCESS;
    private @Nullable Cause cause;

    RequestChecks(QueuePairCore qp, LocalMemory localMemory) {
        this.qp = qp;
        this.localMemory = localMemory;
        this.anyAtomicLength = qp.profile().has(Deviation.ATOMICS_OF_ANY_LENGTH);
        this.atomicsCheckedFirst = qp.profile().has(Deviation.ATOMICS_CHECKED_FIRST);
        this.emptyReadsFail = qp.profile().has(Deviation.ZERO_LENGTH_READS_FAIL);
    }

    /// How the last request that was refused fails.
    WorkCompletionStatus status() {
        return status;
    }

    /// Why the last request that was refused fails.
    Cause cause() {
        return Objects.requireNonNull(cause);
    }

    private boolean refuse(WorkCompletionStatus how, Cause why) {
        status = how;
        cause = why;
        return true;
    }

    /// Whether a READ fails before it is sent.
    boolean refuseRead(SendWqe wqe) {
        return emptyReadsFail
                && wqe.length() == 0
                && refuse(
                        WorkCompletionStatus.LOC_QP_OP_ERR,
                        new Cause.OperationNotOffered(
                                qp.type(), wqe.operation().completionOpcode()));
    }

    /// Whether an atomic fails before it is sent.
    boolean refuseAtomic(SendWqe wqe) {
        long length = wqe.elements().total();
        if (length != ATOMIC_LENGTH && !anyAtomicLength) {
            return refuse(
                    WorkCompletionStatus.LOC_LEN_ERR, new Cause.WrongLength(length, ATOMIC_LENGTH));
        }
        return atomicsCheckedFirst && refusePlace(wqe, Math.min(ATOMIC_LENGTH, length));
    }

    private boolean refusePlace(SendWqe wqe, long length) {
        place.clear();
        AccessResult result =
                localMemory.resolve(wqe.elements(), 0, length, AccessRight.LOCAL_WRITE, place);
        return result != AccessResult.GRANTED
                && refuse(
                        WorkCompletionStatus.LOC_PROT_ERR,
                        localMemory.refused(result, AccessRight.LOCAL_WRITE));
    }
}
