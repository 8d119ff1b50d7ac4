package org.softverbs.verbs;

/// What the target queue pairs and the shared receive queues of extended reliable connections have
/// in common: a request reaches the queues of its queue pair's domain, and none of another.
///
/// Verbs name: `ibv_xrcd` / `ib_xrcd`.
public interface XrcDomain extends AutoCloseable {

    DeviceContext context();

    /// The name that it was opened with; empty for one of its opener alone.
    String name();

    /// Gives it back. A domain that was opened several times is there until the last is closed.
    ///
    /// @throws VerbsException `EBUSY` when queue pairs or shared receive queues that were made with
    ///     it are still open; it lists them
    @Override
    void close();
}
