package org.softverbs.poll;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.softverbs.verbs.CompletionQueueOptions;

/// Completion queues that many queue pairs share: whoever needs entries gets the least used queue
/// of his poll context and vector that has room, and a new row of queues, one on each vector,
/// when
/// none has.
///
/// Kernel names: `ib_cq_pool_get`, `ib_cq_pool_put`.
public final class CompletionQueuePool implements AutoCloseable {

    /// Entries of a shared queue, unless one asks for more (`IB_MAX_SHARED_CQ_SZ`).
    private static final int SHARED_ENTRIES = 4096;

    /// A queue, and how much of it is given away.
    private static final class Shared {
        final PolledQueue queue;
        final int entries;
        int used;

        Shared(PolledQueue queue, int entries) {
            this.queue = queue;
            this.entries = entries;
        }
    }

    private final CompletionWorkers workers;
    private final int vectors;
    private final int mostEntries;
    private final Map<PollContext, List<Shared>> pools = new EnumMap<>(PollContext.class);
    private int nextVector;

    /// A pool of queues that these workers poll; closed before they are.
    public CompletionQueuePool(CompletionWorkers workers) {
        this.workers = workers;
        this.vectors = workers.device().queryExtendedDevice().completionVectors();
        this.mostEntries = workers.device().queryDevice().maxCompletionQueueEntries();
    }

    /// Takes entries of a shared queue.
    ///
    /// @param entries how many
    /// @param vector which vector, modulo their number; nothing for one after the other
    /// @param context who polls; not [PollContext#DIRECT]
    /// @throws IllegalArgumentException for `DIRECT`, or entries that no queue has
    /// @throws org.softverbs.verbs.VerbsException as [CompletionWorkers#allocate]
    public synchronized PolledQueue take(int entries, OptionalInt vector, PollContext context) {
        if (context == PollContext.DIRECT) {
            throw new IllegalArgumentException("a queue that its user polls cannot be shared");
        }
        if (entries < 1 || entries > mostEntries) {
            throw new IllegalArgumentException(
                    "entries " + entries + " is not within 1 and " + mostEntries);
        }
        int wanted = Math.floorMod(vector.orElse(nextVector), vectors);
        if (vector.isEmpty()) {
            nextVector = (wanted + 1) % vectors;
        }
        List<Shared> pool = pools.computeIfAbsent(context, key -> new ArrayList<>());
        Shared least = leastUsed(pool, entries, wanted);
        if (least == null) {
            pool.addAll(newRow(entries, context));
            least = leastUsed(pool, entries, wanted);
        }
        if (least == null) {
            throw new IllegalStateException("a new queue has no room for " + entries);
        }
        least.used += entries;
        return least.queue;
    }

    private static @Nullable Shared leastUsed(List<Shared> pool, int entries, int vector) {
        Shared least = null;
        for (Shared shared : pool) {
            boolean fits = shared.entries - shared.used >= entries;
            if (fits
                    && shared.queue.completionQueue().vector() == vector
                    && (least == null || shared.used < least.used)) {
                least = shared;
            }
        }
        return least;
    }

    /// All of them or none.
    private List<Shared> newRow(int entries, PollContext context) {
        int each = Math.max(entries, Math.min(mostEntries, SHARED_ENTRIES));
        List<Shared> row = new ArrayList<>();
        try {
            for (int vector = 0; vector < vectors; vector++) {
                CompletionQueueOptions options = CompletionQueueOptions.of(each).withVector(vector);
                row.add(new Shared(workers.allocate(context, options), each));
            }
        } catch (RuntimeException refused) {
            row.forEach(shared -> shared.queue.close());
            throw refused;
        }
        return row;
    }

    /// Gives entries back. Queue pairs that used them must be closed before.
    ///
    /// @throws IllegalArgumentException when so many of this queue were not taken
    public synchronized void give(PolledQueue queue, int entries) {
        for (Shared shared : pools.getOrDefault(queue.context(), List.of())) {
            if (shared.queue.equals(queue) && entries >= 0 && entries <= shared.used) {
                shared.used -= entries;
                return;
            }
        }
        throw new IllegalArgumentException(
                entries + " entries of " + queue + " were not taken from this pool");
    }

    /// Queues that are there now.
    public synchronized int queues() {
        return pools.values().stream().mapToInt(List::size).sum();
    }

    /// Closes all queues.
    ///
    /// @throws org.softverbs.verbs.VerbsException `EBUSY` when queue pairs still use one
    @Override
    public synchronized void close() {
        for (List<Shared> pool : pools.values()) {
            while (!pool.isEmpty()) {
                pool.getLast().queue.close();
                pool.removeLast();
            }
        }
    }
}
