package org.softverbs.soft.device;

import java.util.concurrent.atomic.AtomicBoolean;

/// Something that is open until it is closed, once.
abstract class Resource {

    private final AtomicBoolean closed = new AtomicBoolean();

    /// @throws IllegalStateException when it was closed
    final void requireOpen() {
        if (closed.get()) {
            throw new IllegalStateException(this + " is closed");
        }
    }

    final boolean isOpen() {
        return !closed.get();
    }

    /// Marks it closed; false when it was before.
    final boolean markClosed() {
        return !closed.getAndSet(true);
    }
}
