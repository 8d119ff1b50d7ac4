package org.softverbs.verbs;

/// What an asynchronous event tells.
///
/// Those of the verb that a RoCE device has no reason for are left out: LIDs, the subnet manager,
/// P_Key tables that change, path migration, work queues of their own.
///
/// Verbs name: `ibv_event_type` / `ib_event_type`.
public enum AsyncEventType {
    /// A completion queue overran: it is dead, and so are its queue pairs.
    CQ_ERR(AsyncEventSource.COMPLETION_QUEUE),
    /// A queue pair failed in a way that no work completion can tell.
    QP_FATAL(AsyncEventSource.QUEUE_PAIR),
    /// The peer made a request that the specification does not allow.
    QP_REQ_ERR(AsyncEventSource.QUEUE_PAIR),
    /// The peer touched memory, or used an operation, that it has no right to.
    QP_ACCESS_ERR(AsyncEventSource.QUEUE_PAIR),
    /// A packet arrived on a queue pair that was in RTR.
    COMM_EST(AsyncEventSource.QUEUE_PAIR),
    /// A queue pair in SQD has finished what was under way.
    SQ_DRAINED(AsyncEventSource.QUEUE_PAIR),
    /// A queue pair with a shared receive queue is in ERR and takes no more receives from it.
    LAST_WQE_REACHED(AsyncEventSource.QUEUE_PAIR),
    /// Fewer receives than the limit are left in a shared receive queue.
    SRQ_LIMIT_REACHED(AsyncEventSource.SHARED_RECEIVE_QUEUE),
    /// A shared receive queue failed.
    SRQ_ERR(AsyncEventSource.SHARED_RECEIVE_QUEUE),
    DEVICE_FATAL(AsyncEventSource.DEVICE),
    PORT_ACTIVE(AsyncEventSource.PORT),
    PORT_ERR(AsyncEventSource.PORT),
    GID_CHANGE(AsyncEventSource.PORT);

    private final AsyncEventSource source;

    AsyncEventType(AsyncEventSource source) {
        this.source = source;
    }

    /// What it is about.
    public AsyncEventSource source() {
        return source;
    }
}
