package org.softverbs.verbs;

/// Where a queue pair stands. What leads from one state to another is [QueuePairTransitions].
///
/// Verbs name: `ibv_qp_state` / `ib_qp_state`.
public enum QueuePairState {
    /// Just made, or reset: nothing can be posted.
    RESET,
    /// Receives can be posted; nothing is sent or received.
    INIT,
    /// Ready to receive.
    RTR,
    /// Ready to send.
    RTS,
    /// The send queue is draining, or drained: what is under way ends, nothing new starts.
    SQD,
    /// The send queue failed, the receive queue works (unreliable services only).
    SQE,
    /// Everything posted is flushed.
    ERR
}
