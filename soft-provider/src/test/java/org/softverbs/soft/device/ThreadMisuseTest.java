package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.CompletionChannel;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// Rows A21, A26 and A29 of the bad input catalogue, and what polling threads leave to be done.
class ThreadMisuseTest {

    private static final int PATIENCE_SECONDS = 30;

    /// A21: two threads that poll one queue get every completion once.
    @Test
    void shouldGiveEachCompletionToOneOfTwoPollers() throws Exception {
        InProcessPair pair = new InProcessPair(8192, Mtu.MTU_1024);
        int rounds = 200;
        int each = 100;
        ConcurrentLinkedQueue<Long> taken = new ConcurrentLinkedQueue<>();
        AtomicInteger count = new AtomicInteger();
        List<Thread> pollers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            pollers.add(
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        while (count.get() < rounds * each) {
                                            for (WorkCompletion done : pair.left.sends.poll(7)) {
                                                taken.add(done.workRequestId());
                                                count.incrementAndGet();
                                            }
                                        }
                                    }));
        }
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < each; i++) {
                pair.left.queuePair.postSend(write(pair, (long) round * each + i));
            }
            pair.settle();
            // There is room for so many completions.
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            while (count.get() < (round + 1) * each) {
                assertThat(System.nanoTime()).isLessThan(until);
                Thread.onSpinWait();
            }
        }
        for (Thread poller : pollers) {
            assertThat(poller.join(Duration.ofSeconds(PATIENCE_SECONDS))).isTrue();
        }
        assertThat(taken)
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.range(0, (long) rounds * each).boxed().toList());
    }

    private static SendWorkRequest write(InProcessPair pair, long id) {
        return new SendWorkRequest.RdmaWrite(
                id,
                List.of(pair.left.region.element()),
                pair.right.region.address(),
                pair.right.region.remoteKey(),
                EnumSet.of(SendFlag.SIGNALED));
    }

    /// A26: who waits for an event can be interrupted, and nothing is lost by it.
    @Test
    void shouldLetAnInterruptedWaiterGo() throws Exception {
        InProcessPair pair = new InProcessPair(8192, Mtu.MTU_1024);
        CompletionChannel channel = pair.left.context.createCompletionChannel();
        CompletionQueue queue = pair.left.context.createCompletionQueue(16, channel);
        queue.requestNotification(false);
        interrupted(() -> channel.awaitEvent(Duration.ofDays(1)));
        interrupted(() -> pair.left.context.awaitAsyncEvent(Duration.ofDays(1)));
        pair.left.queuePair.postSend(write(pair, 1));
        pair.settle();
        assertThat(pair.left.pollSends())
                .extracting(WorkCompletion::status)
                .containsExactly(WorkCompletionStatus.SUCCESS);
        queue.close();
        channel.close();
    }

    private static void interrupted(Callable<?> wait) throws Exception {
        CompletableFuture<Throwable> end = new CompletableFuture<>();
        Thread waiter =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    try {
                                        end.complete(
                                                new AssertionError("came back: " + wait.call()));
                                    } catch (Exception e) {
                                        end.complete(e);
                                    }
                                });
        waiter.interrupt();
        assertThat(end.get(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .isInstanceOf(InterruptedException.class);
    }

    /// A29: timers run late when the clock goes backwards, and work goes on.
    @Test
    void shouldSurviveAClockThatGoesBackwards() {
        InProcessPair pair = new InProcessPair(8192, Mtu.MTU_1024);
        pair.left.queuePair.postSend(write(pair, 1));
        pair.clock.advance(Duration.ofHours(-1));
        pair.settle();
        pair.left.queuePair.postSend(write(pair, 2));
        pair.advance(Duration.ofHours(-1));
        pair.advance(Duration.ofHours(3));
        assertThat(pair.left.pollSends())
                .extracting(WorkCompletion::status)
                .containsExactly(WorkCompletionStatus.SUCCESS, WorkCompletionStatus.SUCCESS);
        assertThat(pair.left.queuePair.state()).isEqualTo(QueuePairState.RTS);
    }

    /// A poller that has something to look at leaves the acknowledgement for later; leaving RTS is
    /// the last chance to send it.
    @Test
    void shouldAcknowledgeWhatItTookBeforeItGoesToError() {
        SoftProvider provider = new SoftProvider();
        try (TestNode left = new TestNode(provider.open("rxe", "127.3.7.1", Map.of()), 4096);
                TestNode right = new TestNode(provider.open("rxe", "127.3.7.2", Map.of()), 4096)) {
            TestNode.connect(left, right, Mtu.MTU_1024);
            right.queuePair.postReceive(new ReceiveWorkRequest(1, List.of(right.region.element())));
            left.queuePair.postSend(
                    new SendWorkRequest.Send(
                            2, List.of(left.region.element()), EnumSet.of(SendFlag.SIGNALED)));
            List<WorkCompletion> received = List.of();
            while (received.isEmpty()) {
                received = right.pollReceives();
            }
            right.queuePair.modify(QueuePairAttributes.to(QueuePairState.ERR));
            List<WorkCompletion> sent = List.of();
            while (sent.isEmpty()) {
                sent = left.pollSends();
            }
            assertThat(sent.getFirst().status()).isEqualTo(WorkCompletionStatus.SUCCESS);
        }
    }

    /// The PSNs that a query gives are the next ones, not those of the start.
    @Test
    void shouldTellTheNextPacketSequenceNumbers() {
        InProcessPair pair = new InProcessPair(8192, Mtu.MTU_1024);
        QueuePairAttributes before = pair.left.queuePair.query();
        pair.left.queuePair.postSend(write(pair, 1));
        pair.settle();
        int packets = 8192 / 1024;
        assertThat(pair.left.queuePair.query().sendPacketSequenceNumber())
                .isEqualTo((before.sendPacketSequenceNumber() + packets) & 0xff_ffff);
        assertThat(pair.right.queuePair.query().receivePacketSequenceNumber())
                .isEqualTo(pair.left.queuePair.query().sendPacketSequenceNumber());
    }
}
