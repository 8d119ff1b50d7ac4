package org.softverbs.soft.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.WorkCompletionOpcode;
import org.softverbs.verbs.WorkCompletionStatus;

/// C2, C4 on the processor that the test runs on, with the reordering that it does: up to a million
/// times one thread arms and polls while another adds a completion.
///
/// What it finds when it is broken on purpose: a completion that is published with `setRelease`, so
/// that the look at the arming overtakes it; a notice given twice.
class CompletionRingStressTest {

    private static final int RINGS = 1000;
    private static final int ROUNDS = 1000;

    /// Where threads share a processor a round takes long.
    private static final int LEAST_ROUNDS = 50;

    private static final long ENOUGH_NANOS = 3_000_000_000L;
    private static final int MOST_SPINS = 3;
    private static final int LOOKS_BEFORE_YIELD = 10_000;
    private static final int PATIENCE_SECONDS = 60;
    private static final long SEED = 20_261_121;

    private final ExecutorService threads = Executors.newFixedThreadPool(2);
    private final AtomicInteger programAt = new AtomicInteger();
    private final AtomicInteger ownerAt = new AtomicInteger();
    private final AtomicIntegerArray events = new AtomicIntegerArray(RINGS);
    private final CompletionRing[] rings = new CompletionRing[RINGS];
    private final boolean[] found = new boolean[RINGS];
    private final CompletionEntry taken = new CompletionEntry();
    private final CompletionEntry added = new CompletionEntry();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    @Test
    void shouldFindTheCompletionOrBeWokenForIt() throws Exception {
        for (int i = 0; i < RINGS; i++) {
            int at = i;
            rings[i] = new CompletionRing(4, () -> events.incrementAndGet(at));
        }
        SplittableRandom random = new SplittableRandom(SEED);
        int woken = 0;
        int round = 0;
        long end = System.nanoTime() + ENOUGH_NANOS;
        for (; round < ROUNDS && (round < LEAST_ROUNDS || System.nanoTime() < end); round++) {
            programAt.set(0);
            ownerAt.set(0);
            long one = random.nextLong();
            long other = random.nextLong();
            Future<?> program =
                    threads.submit(() -> sweep(programAt, ownerAt, one, this::armAndPoll));
            Future<?> owner = threads.submit(() -> sweep(ownerAt, programAt, other, this::add));
            program.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            owner.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            woken += check(round);
        }
        // Both outcomes, or the threads never met.
        assertThat(woken).isBetween(1, RINGS * round - 1);
    }

    private interface Step {
        void at(int ring);
    }

    /// Goes over all rings, at each at the same time as the other thread, or a little later.
    private void sweep(AtomicInteger mine, AtomicInteger other, long seed, Step step) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < RINGS; i++) {
            mine.set(i + 1);
            meet(other, i + 1);
            for (int spins = random.nextInt(MOST_SPINS); spins > 0; spins--) {
                Thread.onSpinWait();
            }
            step.at(i);
        }
    }

    @SuppressWarnings("ThreadPriorityCheck")
    private static void meet(AtomicInteger other, int ring) {
        long end = 0;
        for (int looks = 0; other.get() < ring; looks++) {
            if (looks % LOOKS_BEFORE_YIELD == LOOKS_BEFORE_YIELD - 1) {
                Thread.yield();
                long now = System.nanoTime();
                end = end == 0 ? now + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS) : end;
                assertThat(now).as("the other thread ended").isLessThan(end);
            }
        }
    }

    private void armAndPoll(int ring) {
        rings[ring].arm(false);
        found[ring] = rings[ring].take(taken);
    }

    private void add(int ring) {
        rings[ring].add(completion());
    }

    private CompletionEntry completion() {
        return added.begin(1, 1, WorkCompletionStatus.SUCCESS, WorkCompletionOpcode.SEND);
    }

    /// Looks at all rings, and makes them empty and unarmed again.
    private int check(int round) {
        int woken = 0;
        for (int i = 0; i < RINGS; i++) {
            int count = events.get(i);
            assertThat(count).as("events of one arming, round %d ring %d", round, i).isLessThan(2);
            assertThat(found[i] || count == 1)
                    .as("found or woken: seed %d round %d ring %d", SEED, round, i)
                    .isTrue();
            woken += found[i] ? 0 : 1;
            rings[i].add(completion());
            while (rings[i].take(taken)) {}
            events.set(i, 0);
        }
        return woken;
    }
}
