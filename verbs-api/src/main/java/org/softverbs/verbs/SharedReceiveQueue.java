package org.softverbs.verbs;

import java.util.List;

/// Receives that several queue pairs share: each message takes the oldest, whichever queue pair it
/// comes to. A queue pair that has one takes no receives of its own.
///
/// Verbs name: `ibv_srq` / `ib_srq`.
public interface SharedReceiveQueue extends AutoCloseable {

    ProtectionDomain protectionDomain();

    /// Its number, by which events name it, and requests of extended reliable connections
    /// (`ibv_get_srq_num`).
    int number();

    /// What it holds, and the limit that is set (`ibv_query_srq`).
    SharedReceiveQueueOptions query();

    /// Asks for one `SRQ_LIMIT_REACHED` when fewer receives than this are left (`IBV_SRQ_LIMIT`).
    /// The limit is 0 again when the event comes; 0 takes the wish back. When fewer are there
    /// already the next message that takes one brings it.
    ///
    /// @throws VerbsException `EINVAL` when it is negative or more than the queue holds
    void setLimit(int limit);

    /// Changes how many receives it holds (`IBV_SRQ_MAX_WR`). What is posted stays posted.
    ///
    /// @throws VerbsException `EINVAL` when it is below 1, above the device's limit, below the
    ///     limit that is set, or below what is posted
    void resize(int maxRequests);

    /// Posts one receive.
    ///
    /// @throws VerbsException `EINVAL` for too many elements, `ENOMEM` when the queue is full
    void postReceive(ReceiveWorkRequest request);

    /// Posts receives in order.
    ///
    /// @throws PostException when one is refused; those before it are posted
    void postReceive(List<ReceiveWorkRequest> requests);

    /// A way to post receives without allocation.
    ReceiveCursor receiveCursor();

    /// Ends the queue. Receives that no message took get no completion.
    ///
    /// @throws VerbsException `EBUSY` when queue pairs still use it, which it lists, or events of
    ///     it are not acknowledged
    @Override
    void close();
}
