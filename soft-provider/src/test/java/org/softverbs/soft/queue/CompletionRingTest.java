package org.softverbs.soft.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.verbs.WorkCompletionOpcode;
import org.softverbs.verbs.WorkCompletionStatus;

/// C3 and C4 of the ring alone, the second with two threads.
class CompletionRingTest {

    private final CompletionEntry entry = new CompletionEntry();

    private CompletionEntry completion(long id) {
        return entry.begin(1, id, WorkCompletionStatus.SUCCESS, WorkCompletionOpcode.SEND);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 16, 17})
    void shouldBeDeadFromTheFirstLossOn(int entries) {
        CompletionRing ring = new CompletionRing(entries, () -> {});
        for (int i = 0; i < ring.capacity(); i++) {
            assertThat(ring.add(completion(i))).isTrue();
        }
        assertThat(ring.add(completion(100))).isFalse();
        assertThat(ring.isOverrun()).isTrue();
        CompletionEntry taken = new CompletionEntry();
        for (int i = 0; i < ring.capacity(); i++) {
            assertThat(ring.take(taken)).isTrue();
            assertThat(taken.id()).isEqualTo(i);
            assertThat(ring.add(completion(200))).isFalse();
        }
        assertThat(ring.take(taken)).isFalse();
        assertThat(ring.lost()).isEqualTo(1 + ring.capacity());
    }

    /// Every interleaving of adding and taking, by the bits of a number.
    @Test
    void shouldKeepTheOrderInEveryInterleaving() {
        for (int bits = 0; bits < 1 << 14; bits++) {
            CompletionRing ring = new CompletionRing(4, () -> {});
            CompletionEntry taken = new CompletionEntry();
            int added = 0;
            int next = 0;
            for (int i = 0; i < 14; i++) {
                if ((bits >>> i & 1) == 0) {
                    if (ring.add(completion(added))) {
                        added++;
                    }
                } else if (ring.take(taken)) {
                    assertThat(taken.id()).isEqualTo(next++);
                }
            }
            while (ring.take(taken)) {
                assertThat(taken.id()).isEqualTo(next++);
            }
            assertThat(next).isEqualTo(added);
        }
    }

    /// One adds and resizes, the other takes, at the same time.
    @Test
    void shouldKeepTheOrderWhileItIsResized() throws InterruptedException {
        long seed = 20_261_122;
        SplittableRandom random = new SplittableRandom(seed);
        int total = 200_000;
        CompletionRing ring = new CompletionRing(64, () -> {});
        AtomicInteger seen = new AtomicInteger();
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        Thread consumer =
                Thread.ofPlatform()
                        .uncaughtExceptionHandler((thread, thrown) -> failure.set(thrown))
                        .start(() -> takeAll(ring, seen, total));
        int refused = 0;
        for (int i = 0; i < total && failure.get() == null; i++) {
            while (i - seen.get() >= ring.capacity() && failure.get() == null) {
                Thread.onSpinWait();
            }
            assertThat(ring.add(completion(i))).isTrue();
            if (i % 10 == 0) {
                int entries = 1 + random.nextInt(300);
                int waiting = ring.resize(CompletionRing.room(entries), entries);
                refused += waiting > entries ? 1 : 0;
            }
        }
        consumer.join(TimeUnit.SECONDS.toMillis(30));
        assertThat(failure.get()).as("seed " + seed).isNull();
        assertThat(seen.get()).as("seed %d, %d refused", seed, refused).isEqualTo(total);
    }

    private static void takeAll(CompletionRing ring, AtomicInteger seen, int total) {
        CompletionEntry taken = new CompletionEntry();
        while (seen.get() < total) {
            if (!drain(ring, taken, seen)) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void shouldLoseTheOldestWhenItOverwrites() {
        CompletionRing ring = new CompletionRing(4, true, () -> {}, () -> {});
        for (int i = 0; i < 10; i++) {
            assertThat(ring.add(completion(i))).isTrue();
        }
        assertThat(ring.lost()).isEqualTo(6);
        assertThat(ring.isOverrun()).isFalse();
        CompletionEntry taken = new CompletionEntry();
        for (int i = 6; i < 10; i++) {
            assertThat(ring.take(taken)).isTrue();
            assertThat(taken.id()).isEqualTo(i);
        }
        assertThat(ring.take(taken)).isFalse();
    }

    /// Who takes meanwhile sees each that is left once, in their order.
    @Test
    void shouldOverwriteBesideWhoTakes() throws InterruptedException {
        int total = 300_000;
        CompletionRing ring = new CompletionRing(4, true, () -> {}, () -> {});
        AtomicInteger seen = new AtomicInteger();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread consumer =
                new Thread(
                        () -> {
                            CompletionEntry taken = new CompletionEntry();
                            long last = -1;
                            while (last < total - 1) {
                                if (ring.take(taken)) {
                                    seen.incrementAndGet();
                                    if (taken.id() <= last) {
                                        failure.set(
                                                new AssertionError(taken.id() + " after " + last));
                                        return;
                                    }
                                    last = taken.id();
                                }
                            }
                        });
        consumer.start();
        for (int i = 0; i < total; i++) {
            assertThat(ring.add(completion(i))).isTrue();
        }
        consumer.join(TimeUnit.SECONDS.toMillis(30));
        assertThat(failure.get()).isNull();
        assertThat(seen.get() + ring.lost()).isEqualTo(total);
    }

    /// One arms, polls and only then sleeps; the other adds. No completion may be left lying while
    /// the first sleeps.
    @Test
    void shouldLoseNoWakeUpBetweenTwoThreads() throws InterruptedException {
        int total = 300_000;
        Semaphore wakeUps = new Semaphore(0);
        AtomicInteger notices = new AtomicInteger();
        CompletionRing ring =
                new CompletionRing(
                        1024,
                        () -> {
                            notices.incrementAndGet();
                            wakeUps.release();
                        });
        AtomicInteger seen = new AtomicInteger();
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        Thread consumer =
                Thread.ofPlatform()
                        .uncaughtExceptionHandler((thread, thrown) -> failure.set(thrown))
                        .start(() -> consume(ring, wakeUps, seen, total));
        CompletionEntry own = new CompletionEntry();
        for (int i = 0; i < total && failure.get() == null; i++) {
            while (i - seen.get() >= 1000) {
                Thread.onSpinWait();
            }
            own.begin(1, i, WorkCompletionStatus.SUCCESS, WorkCompletionOpcode.SEND);
            assertThat(ring.add(own)).isTrue();
            if (i % 7 == 0) {
                Thread.onSpinWait();
            }
        }
        consumer.join(TimeUnit.SECONDS.toMillis(30));
        assertThat(failure.get()).isNull();
        assertThat(seen.get()).isEqualTo(total);
        assertThat(notices.get()).isPositive();
    }

    private static void consume(
            CompletionRing ring, Semaphore wakeUps, AtomicInteger seen, int total) {
        CompletionEntry taken = new CompletionEntry();
        while (seen.get() < total) {
            ring.arm(false);
            if (drain(ring, taken, seen)) {
                continue;
            }
            try {
                if (!wakeUps.tryAcquire(10, TimeUnit.SECONDS)) {
                    throw new AssertionError("asleep with " + seen.get() + " of " + total);
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    private static boolean drain(CompletionRing ring, CompletionEntry taken, AtomicInteger seen) {
        boolean any = false;
        while (ring.take(taken)) {
            if (taken.id() != seen.get()) {
                throw new AssertionError(taken.id() + " after " + seen.get());
            }
            seen.incrementAndGet();
            any = true;
        }
        return any;
    }
}
