package org.softverbs.soft.device;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// The queue pairs that may have something to send, each once, in the order of their turns. Those
/// with new posts wait on a stack that any thread adds to; all else is for the owner.
final class TurnList {

    private final ArrayDeque<QueuePairPort> active = new ArrayDeque<>();
    private final AtomicReference<@Nullable QueuePairPort> posted = new AtomicReference<>();

    /// New work was posted; any thread.
    void posted(QueuePairPort port) {
        if (port.markPosted()) {
            QueuePairPort top;
            do {
                top = posted.get();
                port.nextPosted = top;
            } while (!posted.compareAndSet(top, port));
        }
    }

    /// Whether posts were not collected yet; any thread.
    boolean hasPosted() {
        return posted.get() != null;
    }

    boolean isEmpty() {
        return active.isEmpty() && posted.get() == null;
    }

    /// Takes those with new posts in.
    void collectPosted() {
        if (posted.get() == null) {
            return;
        }
        QueuePairPort port = posted.getAndSet(null);
        while (port != null) {
            QueuePairPort next = port.nextPosted;
            port.nextPosted = null;
            port.clearPosted();
            add(port);
            port = next;
        }
    }

    /// Gives a queue pair a turn, behind all that have one.
    void add(QueuePairPort port) {
        if (!port.active) {
            port.active = true;
            active.addLast(port);
        }
    }

    /// How many have a turn, without those that were not collected.
    int size() {
        return active.size();
    }

    /// Takes the next one out.
    QueuePairPort next() {
        QueuePairPort port = active.removeFirst();
        port.active = false;
        return port;
    }

    void remove(QueuePairPort port) {
        collectPosted();
        active.remove(port);
    }
}
