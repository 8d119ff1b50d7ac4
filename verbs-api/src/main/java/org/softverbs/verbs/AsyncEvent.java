package org.softverbs.verbs;

/// Something that happened outside any work request.
///
/// Verbs name: `ibv_async_event` / `ib_event`.
///
/// @param type what happened
/// @param element number of the queue pair, the shared receive queue or the port, or identity of
///     the completion queue
/// @param detail one sentence on the cause
/// @param handle which of those that have the queue pair open it is for ([QueuePair#handle()]); 0
///     for the one that made it, and for all that is no queue pair
public record AsyncEvent(AsyncEventType type, int element, String detail, int handle) {

    /// For whoever made the element.
    public AsyncEvent(AsyncEventType type, int element, String detail) {
        this(type, element, detail, 0);
    }

    /// The same for another that has the queue pair open.
    public AsyncEvent withHandle(int other) {
        return new AsyncEvent(type, element, detail, other);
    }
}
