package org.softverbs.verbs;

import java.util.Optional;

/// What a queue pair is made with.
///
/// Verbs name: `ibv_qp_init_attr` / `ib_qp_init_attr`.
///
/// @param type the transport service
/// @param sendCompletionQueue gets the completions of the send queue
/// @param receiveCompletionQueue gets the completions of the receive queue; may be the same
/// @param capabilities how much it must hold at least
/// @param signalAll whether every send request is signaled (`sq_sig_all`)
/// @param sharedReceiveQueue where its receives come from, when it has no queue of its own
public record QueuePairOptions(
        QueuePairType type,
        CompletionQueue sendCompletionQueue,
        CompletionQueue receiveCompletionQueue,
        QueuePairCapabilities capabilities,
        boolean signalAll,
        Optional<SharedReceiveQueue> sharedReceiveQueue) {

    /// With a receive queue of its own.
    public QueuePairOptions(
            QueuePairType type,
            CompletionQueue sendCompletionQueue,
            CompletionQueue receiveCompletionQueue,
            QueuePairCapabilities capabilities,
            boolean signalAll) {
        this(
                type,
                sendCompletionQueue,
                receiveCompletionQueue,
                capabilities,
                signalAll,
                Optional.empty());
    }

    /// The same with receives that come from a shared queue.
    public QueuePairOptions withSharedReceiveQueue(SharedReceiveQueue queue) {
        return new QueuePairOptions(
                type,
                sendCompletionQueue,
                receiveCompletionQueue,
                capabilities,
                signalAll,
                Optional.of(queue));
    }

    /// A reliable connection with one completion queue, nothing signaled unless asked.
    public static QueuePairOptions reliableConnection(
            CompletionQueue completionQueue, QueuePairCapabilities capabilities) {
        return new QueuePairOptions(
                QueuePairType.RC, completionQueue, completionQueue, capabilities, false);
    }
}
