package org.softverbs.soft.queue;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.WorkCompletionOpcode;
import org.softverbs.verbs.WorkCompletionStatus;

/// A ring of completions under as many schedules of three threads as the model checker is given:
/// one adds, two poll.
///
/// What it finds when it is broken on purpose: a slot that is published before it is filled, a
/// `take` without its lock, a look at the arming before the completion is published, a ring found
/// empty that never was because `added` was read before `taken` (as it was once).
class CompletionRingLincheckTest {

    private static final int ENTRIES = 2;

    /// What the ring is to behave like.
    public static final class OneAtATime {

        private final ArrayDeque<Long> ring = new ArrayDeque<>();
        private long next;
        private boolean overrun;

        /// As [Polled#add()].
        public boolean add() {
            next++;
            if (overrun || ring.size() == ENTRIES) {
                overrun = true;
                return false;
            }
            return ring.add(next);
        }

        /// As [Polled#resize()].
        public int resize() {
            return ring.size();
        }

        /// As [Polled#take()].
        public long take() {
            return ring.isEmpty() ? 0 : ring.remove();
        }
    }

    /// C1: each completion is taken once, whole and in order, and a ring is found empty or full
    /// only when it is.
    public static final class Polled {

        private final CompletionRing ring = new CompletionRing(ENTRIES, () -> {});
        private final CompletionEntry added = new CompletionEntry();
        private long next;

        /// The owner adds the next completion.
        @Operation(nonParallelGroup = "owner")
        public boolean add() {
            return ring.add(numbered(added, ++next));
        }

        /// The owner moves all into other room of the same size.
        ///
        /// @return how many there are
        @Operation(nonParallelGroup = "owner")
        public int resize() {
            return ring.resize(CompletionRing.room(ENTRIES), ENTRIES);
        }

        /// A poller takes one.
        ///
        /// @return its number, 0 when there is none
        @Operation
        public long take() {
            CompletionEntry taken = new CompletionEntry();
            return ring.take(taken) ? numberOf(taken) : 0;
        }
    }

    /// C2, C4: a program that arms, polls until it finds nothing, and goes to sleep, is woken for
    /// what comes after; and one event comes for one arming.
    public static final class Armed {

        private final AtomicInteger events = new AtomicInteger();
        private final AtomicInteger armings = new AtomicInteger();
        private final AtomicLong taken = new AtomicLong();
        private final CompletionRing ring = new CompletionRing(64, events::incrementAndGet);
        private final CompletionEntry added = new CompletionEntry();
        private long next;
        private int eventsSeen;
        private boolean asleep;

        /// The owner adds the next completion.
        @Operation(nonParallelGroup = "owner")
        public void add() {
            ring.add(numbered(added, ++next));
        }

        /// The program looks for an event, arms, polls all there is and goes to sleep.
        @Operation(nonParallelGroup = "program")
        public void sleep() {
            eventsSeen = events.get();
            armings.incrementAndGet();
            ring.arm(false);
            while (poll() != 0) {}
            asleep = true;
        }

        /// Another thread polls.
        @Operation
        public void pollOnce() {
            poll();
        }

        private long poll() {
            CompletionEntry entry = new CompletionEntry();
            if (!ring.take(entry)) {
                return 0;
            }
            taken.incrementAndGet();
            return numberOf(entry);
        }

        /// When nobody does anything any more.
        @Validate
        public void nobodySleepsBesideACompletion() {
            if (asleep && events.get() == eventsSeen && taken.get() < next) {
                throw new IllegalStateException("a wake-up is lost");
            }
            if (events.get() > armings.get()) {
                throw new IllegalStateException(events + " events for " + armings + " armings");
            }
        }
    }

    private static CompletionEntry numbered(CompletionEntry entry, long number) {
        return entry.begin(1, number, WorkCompletionStatus.SUCCESS, WorkCompletionOpcode.SEND)
                .byteLength(number);
    }

    private static long numberOf(CompletionEntry entry) {
        long number = entry.id();
        return entry.byteLength() == number ? number : -number;
    }

    @Test
    void shouldGiveEachCompletionOnceToTwoPollers() {
        new ModelCheckingOptions()
                .threads(3)
                .actorsPerThread(3)
                .actorsBefore(1)
                .actorsAfter(1)
                .iterations(4)
                .invocationsPerIteration(300)
                .sequentialSpecification(OneAtATime.class)
                .check(Polled.class);
    }

    @Test
    void shouldLoseNoWakeUpBetweenArmingAndPosting() {
        new ModelCheckingOptions()
                .threads(3)
                .actorsPerThread(3)
                .actorsBefore(1)
                .actorsAfter(0)
                .iterations(4)
                .invocationsPerIteration(300)
                .check(Armed.class);
    }
}
