package org.softverbs.verbs;

import java.lang.foreign.MemorySegment;

/// Posts send requests without allocating: one operation, then its elements and flags, then
/// [#post()] or [#tryPost()].
///
/// A cursor belongs to one thread at a time; a queue pair may have many. An operation that is begun
/// and never posted leaves no trace.
///
/// Verbs name: `ibv_wr_start`, the `ibv_wr_*` family and `ibv_wr_complete`.
public interface SendCursor {

    SendCursor send(long id);

    SendCursor sendWithImmediate(long id, int immediate);

    SendCursor sendWithInvalidate(long id, int invalidateKey);

    SendCursor rdmaWrite(long id, long remoteAddress, int remoteKey);

    SendCursor rdmaWriteWithImmediate(long id, long remoteAddress, int remoteKey, int immediate);

    SendCursor rdmaRead(long id, long remoteAddress, int remoteKey);

    SendCursor compareAndSwap(long id, long remoteAddress, int remoteKey, long compare, long swap);

    SendCursor fetchAndAdd(long id, long remoteAddress, int remoteKey, long add);

    /// Adds an element.
    ///
    /// @throws VerbsException `EINVAL` when the queue pair's `maxSendSge` is exceeded
    SendCursor element(long address, int length, int localKey);

    /// Takes the data itself: the bytes are copied now, and the request is sent inline.
    ///
    /// @throws VerbsException `EINVAL` when the queue pair's `maxInlineData` is exceeded
    SendCursor inlineData(MemorySegment source, long offset, int length);

    SendCursor signaled();

    SendCursor solicited();

    SendCursor fence();

    /// Says that another request follows at once: the device need not look at this one before.
    SendCursor moreToCome();

    /// Posts the request.
    ///
    /// @throws VerbsException as [QueuePair#postSend(SendWorkRequest)]
    void post();

    /// Posts the request unless the send queue is full.
    ///
    /// @return false when the queue is full (`ENOMEM`)
    /// @throws VerbsException for every other reason, as [QueuePair#postSend(SendWorkRequest)]
    boolean tryPost();
}
