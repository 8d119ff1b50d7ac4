package org.softverbs.soft.roce;

import org.softverbs.soft.memory.AccessResult;
import org.softverbs.soft.memory.MemoryAccess;
import org.softverbs.soft.qp.EngineOutput;
import org.softverbs.soft.qp.QueuePairCore;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.verbs.WorkCompletionStatus;

/// Carries out the requests that need no peer: they change what a key opens.
///
/// A request that cannot be carried out is a memory management operation error (`MW_BIND_ERR`), as
/// the InfiniBand specification has it in 11.6.2; Linux rxe says `LOC_QP_OP_ERR` but for windows.
final class LocalOperations {

    private final QueuePairCore qp;
    private final EngineOutput output;

    LocalOperations(QueuePairCore qp, EngineOutput output) {
        this.qp = qp;
        this.output = output;
    }

    /// Carries one out.
    ///
    /// @return how it ended; nothing changed unless `SUCCESS`
    WorkCompletionStatus execute(SendWqe wqe) {
        return switch (wqe.operation()) {
            case BIND_MEMORY_WINDOW -> ended(bind(wqe));
            case LOCAL_INVALIDATE ->
                    ended(qp.memory().invalidateLocally(qp.accessor(), wqe.immediateOrKey()));
            case REGISTER_MEMORY ->
                    // Fast registration is kernel code's.
                    qp.accessor().privileged()
                            ? ended(register(wqe))
                            : WorkCompletionStatus.LOC_QP_OP_ERR;
            case SEND,
                    SEND_WITH_IMMEDIATE,
                    SEND_WITH_INVALIDATE,
                    RDMA_WRITE,
                    RDMA_WRITE_WITH_IMMEDIATE,
                    RDMA_READ,
                    COMPARE_AND_SWAP,
                    FETCH_AND_ADD ->
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

    private WorkCompletionStatus ended(AccessResult result) {
        if (result != AccessResult.GRANTED) {
            return WorkCompletionStatus.MW_BIND_ERR;
        }
        // What the key opened before may be somebody else's from now on.
        output.detach();
        return WorkCompletionStatus.SUCCESS;
    }
}
