package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.softverbs.poll.PollContext;
import org.softverbs.poll.PolledQueue;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairState;

/// Handlers of completions that throw, destroy their own queue pair, or block.
class HandlerMisuseTest extends PolledFixture {

    private static final int REQUESTS = 40;

    private static IllegalStateException failure(int number) {
        return new IllegalStateException("made to fail " + number);
    }

    /// Whoever is told of it may throw too.
    @ParameterizedTest
    @EnumSource(names = {"EVENT_LOOP", "VIRTUAL_THREAD"})
    void a22ShouldReportWhatAHandlerThrowsAndGoOn(PollContext context) throws Exception {
        BlockingQueue<String> reported = new LinkedBlockingQueue<>();
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler(
                (thread, thrown) -> {
                    reported.add(String.valueOf(thrown.getMessage()));
                    throw new IllegalStateException("as it was told", thrown);
                });
        try {
            PolledQueue queue = queue(context, 0);
            PolledQueue other = queue(context, 0);
            QueuePair sender = connected(queue);
            QueuePair neighbour = connected(queue);
            QueuePair stranger = connected(other);
            BlockingQueue<Integer> seen = new LinkedBlockingQueue<>();
            BlockingQueue<Integer> seenByOther = new LinkedBlockingQueue<>();
            for (int i = 0; i < REQUESTS; i++) {
                int number = i;
                sender.postSend(
                        write(
                                queue.add(
                                        completion -> {
                                            if (number % 2 == 0) {
                                                throw failure(number);
                                            }
                                            throw new AssertionError(failure(number).getMessage());
                                        })));
                neighbour.postSend(write(queue.add(completion -> seen.add(number))));
                stranger.postSend(write(other.add(completion -> seenByOther.add(number))));
            }
            for (int i = 0; i < REQUESTS; i++) {
                assertThat(next(queue, seen)).isEqualTo(i);
                assertThat(next(other, seenByOther)).isEqualTo(i);
                assertThat(next(queue, reported)).isEqualTo(failure(i).getMessage());
            }
            assertThat(sender.state()).isEqualTo(QueuePairState.RTS);
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
    }

    @Test
    void a22ShouldThrowOutOfProcessWhatAHandlerThrows() throws InterruptedException {
        PolledQueue queue = queue(PollContext.DIRECT, 0);
        QueuePair sender = connected(queue);
        BlockingQueue<Integer> seen = new LinkedBlockingQueue<>();
        long bad =
                queue.add(
                        completion -> {
                            throw failure(1);
                        });
        sender.postSend(write(bad));
        sender.postSend(write(queue.add(completion -> seen.add(2))));
        assertThatThrownBy(() -> next(queue, seen)).hasMessage(failure(1).getMessage());
        assertThat(next(queue, seen)).isEqualTo(2);
        assertThat(queue.unclaimed()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void a22ShouldLetAHandlerDestroyItsOwnQueuePair(PollContext context) throws Exception {
        PolledQueue queue = queue(context, 0);
        QueuePair doomed = connected(queue);
        QueuePair neighbour = connected(queue);
        BlockingQueue<Long> idAfterwards = new LinkedBlockingQueue<>();
        AtomicInteger calls = new AtomicInteger();
        long destroying =
                queue.add(
                        completion -> {
                            if (calls.getAndIncrement() == 0) {
                                doomed.close();
                                idAfterwards.add(completion.workRequestId());
                            }
                        });
        BlockingQueue<Integer> seen = new LinkedBlockingQueue<>();
        for (int i = 0; i < REQUESTS; i++) {
            int number = i;
            neighbour.postSend(write(queue.add(completion -> seen.add(number))));
        }
        doomed.postSend(write(destroying));
        assertThat(next(queue, idAfterwards)).isEqualTo(destroying);
        for (int i = 0; i < REQUESTS; i++) {
            neighbour.postSend(write(queue.add(completion -> seen.add(REQUESTS))));
            assertThat(next(queue, seen)).isEqualTo(i);
        }
        for (int i = 0; i < REQUESTS; i++) {
            assertThat(next(queue, seen)).isEqualTo(REQUESTS);
        }
        assertThat(calls).hasValue(1);
        assertThat(queue.unclaimed()).isZero();
        assertThatThrownBy(() -> doomed.postSend(write(destroying)))
                .isInstanceOf(IllegalStateException.class);
    }

    /// What is under way is flushed, or goes with the queue pair; either way nobody else's suffers.
    @ParameterizedTest
    @EnumSource
    void a22ShouldDestroyAQueuePairWithMuchUnderWay(PollContext context) throws Exception {
        PolledQueue queue = queue(context, 0);
        QueuePair neighbour = connected(queue);
        BlockingQueue<Integer> seen = new LinkedBlockingQueue<>();
        long mark = queue.add(completion -> seen.add(1));
        for (int round = 0; round < 20; round++) {
            QueuePair doomed = connected(queue);
            AtomicBoolean gone = new AtomicBoolean();
            BlockingQueue<Boolean> closed = new LinkedBlockingQueue<>();
            long destroying =
                    queue.add(
                            completion -> {
                                if (gone.compareAndSet(false, true)) {
                                    doomed.close();
                                    closed.add(true);
                                }
                            });
            for (int i = 0; i < REQUESTS; i++) {
                try {
                    doomed.postSend(write(destroying));
                } catch (IllegalStateException closedAlready) {
                    assertThat(gone).isTrue();
                }
            }
            assertThat(next(queue, closed)).isTrue();
            neighbour.postSend(write(mark));
            assertThat(next(queue, seen)).isEqualTo(1);
        }
        assertThat(neighbour.state()).isEqualTo(QueuePairState.RTS);
        assertThat(queue.unclaimed()).isZero();
    }

    @ParameterizedTest
    @EnumSource(names = {"EVENT_LOOP", "VIRTUAL_THREAD"})
    void a22ShouldHoldOnlyItsOwnPollerWhenAHandlerBlocks(PollContext context) throws Exception {
        PolledQueue queue = queue(context, 0);
        QueuePair sender = connected(queue);
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch mayLeave = new CountDownLatch(1);
        BlockingQueue<Integer> seen = new LinkedBlockingQueue<>();
        long blocking =
                queue.add(
                        completion -> {
                            entered.countDown();
                            try {
                                mayLeave.await();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                            seen.add(1);
                        });
        sender.postSend(write(blocking));
        sender.postSend(write(queue.add(completion -> seen.add(2))));
        assertThat(entered.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        // Whoever wants a queue of the same poller has to wait, and nobody behind him.
        CompletableFuture<PolledQueue> late = new CompletableFuture<>();
        Thread waiting = Thread.ofPlatform().start(() -> late.complete(queue(context, 0)));
        try {
            if (context == PollContext.EVENT_LOOP) {
                awaitBlocked(waiting);
            }
            CompletableFuture<PolledQueue> elsewhere =
                    CompletableFuture.supplyAsync(() -> queue(context, 1));
            PolledQueue other = elsewhere.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            QueuePair stranger = connected(other);
            BlockingQueue<Integer> seenByOther = new LinkedBlockingQueue<>();
            for (int i = 0; i < REQUESTS; i++) {
                int number = i;
                stranger.postSend(write(other.add(completion -> seenByOther.add(number))));
                assertThat(next(other, seenByOther)).isEqualTo(i);
            }
            assertThat(seen).isEmpty();
        } finally {
            mayLeave.countDown();
        }
        assertThat(next(queue, seen)).isEqualTo(1);
        assertThat(next(queue, seen)).isEqualTo(2);
        assertThat(late.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).context()).isEqualTo(context);
    }

    private static void awaitBlocked(Thread thread) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (thread.getState() != Thread.State.BLOCKED && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        assertThat(thread.getState()).isEqualTo(Thread.State.BLOCKED);
    }
}
