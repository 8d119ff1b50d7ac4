package org.softverbs.soft.device;

import org.jspecify.annotations.Nullable;
import org.softverbs.soft.queue.ReceiveWqe;
import org.softverbs.soft.sanitize.PostedRequest;
import org.softverbs.verbs.VerbsException;

/// What receives are posted to: a queue pair, or a queue that several share.
interface ReceiveTarget {

    SoftDevice device();

    /// What it is, for who reads a message.
    String kind();

    /// Number by which the sanitizer knows its queue.
    int ledgerNumber();

    int maxReceiveSge();

    int maxReceiveRequests();

    /// Adds a receive.
    ///
    /// @param request what the sanitizer is to know of it
    /// @return false when the queue is full
    /// @throws VerbsException when it takes none
    boolean offerReceive(ReceiveWqe wqe, @Nullable PostedRequest request);
}
