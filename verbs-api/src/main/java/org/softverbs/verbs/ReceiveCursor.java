package org.softverbs.verbs;

/// Posts receive requests without allocating: [#receive(long)], elements, then a post.
///
/// A cursor belongs to one thread at a time.
public interface ReceiveCursor {

    ReceiveCursor receive(long id);

    /// Adds an element.
    ///
    /// @throws VerbsException `EINVAL` when the queue pair's `maxReceiveSge` is exceeded
    ReceiveCursor element(long address, int length, int localKey);

    /// Posts the request.
    ///
    /// @throws VerbsException as [QueuePair#postReceive(ReceiveWorkRequest)]
    void post();

    /// Posts the request unless the receive queue is full.
    ///
    /// @return false when the queue is full (`ENOMEM`)
    boolean tryPost();
}
