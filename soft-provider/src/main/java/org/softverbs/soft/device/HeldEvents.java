package org.softverbs.soft.device;

import java.util.ArrayList;
import java.util.List;
import org.softverbs.soft.qp.TransportEngine;

/// Completion queues that hold an event back for more completions, until its time is up. For the
/// owner.
final class HeldEvents {

    private final List<SoftCompletionQueue> queues = new ArrayList<>();
    private long next = TransportEngine.NO_DEADLINE;

    /// A queue begins to hold an event back, or does so until another time.
    void hold(SoftCompletionQueue queue) {
        if (!queues.contains(queue)) {
            queues.add(queue);
        }
        next = Math.min(next, queue.heldUntil());
    }

    void forget(SoftCompletionQueue queue) {
        queues.remove(queue);
    }

    /// When the first event is due; perhaps too early.
    long next() {
        return next;
    }

    /// Lets go the events that are due.
    ///
    /// @return whether there was one
    boolean release(long nowNanos) {
        if (nowNanos < next) {
            return false;
        }
        boolean any = false;
        next = TransportEngine.NO_DEADLINE;
        for (int i = queues.size() - 1; i >= 0; i--) {
            SoftCompletionQueue queue = queues.get(i);
            boolean isHeld = queue.ring().isWithholding();
            if (isHeld && queue.heldUntil() > nowNanos) {
                next = Math.min(next, queue.heldUntil());
            } else {
                queue.ring().release();
                queues.remove(i);
                any |= isHeld;
            }
        }
        return any;
    }
}
