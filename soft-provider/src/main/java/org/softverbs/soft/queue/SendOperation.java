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
    FETCH_AND_ADD(WorkCompletionOpcode.FETCH_ADD);

    private final WorkCompletionOpcode completionOpcode;

    SendOperation(WorkCompletionOpcode completionOpcode) {
        this.completionOpcode = completionOpcode;
    }

    public WorkCompletionOpcode completionOpcode() {
        return completionOpcode;
    }

    /// Whether the responder sends data back: such a request takes a slot of its responder
    /// resources.
    public boolean isReadOrAtomic() {
        return this == RDMA_READ || isAtomic();
    }

    public boolean isAtomic() {
        return this == COMPARE_AND_SWAP || this == FETCH_AND_ADD;
    }

    public boolean isWrite() {
        return this == RDMA_WRITE || this == RDMA_WRITE_WITH_IMMEDIATE;
    }
}
