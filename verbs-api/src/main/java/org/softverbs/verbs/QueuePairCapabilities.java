package org.softverbs.verbs;

/// How much a queue pair holds. What is granted is at least what was asked for.
///
/// Verbs name: `ibv_qp_cap` / `ib_qp_cap`.
///
/// @param maxSendRequests send requests outstanding
/// @param maxReceiveRequests receive requests outstanding
/// @param maxSendSge elements of one send request
/// @param maxReceiveSge elements of one receive request
/// @param maxInlineData bytes that can be sent inline
public record QueuePairCapabilities(
        int maxSendRequests,
        int maxReceiveRequests,
        int maxSendSge,
        int maxReceiveSge,
        int maxInlineData) {

    /// A queue pair for tools and tests: 128 requests each way, four elements, 64 bytes inline.
    public static QueuePairCapabilities small() {
        return new QueuePairCapabilities(128, 128, 4, 4, 64);
    }
}
