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
    DEVICE_FATAL,
    PORT_ACTIVE,
    PORT_ERR,
    GID_CHANGE
}
