package org.softverbs.verbs;

import java.util.List;

/// A send queue and a receive queue, and the connection between them and a peer.
///
/// Verbs name: `ibv_qp` / `ib_qp`.
public interface QueuePair extends AutoCloseable {

    ProtectionDomain protectionDomain();

    QueuePairType type();

    /// The number by which the peer addresses it, 24 bits (`qp_num`).
    int number();

    QueuePairState state();

    /// What was granted.
    QueuePairCapabilities capabilities();

    CompletionQueue sendCompletionQueue();

    CompletionQueue receiveCompletionQueue();

    /// Changes attributes, and with them the state.
    ///
    /// @throws VerbsException `EINVAL` when the move is not in [QueuePairTransitions] or a value is
    ///     out of range; nothing changed
    void modify(QueuePairAttributes attributes);

    /// All attributes as they stand.
    QueuePairAttributes query();

    /// Posts one request.
    ///
    /// @throws VerbsException `EINVAL` in a state that does not take requests, for too many
    ///     elements or too much inline data; `ENOMEM` when the queue is full
    void postSend(SendWorkRequest request);

    /// Posts requests in order, with one notice to the device.
    ///
    /// @throws PostException when one is refused; those before it are posted
    void postSend(List<? extends SendWorkRequest> requests);

    /// Posts one receive.
    ///
    /// @throws VerbsException `EINVAL` in state RESET or for too many elements; `ENOMEM` when the
    ///     queue is full
    void postReceive(ReceiveWorkRequest request);

    /// Posts receives in order.
    ///
    /// @throws PostException when one is refused; those before it are posted
    void postReceive(List<ReceiveWorkRequest> requests);

    /// A way to post sends without allocation.
    SendCursor sendCursor();

    /// A way to post receives without allocation.
    ReceiveCursor receiveCursor();

    /// Ends the queue pair. Requests that are not completed get no completion; when this returns
    /// nothing of it touches memory any more.
    @Override
    void close();
}
