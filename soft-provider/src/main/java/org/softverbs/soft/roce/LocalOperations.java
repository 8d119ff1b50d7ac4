package org.softverbs.soft.roce;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.memory.AccessResult;
import org.softverbs.soft.memory.MemoryAccess;
import org.softverbs.soft.qp.EngineOutput;
import org.softverbs.soft.qp.QueuePairCore;
import org.softverbs.soft.queue.SendOperation;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.verbs.Cause;
import org.softverbs.verbs.MemoryRight;
import org.softverbs.verbs.WorkCompletionStatus;

/// Carries out the requests that need no peer: they change what a key opens.
///
/// A request that cannot be carried out is a memory management operation error (`MW_BIND_ERR`), as
/// the InfiniBand specification has it in 11.6.2; Linux rxe says `LOC_QP_OP_ERR` but for windows.
final class LocalOperations {

    private final QueuePairCore qp;
    private final EngineOutput output;
    private @Nullable Cause refusal;

    LocalOperations(QueuePairCore qp, EngineOutput output) {
        this.qp = qp;
        this.output = output;
    }

    /// Why the last one was not carried out; only when it was not.
    Cause refusal() {
        return Objects.requireNonNull(refusal);
    }

    /// Carries one out.
    ///
    /// @return how it ended; nothing changed unless `SUCCESS`
    WorkCompletionStatus execute(SendWqe wqe) {
        return switch (wqe.operation()) {
            case BIND_MEMORY_WINDOW -> ended(bind(wqe), boundKey(wqe), wqe);
            case LOCAL_INVALIDATE ->
                    ended(
                            qp.memory().invalidateLocally(qp.accessor(), wqe.immediateOrKey()),
                            wqe.immediateOrKey(),
                            wqe);
            case REGISTER_MEMORY ->
                    // Fast registration is kernel code's.
                    qp.accessor().privileged()
                            ? ended(register(wqe), wqe.remoteKey(), wqe)
                            : unprivileged(wqe);
            case SEND,
                    SEND_WITH_IMMEDIATE,
                    SEND_WITH_INVALIDATE,
                    RDMA_WRITE,
                    RDMA_WRITE_WITH_IMMEDIATE,
                    RDMA_READ,
                    COMPARE_AND_SWAP,
                    FETCH_AND_ADD,
                    ATOMIC_WRITE,
                    FLUSH ->
                    throw new IllegalArgumentException(wqe.operation() + " needs a peer");
        };
    }

    private AccessResult bind(SendWqe wqe) {
        MemoryAccess memory = qp.memory();
        return memory.bind(
                qp.accessor(),
                wqe.remoteKey(),
                wqe.localKey(),
                wqe.remoteAddress(),
                wqe.bindLength(),
                wqe.accessBits());
    }

    private AccessResult register(SendWqe wqe) {
        return qp.memory().register(qp.accessor(), wqe.remoteKey(), wqe.accessBits());
    }

    private WorkCompletionStatus unprivileged(SendWqe wqe) {
        refuse(AccessResult.NOT_PRIVILEGED, wqe.remoteKey(), wqe);
        return WorkCompletionStatus.LOC_QP_OP_ERR;
    }

    /// The key that a bind may be refused for: that of the region, when it has one.
    private static int boundKey(SendWqe wqe) {
        return wqe.localKey() == 0 ? wqe.remoteKey() : wqe.localKey();
    }

    private WorkCompletionStatus ended(AccessResult result, int key, SendWqe wqe) {
        if (result != AccessResult.GRANTED) {
            refuse(result, key, wqe);
            return WorkCompletionStatus.MW_BIND_ERR;
        }
        // What the key opened before may be somebody else's from now on.
        output.detach();
        return WorkCompletionStatus.SUCCESS;
    }

    private void refuse(AccessResult result, int key, SendWqe wqe) {
        boolean binds = wqe.operation() == SendOperation.BIND_MEMORY_WINDOW;
        refusal =
                qp.memory()
                        .refused(
                                result,
                                qp.accessor(),
                                MemoryRight.KEY_CHANGE,
                                key,
                                binds ? wqe.remoteAddress() : 0,
                                binds ? wqe.bindLength() : 0);
    }
}
