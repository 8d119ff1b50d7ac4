package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// A user closes an arena under a registration while packets are under way: requests end, with an
/// error or before; the program goes on. 10 000 times.
class ClosedArenaTest {

    private static final int IN_PROCESS = 8000;
    private static final int BY_A_THREAD = 500;
    private static final int OVER_UDP = 2000;
    private static final int LENGTH = 5000;
    private static final int REQUESTS = 3;
    private static final long SEED = 20_260_402;
    private static final Set<SendFlag> SIGNALED = EnumSet.of(SendFlag.SIGNALED);

    /// What the memory is used for.
    private enum Use {
        WRITE_FROM,
        WRITE_TO,
        READ_FROM,
        READ_TO,
        SEND,
        RECEIVE;

        /// Whether it is memory of the node that posts.
        boolean isLocal() {
            return this == WRITE_FROM || this == READ_TO || this == SEND;
        }
    }

    private static final Set<WorkCompletionStatus> EXPECTED =
            EnumSet.of(
                    WorkCompletionStatus.SUCCESS,
                    WorkCompletionStatus.LOC_PROT_ERR,
                    WorkCompletionStatus.REM_ACCESS_ERR,
                    WorkCompletionStatus.REM_OP_ERR,
                    WorkCompletionStatus.WR_FLUSH_ERR);

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final Map<WorkCompletionStatus, Integer> seen =
            new EnumMap<>(WorkCompletionStatus.class);

    private static SendWorkRequest request(Use use, int id, Sge local, MemoryRegion remote) {
        List<Sge> list = List.of(local);
        long address = remote.address();
        int key = remote.remoteKey();
        return switch (use) {
            case WRITE_FROM, WRITE_TO ->
                    new SendWorkRequest.RdmaWrite(id, list, address, key, SIGNALED);
            case READ_FROM, READ_TO ->
                    new SendWorkRequest.RdmaRead(id, list, address, key, SIGNALED);
            case SEND, RECEIVE -> new SendWorkRequest.Send(id, list, SIGNALED);
        };
    }

    private static void post(Use use, TestNode left, TestNode right, MemoryRegion doomed) {
        for (int id = 0; id < REQUESTS; id++) {
            boolean local = use.isLocal();
            MemoryRegion remote = local ? right.region : doomed;
            right.queuePair.postReceive(new ReceiveWorkRequest(id, remote.element(0, LENGTH)));
            left.queuePair.postSend(
                    request(use, id, (local ? doomed : left.region).element(0, LENGTH), remote));
        }
    }

    /// A READ whose answer was lost together with the memory is not answered again: inside the JVM
    /// answers under way point into the memory.
    private void check(Use use, List<WorkCompletion> done) {
        assertThat(done).as("seed %s", SEED).hasSize(REQUESTS);
        for (WorkCompletion completion : done) {
            if (use != Use.READ_FROM || completion.status() != WorkCompletionStatus.RETRY_EXC_ERR) {
                assertThat(completion.status()).isIn(EXPECTED);
            }
            seen.merge(completion.status(), 1, Integer::sum);
        }
    }

    private void checkThatAllEndsWereSeen() {
        assertThat(seen)
                .containsKeys(
                        WorkCompletionStatus.SUCCESS,
                        WorkCompletionStatus.LOC_PROT_ERR,
                        WorkCompletionStatus.REM_ACCESS_ERR,
                        WorkCompletionStatus.REM_OP_ERR);
    }

    private static Use use(int round) {
        return Use.values()[round % Use.values().length];
    }

    @Test
    void shouldEndRequestsInsideTheJvm() {
        InProcessPair pair = new InProcessPair(1 << 13, Mtu.MTU_1024);
        for (int round = 0; round < IN_PROCESS; round++) {
            Arena arena = Arena.ofShared();
            inProcess(pair, use(round), arena, arena::close);
        }
        checkThatAllEndsWereSeen();
        assertNoFaults(pair.left, pair.right);
    }

    @Test
    void shouldEndRequestsWhenAnotherThreadClosesTheArena() throws InterruptedException {
        InProcessPair pair = new InProcessPair(1 << 13, Mtu.MTU_1024);
        for (int round = 0; round < BY_A_THREAD; round++) {
            Arena arena = Arena.ofShared();
            CountDownLatch ready = new CountDownLatch(1);
            Thread closer =
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        ready.countDown();
                                        arena.close();
                                    });
            ready.await();
            inProcess(pair, use(round), arena, () -> {});
            // The JVM interrupts a thread whose access to closed memory it ends.
            Thread.interrupted();
            closer.join();
        }
        assertNoFaults(pair.left, pair.right);
    }

    private void inProcess(InProcessPair pair, Use use, Arena arena, Runnable close) {
        TestNode owner = use.isLocal() ? pair.left : pair.right;
        MemoryRegion doomed;
        try {
            doomed = owner.domain.registerMemory(arena.allocate(LENGTH, 64), TestNode.ALL_ACCESS);
        } catch (IllegalStateException | VerbsException closedBefore) {
            return;
        }
        post(use, pair.left, pair.right, doomed);
        for (int i = random.nextInt(4); i > 0; i--) {
            pair.owner.progress();
        }
        close.run();
        pair.settle();
        List<WorkCompletion> done = new ArrayList<>(pair.left.pollSends());
        for (int i = 0; i < 30 && done.size() < REQUESTS; i++) {
            pair.advance(Duration.ofMillis(100));
            done.addAll(pair.left.pollSends());
        }
        check(use, done);
        doomed.close();
        pair.reconnect();
    }

    @Test
    void shouldEndRequestsOverUdp() {
        try (UdpPair pair = new UdpPair("127.0.31.1", "127.0.31.2", 1 << 13)) {
            for (int round = 0; round < OVER_UDP; round++) {
                overUdp(pair, use(round), Arena.ofShared());
            }
            checkThatAllEndsWereSeen();
            assertNoFaults(pair.left, pair.right);
        }
    }

    private void overUdp(UdpPair pair, Use use, Arena arena) {
        TestNode owner = use.isLocal() ? pair.left : pair.right;
        MemoryRegion doomed =
                owner.domain.registerMemory(arena.allocate(LENGTH, 64), TestNode.ALL_ACCESS);
        post(use, pair.left, pair.right, doomed);
        for (int i = random.nextInt(3); i > 0; i--) {
            pair.progress();
        }
        arena.close();
        List<WorkCompletion> done = new ArrayList<>();
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (done.size() < REQUESTS && System.nanoTime() < deadline) {
            pair.progress();
            done.addAll(pair.left.pollSends());
        }
        check(use, done);
        doomed.close();
        pair.drain();
        pair.left.pollReceives();
        pair.right.pollReceives();
        pair.reconnect();
    }

    private static void assertNoFaults(TestNode... nodes) {
        for (TestNode node : nodes) {
            assertThat(node.context.counters()).containsEntry("engine_faults", 0L);
        }
    }
}
