package org.softverbs.verbs;

/// What a queue pair is made with.
///
/// Verbs name: `ibv_qp_init_attr` / `ib_qp_init_attr`.
///
/// @param type the transport service
/// @param sendCompletionQueue gets the completions of the send queue
/// @param receiveCompletionQueue gets the completions of the receive queue; may be the same
/// @param capabilities how much it must hold at least
/// @param signalAll whether every send request is signaled (`sq_sig_all`)
public record QueuePairOptions(
        QueuePairType type,
        CompletionQueue sendCompletionQueue,
        CompletionQueue receiveCompletionQueue,
        QueuePairCapabilities capabilities,
        boolean signalAll) {

    /// A reliable connection with one completion queue, nothing signaled unless asked.
    public static QueuePairOptions reliableConnection(
            CompletionQueue completionQueue, QueuePairCapabilities capabilities) {
        return new QueuePairOptions(
                QueuePairType.RC, completionQueue, completionQueue, capabilities, false);
    }
}
