package org.softverbs.ulp.perf;

import java.util.ArrayList;
import java.util.List;
import org.softverbs.verbs.DatagramSource;
import org.softverbs.verbs.QueuePairType;

/// What to run.
///
/// @param test the test
/// @param type the transport service
/// @param isClient whether this end starts the test
/// @param size bytes of a message; the largest with `all`
/// @param iterations messages of each queue pair
/// @param seconds length of a run by time, 0 for a run by iterations
/// @param queuePairs queue pairs
/// @param sendDepth requests outstanding on a queue pair
/// @param receiveDepth receives kept posted on a queue pair
/// @param all whether to run every power of two from 2 to 2^23
/// @param atomic which atomic
/// @param check whether to look at the bytes that arrive
/// @param usesContexts whether this end's data is in host physical memory, and each READ or WRITE a
///     [org.softverbs.rw.ReadWriteContext]
record PerfSettings(
        PerfTest test,
        QueuePairType type,
        boolean isClient,
        int size,
        int iterations,
        int seconds,
        int queuePairs,
        int sendDepth,
        int receiveDepth,
        boolean all,
        AtomicKind atomic,
        boolean check,
        boolean usesContexts) {

    private static final int LARGEST_POWER = 23;

    /// Messages above this are each signaled.
    private static final int COALESCED_SIZE = 8192;

    private static final int COALESCED = 100;

    /// Bytes in front of a message in its receive.
    int prefix() {
        return type == QueuePairType.UD ? DatagramSource.GLOBAL_ROUTE_LENGTH : 0;
    }

    /// The same with messages of another size.
    PerfSettings withSize(int bytes) {
        return new PerfSettings(
                test,
                type,
                isClient,
                bytes,
                iterations,
                seconds,
                queuePairs,
                sendDepth,
                receiveDepth,
                all,
                atomic,
                check,
                usesContexts);
    }

    /// Bytes of the largest message.
    int largestSize() {
        return all ? 1 << LARGEST_POWER : size;
    }

    /// The sizes to run, in order.
    List<Integer> sizes() {
        if (!all) {
            return List.of(size);
        }
        List<Integer> sizes = new ArrayList<>();
        for (int power = 1; power <= LARGEST_POWER; power++) {
            sizes.add(1 << power);
        }
        return sizes;
    }

    boolean isTimed() {
        return seconds > 0;
    }

    /// Requests that a send queue holds: of a ping-pong also those that are not confirmed yet, of
    /// which there are to be fewer than half of it.
    int sendQueueDepth() {
        return test.isPingpong()
                ? Math.max(sendDepth, 4 * LatencyRun.CONFIRMATION_INTERVAL)
                : sendDepth;
    }

    /// How many requests one completion stands for.
    int completionEvery(int messageSize) {
        if (messageSize > COALESCED_SIZE || usesContexts) {
            return 1;
        }
        return Math.min(COALESCED, sendDepth);
    }
}
