package org.softverbs.verbs;

import java.util.Optional;
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
/// @param source where it came from, for a datagram
/// @param failure why it failed, or why its queue pair did before it was flushed; nothing when it
///     succeeded or the provider does not know
public record WorkCompletion(
        long workRequestId,
        WorkCompletionStatus status,
        WorkCompletionOpcode opcode,
        int vendorError,
        long byteLength,
        OptionalInt immediate,
        OptionalInt invalidatedKey,
        int queuePairNumber,
        Optional<DatagramSource> source,
        Optional<Explanation> failure) {

    /// Whether the work was done.
    public boolean isSuccess() {
        return status == WorkCompletionStatus.SUCCESS;
    }

    /// Why it ended as it did: the chain from this request to the root; of a flushed request, to
    /// the first failure of its queue pair.
    public Explanation explain() {
        return switch (status) {
            case SUCCESS ->
                    Explanation.of(
                            new Cause.Succeeded(
                                    queuePairNumber, workRequestId, opcode, byteLength));
            case WR_FLUSH_ERR -> flushed();
            default -> failure.orElseGet(this::unexplained);
        };
    }

    private Explanation flushed() {
        Cause effect = new Cause.RequestFlushed(queuePairNumber, workRequestId, opcode);
        return failure.map(it -> it.behind(effect)).orElseGet(() -> Explanation.of(effect));
    }

    private Explanation unexplained() {
        return Explanation.of(
                new Cause.RequestFailed(
                        queuePairNumber, workRequestId, opcode, status, 0, Optional.empty()));
    }
}
