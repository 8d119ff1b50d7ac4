package org.softverbs.verbs;

import java.time.Duration;
import java.util.Optional;

/// Where threads wait for completion queues to get work done.
///
/// Verbs name: `ibv_comp_channel`.
public interface CompletionChannel extends AutoCloseable {

    DeviceContext context();

    /// Waits until an armed queue of this channel gets a completion. Each event must be
    /// acknowledged with [CompletionQueue#acknowledgeEvents(int)] before its queue can be closed.
    ///
    /// @return the queue, or nothing when no event came in time
    /// @throws InterruptedException when the thread is interrupted
    Optional<CompletionQueue> awaitEvent(Duration timeout) throws InterruptedException;

    /// @throws VerbsException `EBUSY` when completion queues still use it; it lists them
    @Override
    void close();
}
