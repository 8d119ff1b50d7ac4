package org.softverbs.verbs;

/// What an asynchronous event is about, and so what its element is the number of.
public enum AsyncEventSource {
    QUEUE_PAIR,
    COMPLETION_QUEUE,
    SHARED_RECEIVE_QUEUE,
    PORT,
    DEVICE
}
