package org.softverbs.soft.queue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/// Send and receive rings under as many schedules of three threads as the model checker is given:
/// two post, the owner takes.
///
/// What it finds when it is broken on purpose: a request that is published before it is written, an
/// `offer` without its lock.
class WorkQueueLincheckTest {

    private static final int ENTRIES = 2;

    /// What the rings are to behave like.
    public static final class OneAtATime {

        private final ArrayDeque<Integer> ring = new ArrayDeque<>();

        /// As [Sends#offer(int)].
        public boolean offer(int number) {
            return ring.size() < ENTRIES && ring.add(number);
        }

        /// As [Sends#take()].
        public int take() {
            return ring.isEmpty() ? 0 : ring.remove();
        }
    }

    /// A send ring.
    @Param(name = "number", gen = IntGen.class, conf = "1:9")
    public static final class Sends {

        private final SendQueue queue = new SendQueue(ENTRIES, 1, 0);

        /// A program posts.
        @Operation
        public boolean offer(int number) {
            SendWqe request = new SendWqe(1, MemorySegment.NULL);
            request.begin(number, SendOperation.RDMA_WRITE);
            request.remote(number, number);
            return queue.offer(request);
        }

        /// The owner takes the oldest request.
        ///
        /// @return its number, 0 when there is none
        @Operation(nonParallelGroup = "owner")
        public int take() {
            if (queue.isEmpty()) {
                return 0;
            }
            SendWqe first = queue.slot(queue.head());
            int number = first.remoteKey() == first.id() ? first.remoteKey() : Integer.MIN_VALUE;
            queue.advanceHead();
            return number;
        }
    }

    /// A receive ring.
    @Param(name = "number", gen = IntGen.class, conf = "1:9")
    public static final class Receives {

        private final ReceiveQueue queue = new ReceiveQueue(ENTRIES, 1);

        /// A program posts.
        @Operation
        public boolean offer(int number) {
            ReceiveWqe request = new ReceiveWqe(1);
            request.begin(number);
            return queue.offer(request);
        }

        /// The owner takes the oldest request.
        ///
        /// @return its number, 0 when there is none
        @Operation(nonParallelGroup = "owner")
        public int take() {
            if (queue.isEmpty()) {
                return 0;
            }
            int number = (int) queue.current().id();
            queue.finish();
            return number;
        }
    }

    private static ModelCheckingOptions options() {
        return new ModelCheckingOptions()
                .threads(3)
                .actorsPerThread(3)
                .actorsBefore(1)
                .actorsAfter(1)
                .iterations(3)
                .invocationsPerIteration(300)
                .sequentialSpecification(OneAtATime.class);
    }

    @Test
    void shouldGiveTheOwnerEachSendRequestOnceAndWhole() {
        options().check(Sends.class);
    }

    @Test
    void shouldGiveTheOwnerEachReceiveRequestOnceAndWhole() {
        options().check(Receives.class);
    }
}
