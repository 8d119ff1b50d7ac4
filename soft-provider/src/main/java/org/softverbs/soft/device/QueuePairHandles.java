package org.softverbs.soft.device;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// Who has a queue pair open: who made it, and of the target of an extended reliable connection
/// whoever opened it. For the owner.
final class QueuePairHandles {

    private final List<SoftQueuePair> open = new ArrayList<>(1);
    private @Nullable SoftQueuePair maker;
    private int next;

    /// The number of the next handle. It is given once.
    int nextNumber() {
        return next++;
    }

    void add(SoftQueuePair handle) {
        if (maker == null) {
            maker = handle;
        }
        open.add(handle);
    }

    /// @return whether none is left, and the queue pair is to end
    boolean remove(SoftQueuePair handle) {
        open.remove(handle);
        return open.isEmpty();
    }

    /// The handle that the queue pair was made with, which may be closed.
    SoftQueuePair maker() {
        return Objects.requireNonNull(maker);
    }

    void forEachNumber(IntConsumer action) {
        for (SoftQueuePair handle : open) {
            action.accept(handle.handle());
        }
    }
}
