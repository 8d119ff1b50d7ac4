package org.softverbs.verbs;

/// In which order the bytes of a message are seen in memory while it arrives.
///
/// Verbs name: `ibv_query_qp_data_in_order_caps`.
public enum DataInOrder {
    /// All bytes, first to last: who sees the last one sees all.
    WHOLE_MESSAGE,
    /// The bytes of each aligned block of 128, first to last.
    ALIGNED_128_BYTES
}
