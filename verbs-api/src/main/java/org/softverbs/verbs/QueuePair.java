package org.softverbs.verbs;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A send queue and a receive queue, and the connection between them and a peer.
///
/// Verbs name: `ibv_qp` / `ib_qp`.
public interface QueuePair extends AutoCloseable {

    ProtectionDomain protectionDomain();

    QueuePairType type();

    /// The number by which the peer addresses it, 24 bits (`qp_num`).
    int number();

    /// Which of the handles of an XRC target this is ([XrcDomain#openQueuePair]): 0 for the one
    /// that it was made with, and for every other queue pair. Asynchronous events name it.
    ///
    /// Verbs name: `handle`.
    int handle();

    QueuePairState state();

    /// What was granted.
    QueuePairCapabilities capabilities();

    CompletionQueue sendCompletionQueue();

    CompletionQueue receiveCompletionQueue();

    /// Where its receives come from, when it has no queue of its own.
    Optional<SharedReceiveQueue> sharedReceiveQueue();

    /// Changes attributes, and with them the state.
    ///
    /// @throws VerbsException `EINVAL` when the move is not in [QueuePairTransitions] or a value is
    ///     out of range; nothing changed
    void modify(QueuePairAttributes attributes);

    /// In which order a message's bytes may be relied on to be seen, before its completion is.
    ///
    /// Verbs name: `ibv_query_qp_data_in_order`.
    ///
    /// @param operation of the peer, or of this side for a READ
    /// @return nothing when there is no such promise
    Set<DataInOrder> queryDataInOrder(WorkCompletionOpcode operation);

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

    /// Posts requests in order, with one notice to the device: all of them or none.
    ///
    /// @throws PostException when one is refused, or the queue has room up to one of them only;
    ///     none is posted, those before it neither
    void postSendAll(List<? extends SendWorkRequest> requests);

    /// Binds a window of type 1 to a part of a region, or to nothing, by a request of its own on
    /// the send queue.
    ///
    /// Verbs name: `ibv_bind_mw`.
    ///
    /// @param id given back in the completion
    /// @param window a window of type 1
    /// @param binding what it is bound to; nothing, or no bytes, ends the binding before
    /// @param flags how the request is carried out
    /// @return the window's new remote key, good from the completion on
    /// @throws VerbsException as [#postSend(SendWorkRequest)], and `EINVAL` for a window of type 2
    int bindMemoryWindow(
            long id, MemoryWindow window, MemoryWindowBinding binding, Set<SendFlag> flags);

    /// Posts one receive.
    ///
    /// @throws VerbsException `EINVAL` in state RESET, for too many elements, or on a queue pair
    ///     with a shared receive queue; `ENOMEM` when the queue is full
    void postReceive(ReceiveWorkRequest request);

    /// Posts receives in order.
    ///
    /// @throws PostException when one is refused; those before it are posted
    void postReceive(List<ReceiveWorkRequest> requests);

    /// Posts a send request that does nothing, behind all that was posted, on a queue pair in ERR:
    /// it is flushed after them, with a completion. It may be of any type, and the device takes it
    /// also where it loses or refuses such requests of programs.
    ///
    /// Kernel name: what `ib_drain_sq` and `drain_sq` of `ib_device_ops` post.
    ///
    /// @throws VerbsException `EINVAL` in another state, and on an XRC target; `ENOMEM` when the
    ///     queue is full
    void postSendMarker(long id);

    /// As [#postSendMarker], on the receive queue.
    ///
    /// Kernel name: what `ib_drain_rq` and `drain_rq` of `ib_device_ops` post.
    ///
    /// @throws VerbsException as [#postSendMarker], and `EINVAL` on a queue pair without receives
    ///     of its own
    void postReceiveMarker(long id);

    /// Has it get the datagrams to a multicast group, those of other queue pairs of its device too,
    /// but not its own. What it is attached to already it is attached to once.
    ///
    /// Verbs name: `ibv_attach_mcast`.
    ///
    /// @throws VerbsException `EINVAL` when the queue pair is not of type UD, or the GID not that
    ///     of a group; `ENOMEM` at a limit of the device, `maxMulticastGroups` or
    ///     `maxMulticastAttachments`; another errno when the network cannot be joined
    void attachMulticast(GlobalIdentifier group);

    /// Ends [#attachMulticast].
    ///
    /// Verbs name: `ibv_detach_mcast`.
    ///
    /// @throws VerbsException `EINVAL` when it is not attached to the group
    void detachMulticast(GlobalIdentifier group);

    /// Why it failed: the first error since it was made or reset, which brought about the flush of
    /// everything posted. Also when the peer's request was at fault. Nothing while all is well.
    Optional<Explanation> firstError();

    /// What it waits for now; empty when nothing is under way.
    List<Wait> waitsFor();

    /// A way to post sends without allocation.
    SendCursor sendCursor();

    /// A way to post receives without allocation.
    ReceiveCursor receiveCursor();

    /// Ends the queue pair. Requests that are not completed get no completion; when this returns
    /// nothing of it touches memory any more. Events of it that nobody took are forgotten.
    ///
    /// An XRC target that was opened again goes on until its last handle is closed, in any order;
    /// till then what it was made with is in use.
    ///
    /// @throws VerbsException `EBUSY` while it is attached to a multicast group, and when events of
    ///     it are not acknowledged
    @Override
    void close();
}
