package org.softverbs.poll;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;

/// Ends the work of a queue pair whose completions go to handlers: it goes to ERR, a marker is
/// posted behind all that was posted, and when its handler is called those of all before it were.
/// Nobody may post on it any more. The marker is the device's own ([QueuePair#postSendMarker]): it
/// comes back also from one that loses what programs post in ERR.
///
/// Who waits is not who polls, but for queues of [PollContext#DIRECT], which are polled meanwhile.
/// [org.softverbs.rw.QueuePairDrain] is for who polls without handlers.
public final class QueuePairDrainage {

    private static final int BATCH = 16;
    private static final Duration SHORT = Duration.ofMillis(1);

    private QueuePairDrainage() {}

    /// Drains both queues; the send queue alone when receives come from a shared queue. Kernel
    /// name: `ib_drain_qp`.
    ///
    /// @param sends the queue of its sends' completions
    /// @param receives the queue of its receives' completions
    /// @param patience how long to wait for each
    /// @return whether all is done
    /// @throws InterruptedException when the thread is interrupted
    /// @throws org.softverbs.verbs.VerbsException as [QueuePair#postSendMarker]
    public static boolean drain(
            QueuePair queuePair, PolledQueue sends, PolledQueue receives, Duration patience)
            throws InterruptedException {
        boolean done = drainSends(queuePair, sends, patience);
        return queuePair.sharedReceiveQueue().isPresent()
                ? done
                : drainReceives(queuePair, receives, patience) && done;
    }

    /// Drains the send queue. Kernel name: `ib_drain_sq`.
    ///
    /// @return whether it is done
    /// @throws InterruptedException when the thread is interrupted
    /// @throws org.softverbs.verbs.VerbsException as [QueuePair#postSendMarker]
    public static boolean drainSends(QueuePair queuePair, PolledQueue sends, Duration patience)
            throws InterruptedException {
        requireOwn(queuePair.sendCompletionQueue().equals(sends.completionQueue()), sends);
        return drain(queuePair, sends, patience, queuePair::postSendMarker);
    }

    /// Drains the receive queue. Kernel name: `ib_drain_rq`.
    ///
    /// @return whether it is done
    /// @throws InterruptedException when the thread is interrupted
    /// @throws org.softverbs.verbs.VerbsException as [QueuePair#postReceiveMarker]
    public static boolean drainReceives(
            QueuePair queuePair, PolledQueue receives, Duration patience)
            throws InterruptedException {
        requireOwn(queuePair.receiveCompletionQueue().equals(receives.completionQueue()), receives);
        return drain(queuePair, receives, patience, queuePair::postReceiveMarker);
    }

    private static void requireOwn(boolean own, PolledQueue queue) {
        if (!own) {
            throw new IllegalArgumentException(
                    "the queue pair's completions do not go to " + queue);
        }
    }

    /// Posts a marker with an id.
    private interface Marker {
        void post(long id);
    }

    private static boolean drain(
            QueuePair queuePair, PolledQueue queue, Duration patience, Marker marker)
            throws InterruptedException {
        if (queuePair.state() != QueuePairState.ERR) {
            queuePair.modify(QueuePairAttributes.to(QueuePairState.ERR));
        }
        CountDownLatch seen = new CountDownLatch(1);
        long id = queue.add(completion -> seen.countDown());
        marker.post(id);
        boolean done =
                queue.context() == PollContext.DIRECT
                        ? pollUntil(seen, queue, patience)
                        : seen.await(TimeUnit.NANOSECONDS.convert(patience), TimeUnit.NANOSECONDS);
        if (done) {
            queue.remove(id);
        }
        return done;
    }

    private static boolean pollUntil(CountDownLatch seen, PolledQueue queue, Duration patience)
            throws InterruptedException {
        Duration left = patience;
        while (seen.getCount() > 0) {
            if (queue.process(BATCH) == 0) {
                if (left.isNegative() || left.isZero()) {
                    return false;
                }
                seen.await(SHORT.toNanos(), TimeUnit.NANOSECONDS);
                left = left.minus(SHORT);
            }
        }
        return true;
    }
}
