package org.softverbs.verbs;

/// What an asynchronous event tells.
///
/// Verbs name: `ibv_event_type` / `ib_event_type`.
public enum AsyncEventType {
    /// A completion queue overran: it is dead, and so are its queue pairs.
    CQ_ERR,
    /// A queue pair failed in a way that no work completion can tell.
    QP_FATAL,
    /// The peer made a request that the specification does not allow.
    QP_REQ_ERR,
    /// The peer touched memory, or used an operation, that it has no right to.
    QP_ACCESS_ERR,
    /// A packet arrived on a queue pair that was in RTR.
    COMM_EST,
    /// A queue pair in SQD has finished what was under way.
    SQ_DRAINED,
    /// A queue pair with a shared receive queue is in ERR and takes no more receives from it.
    LAST_WQE_REACHED,
    /// Fewer receives than the limit are left in a shared receive queue.
    SRQ_LIMIT_REACHED,
    /// A shared receive queue failed.
    SRQ_ERR,
    DEVICE_FATAL,
    PORT_ACTIVE,
    PORT_ERR,
    GID_CHANGE
}
