package org.softverbs.soft.device;

import java.util.concurrent.atomic.AtomicBoolean;
import org.softverbs.soft.sanitize.CallSites;

/// Something that is open until it is closed, once.
abstract class Resource {

    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile String closedAt = "";

    /// @throws IllegalStateException when it was closed
    final void requireOpen() {
        if (closed.get()) {
            throw new IllegalStateException(this + " is closed" + closedAt);
        }
    }

    final boolean isOpen() {
        return !closed.get();
    }

    /// Marks it closed; false when it was before.
    final boolean markClosed() {
        boolean first = !closed.getAndSet(true);
        if (first) {
            closedAt = CallSites.caller().map(site -> ", since " + site).orElse("");
        }
        return first;
    }
}
