package org.softverbs.verbs;

/// What kind of work a completion belongs to.
///
/// Verbs name: `ibv_wc_opcode` / `ib_wc_opcode`.
public enum WorkCompletionOpcode {
    SEND,
    RDMA_WRITE,
    RDMA_READ,
    COMP_SWAP,
    FETCH_ADD,
    FLUSH,
    ATOMIC_WRITE,
    BIND_MW,
    LOCAL_INV,
    REG_MR,
    RECV,
    RECV_RDMA_WITH_IMM;

    /// Whether this is work of the receive queue.
    public boolean isReceive() {
        return this == RECV || this == RECV_RDMA_WITH_IMM;
    }
}
