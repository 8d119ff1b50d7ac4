package org.softverbs.verbs;

/// Something that happened outside any work request.
///
/// Verbs name: `ibv_async_event` / `ib_event`.
///
/// @param type what happened
/// @param element number of the queue pair, the shared receive queue or the port, or identity of
///     the completion queue
/// @param detail one sentence on the cause
public record AsyncEvent(AsyncEventType type, int element, String detail) {}
