package org.softverbs.soft.queue;

import org.softverbs.verbs.WorkCompletionOpcode;

/// What a send request does.
public enum SendOperation {
    SEND(WorkCompletionOpcode.SEND),
    SEND_WITH_IMMEDIATE(WorkCompletionOpcode.SEND),
    SEND_WITH_INVALIDATE(WorkCompletionOpcode.SEND),
    RDMA_WRITE(WorkCompletionOpcode.RDMA_WRITE),
    RDMA_WRITE_WITH_IMMEDIATE(WorkCompletionOpcode.RDMA_WRITE),
    RDMA_READ(WorkCompletionOpcode.RDMA_READ),
    COMPARE_AND_SWAP(WorkCompletionOpcode.COMP_SWAP),
    FETCH_AND_ADD(WorkCompletionOpcode.FETCH_ADD),
    ATOMIC_WRITE(WorkCompletionOpcode.ATOMIC_WRITE),
    FLUSH(WorkCompletionOpcode.FLUSH),
    BIND_MEMORY_WINDOW(WorkCompletionOpcode.BIND_MW),
    LOCAL_INVALIDATE(WorkCompletionOpcode.LOCAL_INV),
    REGISTER_MEMORY(WorkCompletionOpcode.REG_MR);

    private final WorkCompletionOpcode completionOpcode;

    SendOperation(WorkCompletionOpcode completionOpcode) {
        this.completionOpcode = completionOpcode;
    }

    public WorkCompletionOpcode completionOpcode() {
        return completionOpcode;
    }

    /// Whether the responder answers it with a response of its own: such a request takes a slot of
    /// its responder resources.
    public boolean hasResponse() {
        return this == RDMA_READ || isAtomic() || isPlacement();
    }

    /// Whether it has no elements and is answered by a READ response of no bytes.
    public boolean isPlacement() {
        return this == ATOMIC_WRITE || this == FLUSH;
    }

    /// Whether the responder sends back what was there before.
    public boolean isAtomic() {
        return this == COMPARE_AND_SWAP || this == FETCH_AND_ADD;
    }

    /// Whether it is carried out here alone, without a packet.
    public boolean isLocal() {
        return this == BIND_MEMORY_WINDOW || this == LOCAL_INVALIDATE || this == REGISTER_MEMORY;
    }

    public boolean isWrite() {
        return this == RDMA_WRITE || this == RDMA_WRITE_WITH_IMMEDIATE;
    }
}
