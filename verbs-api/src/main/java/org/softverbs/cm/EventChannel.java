package org.softverbs.cm;

import java.time.Duration;
import java.util.Optional;

/// Where the events of IDs arrive, in the order in which they happened to each.
///
/// It has two faces. Threads, virtual ones at best, [#await] events; or a listener is called with
/// each ([#deliverTo]).
///
/// Verbs name: `rdma_event_channel`.
public interface EventChannel extends AutoCloseable {

    ConnectionManager manager();

    /// Waits for the next event, which must be acknowledged.
    ///
    /// Verbs name: `rdma_get_cm_event`.
    ///
    /// @return nothing when none came in time
    /// @throws InterruptedException when the thread is interrupted
    /// @throws IllegalStateException when the channel has a listener
    Optional<CmEvent> await(Duration timeout) throws InterruptedException;

    /// Has a listener called with each event from now on, those that wait first.
    ///
    /// It is called by the owner of the device, and must not wait. It may call the verbs of IDs,
    /// those of its own device at least. What it throws is logged, and the event counts as
    /// acknowledged. There is one listener, for ever.
    ///
    /// @throws IllegalStateException when there is one
    void deliverTo(CmEventListener listener);

    /// @throws org.softverbs.verbs.VerbsException `EBUSY` when IDs still use it; it lists them
    @Override
    void close();
}
