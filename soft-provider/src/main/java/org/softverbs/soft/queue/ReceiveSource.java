package org.softverbs.soft.queue;

import org.jspecify.annotations.Nullable;

/// Where the receives of a queue pair come from: a queue of its own, or one that it shares. For the
/// owner of the device.
public interface ReceiveSource {

    /// Whether a message that begins now finds no receive.
    boolean isEmpty();

    /// The receive of the message under way; a message that has none takes the oldest. Only when
    /// the source is not empty.
    ReceiveWqe current();

    /// Bytes that [#current()] has room for, or would have: looks without taking it. Only when the
    /// source is not empty.
    default long room() {
        return current().elements().total();
    }

    /// Where in its queue [#current()] was.
    long position();

    /// The current receive is done: its slot is given back.
    void finish();

    /// Whether there are receives that go with the queue pair, to be flushed in ERR.
    boolean isOwning();

    /// What it shares with other queue pairs; null for a queue of its own.
    default @Nullable SharedReceives shared() {
        return null;
    }

    /// Whether an event tells that it takes no more.
    default boolean tellsLast() {
        return shared() != null;
    }

    /// Forgets what is owned; nothing may be posted meanwhile.
    void clear();
}
