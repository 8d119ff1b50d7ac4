package org.softverbs.verbs;

import java.util.OptionalInt;

/// The end of one work request.
///
/// With a status other than `SUCCESS` only `workRequestId`, `status`, `vendorError` and
/// `queuePairNumber` are meaningful.
///
/// Verbs name: `ibv_wc` / `ib_wc`.
///
/// @param workRequestId the request's own number (`wr_id`)
/// @param status how it ended
/// @param opcode what kind of work it was
/// @param vendorError a provider's own detail, 0 for none
/// @param byteLength bytes received, or read
/// @param immediate immediate data in network order, when the message carried one
/// @param invalidatedKey the key that the message invalidated, when it did
/// @param queuePairNumber the queue pair it was posted to
public record WorkCompletion(
        long workRequestId,
        WorkCompletionStatus status,
        WorkCompletionOpcode opcode,
        int vendorError,
        long byteLength,
        OptionalInt immediate,
        OptionalInt invalidatedKey,
        int queuePairNumber) {

    /// Whether the work was done.
    public boolean isSuccess() {
        return status == WorkCompletionStatus.SUCCESS;
    }
}
