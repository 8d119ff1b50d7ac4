package org.softverbs.soft.device;

import org.jspecify.annotations.Nullable;
import org.softverbs.soft.collection.IntMap;
import org.softverbs.soft.queue.SharedReceives;
import org.softverbs.soft.queue.XrcReceiveSource;

/// The shared receive queues of extended reliable connections, by number. For the owner.
final class XrcQueues {

    /// @param domain number of the domain that it is of
    private record Queue(SharedReceives receives, int domain, SoftCompletionQueue completions) {}

    private final IntMap<Queue> queues = new IntMap<>();

    void add(SharedReceives receives, int domain, SoftCompletionQueue completions) {
        queues.put(receives.number(), new Queue(receives, domain, completions));
    }

    /// Takes a queue out, and what queue pairs took from it.
    void remove(SharedReceives receives, IntMap<QueuePairPort> queuePairs) {
        queues.remove(receives.number());
        for (QueuePairPort port : queuePairs.values()) {
            if (port.core().receives() instanceof XrcReceiveSource source) {
                source.forget(receives);
            }
        }
    }

    /// A queue of a domain, or null when it has none of that number.
    @Nullable SharedReceives find(int number, int domain) {
        Queue queue = queues.get(number);
        return queue != null && queue.domain() == domain ? queue.receives() : null;
    }

    /// Where completions of receives of a queue go, or null when it is none of these.
    @Nullable SoftCompletionQueue completions(int number) {
        Queue queue = queues.get(number);
        return queue == null ? null : queue.completions();
    }
}
