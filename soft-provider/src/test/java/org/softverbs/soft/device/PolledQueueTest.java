package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.poll.CompletionQueuePool;
import org.softverbs.poll.CompletionWorkers;
import org.softverbs.poll.PollContext;
import org.softverbs.poll.PolledQueue;
import org.softverbs.poll.QueuePairDrainage;
import org.softverbs.soft.profile.DeviceProfile;
import org.softverbs.verbs.CompletionQueueOptions;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.WorkCompletionStatus;

/// `ib_cqe`, its poll contexts, drains and pools, over devices that run.
class PolledQueueTest extends PolledFixture {

    @ParameterizedTest
    @EnumSource
    void shouldCallTheHandlerOfEachRequest(PollContext context) throws InterruptedException {
        PolledQueue queue = queue(context, 0);
        QueuePair sender = connected(queue);
        BlockingQueue<Integer> seen = new LinkedBlockingQueue<>();
        long[] ids = new long[40];
        for (int i = 0; i < ids.length; i++) {
            int request = i;
            ids[i] = queue.add(completion -> seen.add(request));
        }
        for (int round = 0; round < 20; round++) {
            for (long id : ids) {
                sender.postSend(write(id));
            }
            for (int i = 0; i < ids.length; i++) {
                assertThat(next(queue, seen)).isEqualTo(i);
            }
        }
        assertThat(queue.unclaimed()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void shouldPollOnTheThreadThatTheContextSays(PollContext context) throws Exception {
        PolledQueue queue = queue(context, 3);
        QueuePair sender = connected(queue);
        BlockingQueue<Thread> seen = new LinkedBlockingQueue<>();
        sender.postSend(write(queue.add(completion -> seen.add(Thread.currentThread()))));
        Thread poller = next(queue, seen);
        switch (context) {
            case DIRECT -> assertThat(poller).isSameAs(Thread.currentThread());
            case EVENT_LOOP -> assertThat(poller.getName()).isEqualTo("softverbs-vector-3");
            case VIRTUAL_THREAD -> assertThat(poller.isVirtual()).isTrue();
        }
        if (context != PollContext.DIRECT) {
            assertThatThrownBy(() -> queue.process(1)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void shouldPollNoMoreThanItsBudget() {
        PolledQueue queue = queue(PollContext.DIRECT, 0);
        QueuePair sender = connected(queue);
        AtomicInteger seen = new AtomicInteger();
        long id = queue.add(completion -> seen.incrementAndGet());
        for (int i = 0; i < 10; i++) {
            sender.postSend(write(id));
        }
        long end = System.nanoTime() + PATIENCE.toNanos();
        int most = 0;
        while (seen.get() < 10 && System.nanoTime() < end) {
            most = Math.max(most, queue.process(3));
        }
        assertThat(seen).hasValue(10);
        assertThat(most).isBetween(1, 3);
    }

    @Test
    void shouldGoOnAfterAHandlerThatThrows() throws InterruptedException {
        PolledQueue queue = queue(PollContext.EVENT_LOOP, 0);
        QueuePair sender = connected(queue);
        BlockingQueue<Integer> seen = new LinkedBlockingQueue<>();
        AtomicInteger calls = new AtomicInteger();
        long bad =
                queue.add(
                        completion -> {
                            calls.incrementAndGet();
                            throw new IllegalStateException("made to fail");
                        });
        sender.postSend(write(bad));
        sender.postSend(write(queue.add(completion -> seen.add(1))));
        assertThat(next(queue, seen)).isEqualTo(1);
        assertThat(calls).hasValue(1);
    }

    @Test
    void shouldCountWhatIsNoHandlers() {
        PolledQueue queue = queue(PollContext.DIRECT, 0);
        QueuePair sender = connected(queue);
        long gone = queue.add(completion -> {});
        queue.remove(gone);
        assertThatThrownBy(() -> queue.remove(gone)).isInstanceOf(IllegalArgumentException.class);
        sender.postSend(write(gone));
        sender.postSend(write(Long.MIN_VALUE));
        sender.postSend(write(1L << 40));
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (queue.unclaimed() < 3 && System.nanoTime() < end) {
            queue.process(16);
        }
        assertThat(queue.unclaimed()).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource
    void shouldDrainAfterAllThatWasPosted(PollContext context) throws InterruptedException {
        PolledQueue queue = queue(context, 1);
        QueuePair own = connected(queue);
        AtomicInteger sends = new AtomicInteger();
        AtomicInteger receives = new AtomicInteger();
        long send = queue.add(completion -> sends.incrementAndGet());
        long receive =
                queue.add(
                        completion -> {
                            if (completion.status() == WorkCompletionStatus.WR_FLUSH_ERR) {
                                receives.incrementAndGet();
                            }
                        });
        for (int i = 0; i < 100; i++) {
            own.postReceive(new ReceiveWorkRequest(receive, left.region.element(0, 8)));
            own.postSend(write(send));
        }
        assertThat(QueuePairDrainage.drain(own, queue, queue, PATIENCE)).isTrue();
        assertThat(sends).hasValue(100);
        assertThat(receives).hasValue(100);
        assertThat(own.state()).isEqualTo(QueuePairState.ERR);
        assertThat(queue.unclaimed()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"mlx5", "mlx4", "irdma", "rxe", "EMPTY_ELEMENT_LISTS_REFUSED"})
    void shouldDrainUnderEachProfile(String profile) throws InterruptedException {
        try (TestNode node = new TestNode(open(3, DeviceProfile.parse(profile)), 4096);
                CompletionWorkers own = new CompletionWorkers(node.context);
                PolledQueue queue =
                        own.allocate(PollContext.DIRECT, CompletionQueueOptions.of(ENTRIES));
                QueuePair drained =
                        node.domain.createQueuePair(
                                QueuePairOptions.reliableConnection(
                                        queue.completionQueue(), QueuePairCapabilities.small()))) {
            drained.modify(QueuePairAttributes.toInit(Set.of()));
            assertThat(QueuePairDrainage.drain(drained, queue, queue, PATIENCE)).isTrue();
            assertThat(QueuePairDrainage.drainSends(drained, queue, PATIENCE)).isTrue();
        }
    }

    @Test
    void shouldNotDrainByAQueueOfOthers() {
        PolledQueue queue = queue(PollContext.DIRECT, 0);
        PolledQueue other = queue(PollContext.DIRECT, 0);
        QueuePair own = connected(queue);
        assertThatThrownBy(() -> QueuePairDrainage.drainSends(own, other, PATIENCE))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(own.state()).isEqualTo(QueuePairState.RTS);
    }

    /// Closing never meets an event that its loop has taken and not acknowledged.
    @ParameterizedTest
    @EnumSource(names = {"EVENT_LOOP", "VIRTUAL_THREAD"})
    void shouldCloseWhileEventsAreUnderWay(PollContext context) throws InterruptedException {
        for (int i = 0; i < 200; i++) {
            PolledQueue queue =
                    workers.allocate(context, CompletionQueueOptions.of(8).withVector(i % 4));
            QueuePair sender =
                    left.domain.createQueuePair(
                            QueuePairOptions.reliableConnection(
                                    queue.completionQueue(), QueuePairCapabilities.small()));
            QueuePair peer = right.newQueuePair();
            TestNode.connect(sender, left.context, peer, right.context, Mtu.MTU_1024);
            BlockingQueue<Integer> seen = new LinkedBlockingQueue<>();
            long id = queue.add(completion -> seen.add(1));
            sender.postSend(write(id));
            if (i % 2 == 0) {
                assertThat(next(queue, seen)).isEqualTo(1);
            }
            sender.close();
            peer.close();
            queue.close();
        }
    }

    @Test
    void shouldStayOpenForQueuePairsAndQueues() {
        PolledQueue queue = queue(PollContext.EVENT_LOOP, 0);
        QueuePair sender = connected(queue);
        expectBusy(queue::close);
        expectBusy(workers::close);
        sender.close();
    }

    private static void expectBusy(Runnable close) {
        assertThatThrownBy(close::run)
                .isInstanceOfSatisfying(
                        VerbsException.class,
                        busy -> assertThat(busy.errno()).isEqualTo(Errno.EBUSY));
    }

    @Test
    void shouldShareTheLeastUsedQueueOfAVector() {
        CompletionQueuePool pool = keep(new CompletionQueuePool(workers));
        PolledQueue first = pool.take(3000, OptionalInt.of(1), PollContext.EVENT_LOOP);
        assertThat(pool.queues()).isEqualTo(4);
        assertThat(first.completionQueue().vector()).isEqualTo(1);
        assertThat(pool.take(1000, OptionalInt.of(1), PollContext.EVENT_LOOP)).isSameAs(first);
        // There is no room for as many more: another row.
        PolledQueue second = pool.take(1000, OptionalInt.of(5), PollContext.EVENT_LOOP);
        assertThat(second).isNotSameAs(first);
        assertThat(pool.queues()).isEqualTo(8);
        pool.give(first, 3000);
        pool.give(second, 500);
        assertThat(pool.take(10, OptionalInt.of(1), PollContext.EVENT_LOOP)).isSameAs(second);
        assertThatThrownBy(() -> pool.give(first, 1001))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(pool.take(10, OptionalInt.of(1), PollContext.VIRTUAL_THREAD).context())
                .isEqualTo(PollContext.VIRTUAL_THREAD);
        assertThatThrownBy(() -> pool.take(10, OptionalInt.of(1), PollContext.DIRECT))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldSpreadQueuesOverTheVectors() {
        CompletionQueuePool pool = keep(new CompletionQueuePool(workers));
        Set<Integer> vectors = new HashSet<>();
        for (int i = 0; i < 4; i++) {
            vectors.add(
                    pool.take(16, OptionalInt.empty(), PollContext.EVENT_LOOP)
                            .completionQueue()
                            .vector());
        }
        assertThat(vectors).containsExactlyInAnyOrder(0, 1, 2, 3);
        assertThat(pool.queues()).isEqualTo(4);
    }
}
