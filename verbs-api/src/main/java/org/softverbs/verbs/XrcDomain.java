package org.softverbs.verbs;

/// What the target queue pairs and the shared receive queues of extended reliable connections have
/// in common: a request reaches the queues of its queue pair's domain, and none of another.
///
/// Verbs name: `ibv_xrcd` / `ib_xrcd`.
public interface XrcDomain extends AutoCloseable {

    DeviceContext context();

    /// The name that it was opened with; empty for one of its opener alone.
    String name();

    /// Opens a target of the domain another time. Both handles are of the same queue pair: what one
    /// does to it the other sees, each is told of its asynchronous events ([AsyncEvent#handle()]),
    /// and it ends when the last of them is closed.
    ///
    /// Verbs name: `ibv_open_qp` / `ib_open_qp`.
    ///
    /// @param number of a queue pair of type XRC_RECV that was made in this domain, under whichever
    ///     of its handles
    /// @throws VerbsException `EINVAL` when there is no queue pair of the number, or it is of
    ///     another type or another domain; `ENOMEM` when the host has no memory
    QueuePair openQueuePair(int number);

    /// Gives it back. A domain that was opened several times is there until the last is closed.
    ///
    /// @throws VerbsException `EBUSY` when queue pairs or shared receive queues that were made with
    ///     it are still open; it lists them
    @Override
    void close();
}
