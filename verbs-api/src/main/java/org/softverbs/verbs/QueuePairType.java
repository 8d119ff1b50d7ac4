package org.softverbs.verbs;

/// The transport service of a queue pair.
///
/// Verbs name: `ibv_qp_type` / `ib_qp_type`.
public enum QueuePairType {
    /// Reliable connection.
    RC
}
