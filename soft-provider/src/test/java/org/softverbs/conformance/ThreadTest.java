package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.conformance.Requests.SIGNALED;
import static org.softverbs.verbs.WorkCompletionStatus.RETRY_EXC_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.SUCCESS;
import static org.softverbs.verbs.WorkCompletionStatus.WR_FLUSH_ERR;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.softverbs.conformance.Client.Work;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.MemoryWindowType;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SharedReceiveQueue;
import org.softverbs.verbs.SharedReceiveQueueOptions;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// Rows RUT-THR and RUT-QP about threads: they make and end things beside each other, and a queue
/// pair fails or ends under those who use it.
@Conformance
@RealClock
class ThreadTest {

    private static final int THREADS = 8;
    private static final int EACH = 50;

    /// Something that a thread makes.
    private interface Maker {
        AutoCloseable make(int index) throws Exception;
    }

    /// Has threads do something, all of which must succeed.
    static <T> List<T> inThreads(Callable<List<T>> task)
            throws InterruptedException, ExecutionException {
        List<T> all = new ArrayList<>();
        try (ExecutorService pool = Executors.newFixedThreadPool(THREADS)) {
            List<Future<List<T>>> running = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                running.add(pool.submit(task));
            }
            for (Future<List<T>> one : running) {
                all.addAll(one.get());
            }
        }
        return all;
    }

    private static void shouldMakeAndEnd(Maker maker)
            throws InterruptedException, ExecutionException {
        List<Integer> ended =
                inThreads(
                        () -> {
                            List<Integer> done = new ArrayList<>();
                            for (int i = 0; i < EACH; i++) {
                                maker.make(i).close();
                                done.add(i);
                            }
                            return done;
                        });
        assertThat(ended).hasSize(THREADS * EACH);
    }

    /// Makes things in threads; all of them are there, and no two are the same.
    private static <T> List<T> shouldMake(Callable<T> maker)
            throws InterruptedException, ExecutionException {
        List<T> made =
                inThreads(
                        () -> {
                            List<T> own = new ArrayList<>();
                            for (int i = 0; i < EACH; i++) {
                                own.add(maker.call());
                            }
                            return own;
                        });
        assertThat(made).hasSize(THREADS * EACH).doesNotHaveDuplicates();
        return made;
    }

    @Test
    @Tag("RUT-THR-001")
    void shouldMakeAndEndAddressHandles(Rig rig) throws Exception {
        GlobalIdentifier gid = rig.right().context().gidTable(1).getFirst().gid();
        shouldMakeAndEnd(any -> rig.left().domain().createAddressHandle(new AddressVector(gid, 0)));
        rig.left().domain().close();
    }

    @Test
    @Tag("RUT-THR-008")
    void shouldMakeAndEndSharedReceiveQueues(Rig rig) throws Exception {
        SharedReceiveQueueOptions options = new SharedReceiveQueueOptions(16, 1, 0);
        shouldMakeAndEnd(any -> rig.left().domain().createSharedReceiveQueue(options));
        rig.left().domain().close();
    }

    @Test
    @Tag("RUT-THR-016")
    void shouldMakeSharedReceiveQueues(Rig rig) throws Exception {
        List<SharedReceiveQueue> made = shouldMake(() -> rig.left().sharedQueue(4));
        assertThat(made).extracting(SharedReceiveQueue::number).doesNotHaveDuplicates();
        Buffer buffer = rig.left().buffer(8);
        for (SharedReceiveQueue queue : made) {
            queue.postReceive(new ReceiveWorkRequest(1, buffer.all()));
        }
    }

    @Test
    @Tag("RUT-THR-003")
    void shouldMakeAndEndCompletionQueues(Rig rig) throws Exception {
        shouldMakeAndEnd(any -> rig.left().context().createCompletionQueue(16));
        // None of them is left: the device is closed with the rig.
    }

    @Test
    @Tag("RUT-THR-006")
    void shouldMakeAndEndWindows(Rig rig) throws Exception {
        MemoryWindowType[] types = MemoryWindowType.values();
        shouldMakeAndEnd(i -> rig.left().domain().allocateMemoryWindow(types[i % types.length]));
        rig.left().domain().close();
    }

    @Test
    @Tag("RUT-THR-007")
    void shouldMakeAndEndQueuePairs(Rig rig) throws Exception {
        CompletionQueue queue = rig.left().queue(16);
        shouldMakeAndEnd(
                any -> rig.left().domain().createQueuePair(Setup.standard().options(queue, queue)));
        queue.close();
        rig.left().domain().close();
    }

    @Test
    @Tag("RUT-THR-010")
    @Tag("RUT-THR-011")
    void shouldMakeCompletionQueues(Rig rig) throws Exception {
        List<CompletionQueue> made = shouldMake(() -> rig.left().queue(16));
        for (CompletionQueue queue : made) {
            assertThat(queue.cursor().next()).isFalse();
        }
    }

    @Test
    @Tag("RUT-THR-013")
    void shouldRegisterRegions(Rig rig) throws Exception {
        List<MemoryRegion> made = shouldMake(() -> rig.left().buffer(64).region());
        assertThat(made).extracting(MemoryRegion::localKey).doesNotHaveDuplicates();
    }

    @Test
    @Tag("RUT-THR-018")
    void shouldDisturbNobodyElseWhenATargetEndsUnderLoad(Rig rig) {
        Pair target = rig.connect(Setup.standard().withRequests(64));
        Client victim = new Client(target, 16, 4096);
        List<Client> canaries = List.of(new Client(rig, 4, 256), new Client(rig, 4, 256));
        int[] done = {0};
        keepBusy(rig, canaries, done, 100);
        while (victim.hasRoom()) {
            victim.start(Work.READ, 4096);
        }
        Buffer own = rig.left().buffer(64);
        Buffer from = rig.right().buffer(64);
        target.right().queuePair().close();
        target.left().post(SIGNALED.read(1000, own.all(), from));
        while (target.left().state() != QueuePairState.ERR) {
            keepBusy(rig, canaries, done, done[0] + 10);
        }
        keepBusy(rig, canaries, done, done[0] + 100);
        List<WorkCompletionStatus> ended =
                target.left().awaitSent(17).stream().map(WorkCompletion::status).toList();
        int failed = ended.indexOf(RETRY_EXC_ERR);
        assertThat(failed).isNotNegative();
        assertThat(ended.subList(0, failed)).allMatch(status -> status == SUCCESS);
        assertThat(ended.subList(failed + 1, 17)).allMatch(status -> status == WR_FLUSH_ERR);
        assertThat(canaries).allMatch(canary -> canary.pair().left().state() == QueuePairState.RTS);
    }

    private static void keepBusy(Rig rig, List<Client> clients, int[] done, int until) {
        rig.await(
                until + " operations of those that go on",
                () -> {
                    for (Client client : clients) {
                        while (client.hasRoom()) {
                            client.start(Work.READ, 256);
                        }
                        done[0] += client.collect();
                    }
                    return done[0] >= until;
                });
    }

    @Test
    @Tag("RUT-QP-036")
    void shouldFlushWhatIsPostedWhileAnErrorComes(Rig rig) throws Exception {
        int count = 400;
        Pair pair = rig.connect(Setup.standard().withRequests(count + 1));
        Buffer own = rig.left().buffer(64);
        Buffer to = rig.right().buffer(64);
        AtomicInteger posted = new AtomicInteger();
        Thread poster =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    for (int i = 0; i < count; i++) {
                                        pair.left().post(SIGNALED.write(i, own.all(), to));
                                        posted.incrementAndGet();
                                    }
                                });
        rig.await("the first posts", () -> posted.get() > 20);
        pair.left().move(QueuePairState.ERR);
        poster.join();
        pair.left().post(SIGNALED.write(count, own.all(), to));
        List<WorkCompletion> done = pair.left().awaitSent(count + 1);
        assertThat(done)
                .extracting(WorkCompletion::workRequestId)
                .isSorted()
                .doesNotHaveDuplicates();
        List<WorkCompletionStatus> statuses = done.stream().map(WorkCompletion::status).toList();
        int flushed = statuses.indexOf(WR_FLUSH_ERR);
        assertThat(flushed).isNotNegative();
        assertThat(statuses.subList(0, flushed)).allMatch(status -> status == SUCCESS);
        assertThat(statuses.subList(flushed, count + 1)).allMatch(status -> status == WR_FLUSH_ERR);
    }
}
