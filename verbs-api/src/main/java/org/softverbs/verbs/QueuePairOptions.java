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
/// @param xrcDomain that of the target of an extended reliable connection, of nobody else
public record QueuePairOptions(
        QueuePairType type,
        CompletionQueue sendCompletionQueue,
        CompletionQueue receiveCompletionQueue,
        QueuePairCapabilities capabilities,
        boolean signalAll,
        Optional<SharedReceiveQueue> sharedReceiveQueue,
        Optional<XrcDomain> xrcDomain) {

    /// Of no domain of extended reliable connections.
    public QueuePairOptions(
            QueuePairType type,
            CompletionQueue sendCompletionQueue,
            CompletionQueue receiveCompletionQueue,
            QueuePairCapabilities capabilities,
            boolean signalAll,
            Optional<SharedReceiveQueue> sharedReceiveQueue) {
        this(
                type,
                sendCompletionQueue,
                receiveCompletionQueue,
                capabilities,
                signalAll,
                sharedReceiveQueue,
                Optional.empty());
    }

    /// The target of an extended reliable connection. The completions of its receives go to the
    /// queues of the shared receive queues that they come from; the one named here gets none.
    ///
    /// @param domain whose shared receive queues it reaches
    public static QueuePairOptions xrcTarget(XrcDomain domain, CompletionQueue completionQueue) {
        return new QueuePairOptions(
                QueuePairType.XRC_RECV,
                completionQueue,
                completionQueue,
                new QueuePairCapabilities(1, 1, 1, 1, 0),
                false,
                Optional.empty(),
                Optional.of(domain));
    }

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
