package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.softverbs.junit.Provokes;
import org.softverbs.sanitizer.Finding;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.link.InProcessNetwork;
import org.softverbs.soft.link.PacketLink;
import org.softverbs.soft.link.netty.UdpLinks;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.RdmaDevice;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.WorkCompletion;

/// Q3, M8: a queue pair is closed, or a region, while the device's own thread, or one of those that
/// poll, receives and sends for it, a timer runs, and two programs post. What comes after the
/// return touches nothing: the memory is painted then, and stays so; nobody else gets to see the
/// paint.
///
/// What it finds when it is broken on purpose: a queue pair that is closed beside the owner's lock,
/// or without a reset of its engine; one whose payloads the network still refers to (no `detach` in
/// `DeviceEngine.remove`); one left in the timers; a key that is taken out after the return; one
/// whose memory packets under way still refer to (no `detach` in `SoftDevice.removeKey`).
@ParameterizedClass
@EnumSource(TeardownRaceTest.Way.class)
class TeardownRaceTest {

    /// Who drives the devices, and what is between them.
    enum Way {
        LOOP_IN_PROCESS(ProgressMode.LOOP, 150),
        POLL_IN_PROCESS(ProgressMode.POLL, 50),
        LOOP_UDP(ProgressMode.LOOP, 50),
        POLL_UDP(ProgressMode.POLL, 50);

        private final ProgressMode mode;
        private final int rounds;

        Way(ProgressMode mode, int rounds) {
            this.mode = mode;
            this.rounds = rounds;
        }

        private boolean isUdp() {
            return this == LOOP_UDP || this == POLL_UDP;
        }
    }

    private static final int TURNS = 20;
    private static final int LENGTH = 64 * 1024;
    private static final int HALF = LENGTH / 2;
    private static final byte PLAIN = 0x11;
    private static final byte PAINT = 0x55;
    private static final int PATIENCE_SECONDS = 60;
    private static final int MOST_SPINS = 40_000;
    private static final long SEED = 20_261_122;
    private static final Set<SendFlag> SIGNALED = EnumSet.of(SendFlag.SIGNALED);

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final Host host = Host.local();
    private final Way way;
    private final DeviceOwner owner;
    private final InProcessNetwork network = new InProcessNetwork(9000);
    private final ExecutorService threads = Executors.newFixedThreadPool(2);
    private final TestNode left;
    private final TestNode right;

    TeardownRaceTest(Way way) {
        this.way = way;
        owner = new DeviceOwner(way.mode, host.clock());
        left = new TestNode(open(1), LENGTH);
        right = new TestNode(open(2), LENGTH);
    }

    private SoftDevice open(int number) {
        return SoftDevice.open(
                new RdmaDevice("race" + number, number, way.isUdp() ? "lo" : "in-process"),
                host,
                owner.call(() -> join(number)),
                owner,
                DeviceLimits.standard());
    }

    private PacketLink join(int number) {
        if (!way.isUdp()) {
            return network.join(new GlobalIdentifier(0, 0xffff_0a00_0100L | number));
        }
        try {
            byte[] address = {127, 0, 66, (byte) number};
            return UdpLinks.open(InetAddress.getByAddress(address), false, owner::isOwner);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void stop() {
        threads.shutdownNow();
        left.close();
        right.close();
    }

    /// One connection in one round.
    private final class Round {

        final QueuePair mine = left.newQueuePair();
        final QueuePair theirs = right.newQueuePair();
        final MemoryRegion region =
                left.domain.registerMemory(TestNode.allocate(LENGTH), TestNode.ALL_ACCESS);
        final MemoryRegion peer =
                right.domain.registerMemory(TestNode.allocate(LENGTH), TestNode.ALL_ACCESS);
        final AtomicBoolean over = new AtomicBoolean();
        final AtomicBoolean closed = new AtomicBoolean();
        final Future<?> myPosts;
        final Future<?> theirPosts;

        Round() {
            region.segment().fill(PLAIN);
            peer.segment().fill(PLAIN);
            connect(mine, right.context, theirs);
            connect(theirs, left.context, mine);
            // I read my lower half out and let them write into my upper half; they do both, too.
            myPosts = threads.submit(() -> post(mine, region, peer));
            theirPosts = threads.submit(() -> post(theirs, peer, region));
        }

        private void post(QueuePair queuePair, MemoryRegion local, MemoryRegion remote) {
            Sge lower = new Sge(local.address(), HALF, local.localKey());
            Sge upper = new Sge(local.address() + HALF, HALF, local.localKey());
            long to = remote.address();
            int key = remote.remoteKey();
            try {
                while (!over.get()) {
                    try {
                        queuePair.postSend(
                                new SendWorkRequest.RdmaWrite(
                                        1, List.of(lower), to + HALF, key, SIGNALED));
                        queuePair.postSend(
                                new SendWorkRequest.RdmaRead(2, List.of(upper), to, key, SIGNALED));
                    } catch (VerbsException full) {
                        Thread.onSpinWait();
                    }
                    drain();
                }
            } catch (IllegalStateException closed) {
                assertThat(closed).hasMessageContaining(" is closed");
            }
        }

        /// Polls all, and holds against it what comes for my queue pair when it is gone.
        private void drain() {
            boolean gone = closed.get();
            List<WorkCompletion> done = left.pollSends();
            right.pollSends();
            if (gone) {
                assertThat(done)
                        .as("completions of a closed queue pair, seed %d", SEED)
                        .extracting(WorkCompletion::queuePairNumber)
                        .doesNotContain(mine.number());
            }
        }

        /// Nobody else has a right to the memory any more.
        void paint() {
            region.segment().fill(PAINT);
        }

        void endPosts() throws Exception {
            over.set(true);
            myPosts.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            theirPosts.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }

        void assertOnlyPaintHereAndNoneThere() {
            assertThat(count(region.segment(), PAINT)).as("painted bytes left").isEqualTo(LENGTH);
            assertThat(count(peer.segment(), PAINT)).as("painted bytes gone out").isZero();
        }
    }

    private static void connect(QueuePair queuePair, DeviceContext peer, QueuePair other) {
        queuePair.modify(QueuePairAttributes.toInit(TestNode.ALL_ACCESS));
        queuePair.modify(
                QueuePairAttributes.toReadyToReceive(
                        new AddressVector(peer.gidTable(1).getFirst().gid(), 0),
                        other.number(),
                        0,
                        Mtu.MTU_1024));
        queuePair.modify(
                QueuePairAttributes.builder()
                        .state(QueuePairState.RTS)
                        .sendPacketSequenceNumber(0)
                        .timeout(5)
                        .retryCount(1)
                        .rnrRetry(0)
                        .maxReadAtomic(1)
                        .build());
    }

    private static long count(MemorySegment segment, byte value) {
        long count = 0;
        for (long i = 0; i < segment.byteSize(); i++) {
            count += segment.get(ValueLayout.JAVA_BYTE, i) == value ? 1 : 0;
        }
        return count;
    }

    private void spin() {
        int spins = random.nextInt(MOST_SPINS);
        for (int i = 0; i < spins; i++) {
            Thread.onSpinWait();
        }
    }

    private static void until(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.onSpinWait();
        }
    }

    private void assertNoFaults() {
        for (TestNode node : List.of(left, right)) {
            assertThat(node.context.counters()).containsEntry("engine_faults", 0L);
        }
    }

    @Test
    void shouldTouchNothingOnceAQueuePairIsClosed() throws Exception {
        for (int i = 0; i < way.rounds; i++) {
            Round round = new Round();
            spin();
            round.mine.close();
            round.paint();
            // What completed before may be taken after; behind it there is nothing.
            left.pollSends();
            round.closed.set(true);
            // The peer sends on, to nobody, until its timer has had enough.
            until(() -> round.theirs.state() == QueuePairState.ERR);
            round.endPosts();
            round.drain();
            round.theirs.close();
            round.assertOnlyPaintHereAndNoneThere();
            round.region.close();
            round.peer.close();
        }
        assertNoFaults();
    }

    /// Both ends at once, with timers that run: none of them does anything after that.
    @Test
    void shouldSendNothingOnceBothQueuePairsAreClosed() throws Exception {
        for (int i = 0; i < way.rounds; i++) {
            Round round = new Round();
            spin();
            round.mine.close();
            spin();
            round.theirs.close();
            round.endPosts();
            long sent = sent();
            round.paint();
            for (int turn = 0; turn < TURNS; turn++) {
                owner.progress();
            }
            assertThat(sent()).as("packets, seed %d round %d", SEED, i).isEqualTo(sent);
            assertThat(owner.nextDeadline()).as("timers").isEqualTo(Long.MAX_VALUE);
            round.assertOnlyPaintHereAndNoneThere();
            round.region.close();
            round.peer.close();
        }
        assertNoFaults();
    }

    private long sent() {
        return left.context.counters().getOrDefault("sent_packets", 0L)
                + right.context.counters().getOrDefault("sent_packets", 0L);
    }

    @Test
    @Provokes(
            value = Finding.SEND_BUFFER_CHANGED,
            because = "what was deregistered is painted",
            perhaps = true)
    void shouldTouchNothingOnceARegionIsDeregistered() throws Exception {
        for (int i = 0; i < way.rounds; i++) {
            Round round = new Round();
            spin();
            round.region.close();
            round.paint();
            // Whoever asks for it next is refused, here or there, and that ends both.
            until(() -> round.mine.state() == QueuePairState.ERR);
            until(() -> round.theirs.state() == QueuePairState.ERR);
            round.endPosts();
            round.assertOnlyPaintHereAndNoneThere();
            round.mine.close();
            round.theirs.close();
            round.peer.close();
            left.pollSends();
            right.pollSends();
        }
        assertNoFaults();
    }
}
