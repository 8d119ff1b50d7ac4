package org.softverbs.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.softverbs.soft.device.TestNode;
import org.softverbs.soft.trace.TraceKind;
import org.softverbs.verbs.AsyncEvent;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.Cause;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.LocalPath;
import org.softverbs.verbs.MemoryWindowType;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.PortState;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.Reregistration;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.Wait;
import org.softverbs.verbs.WorkCompletionStatus;

/// What a world does with time, packets and nodes.
class WorldTest {

    private static final int MEMORY = 65_536;
    private static final int LARGE = 1 << 20;
    private static final Set<SendFlag> SIGNALED = Set.of(SendFlag.SIGNALED);

    /// Two connected nodes of a world.
    private static final class Pair {
        final World world;
        final TestNode left;
        final TestNode right;

        Pair(FaultPlan plan, PathSettings path) {
            world = new World(1, plan, true);
            world.network().standard(path);
            left = new TestNode(world.addHost().openDevice(), MEMORY);
            right = new TestNode(world.addHost().openDevice(), MEMORY);
            TestNode.connect(left, right, Mtu.MTU_1024);
        }

        Pair(FaultPlan plan) {
            this(plan, PathSettings.standard());
        }

        void write(int length) {
            left.queuePair.postSend(
                    new SendWorkRequest.RdmaWrite(
                            1,
                            List.of(left.region.element(0, length)),
                            right.region.address(),
                            right.region.remoteKey(),
                            Set.of(SendFlag.SIGNALED)));
        }

        void read(int length) {
            left.queuePair.postSend(
                    new SendWorkRequest.RdmaRead(
                            1,
                            List.of(left.region.element(0, length)),
                            right.region.address(),
                            right.region.remoteKey(),
                            SIGNALED));
        }

        /// Virtual time until the completion, and how the request ended.
        Ended finish() {
            long start = world.clock().nanoTime();
            List<WorkCompletionStatus> statuses = new ArrayList<>();
            world.runUntil(
                    () -> {
                        left.pollSends().forEach(done -> statuses.add(done.status()));
                        return !statuses.isEmpty();
                    },
                    Duration.ofHours(1));
            return new Ended(world.clock().nanoTime() - start, statuses);
        }

        long count(TraceKind kind) {
            return world.trace().records().stream().filter(record -> record.kind() == kind).count();
        }
    }

    private record Ended(long nanos, List<WorkCompletionStatus> statuses) {}

    @Test
    void shouldTakeAsLongAsLatencyAndBandwidthSay() {
        PathSettings slow =
                new PathSettings(Duration.ofNanos(500_000), Duration.ZERO, 8_000_000, 9000);
        Pair pair = new Pair(FaultPlan.none(), slow);
        pair.write(1000);
        Ended ended = pair.finish();
        // 1000 bytes of data, 12 + 16 of headers, 4 of ICRC and 28 of IP and UDP at a byte a
        // microsecond, 500 us there; an acknowledgement of 48 bytes and 500 us back.
        assertThat(ended).isEqualTo(new Ended((1060 + 500 + 48 + 500) * 1000L, success()));
    }

    private static List<WorkCompletionStatus> success() {
        return List.of(WorkCompletionStatus.SUCCESS);
    }

    @Test
    void shouldLoseThePacketThatThePlanNames() {
        Pair pair = new Pair(ListedPlan.parse(List.of("LOSS n1>n2 RC_WRITE_MIDDLE #2")));
        pair.write(8192);
        Ended ended = pair.finish();
        assertThat(ended.statuses()).isEqualTo(success());
        assertThat(pair.count(TraceKind.LOST)).isEqualTo(1);
        assertThat(pair.world.faults().counts()).containsEntry(FaultKind.LOSS, 1L);
        assertThat(pair.world.faults().done()).hasSize(1);
    }

    @Test
    void shouldThrowAwayWhatIsCorruptAndTakeWhatIsForged() {
        Pair corrupt = new Pair(ListedPlan.parse(List.of("CORRUPT n1>n2 #1 =200")));
        corrupt.write(100);
        corrupt.finish();
        assertThat(corrupt.count(TraceKind.BAD_ICRC)).isEqualTo(1);
        // Bit 232: the first byte of the data behind 28 bytes of headers.
        Pair forged = new Pair(ListedPlan.parse(List.of("FORGE n1>n2 #1 =224")));
        forged.write(100);
        forged.finish();
        assertThat(forged.count(TraceKind.BAD_ICRC)).isZero();
        assertThat(forged.right.region.segment().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 1);
    }

    @Test
    void shouldRepeatReorderAndDelay() {
        Pair pair =
                new Pair(
                        ListedPlan.parse(
                                List.of(
                                        "DUPLICATE n1>n2 #1 =3",
                                        "REORDER n1>n2 #2 =4",
                                        "DELAY n2>n1 #1 =700")));
        pair.write(8192);
        assertThat(pair.finish().statuses()).isEqualTo(success());
        assertThat(pair.world.faults().counts()).hasSize(3);
        assertThat(pair.count(TraceKind.ARRIVED)).isGreaterThan(9);
    }

    private static List<Fault> done(String... lines) {
        Pair pair = new Pair(ListedPlan.parse(List.of(lines)));
        pair.write(8192);
        assertThat(pair.finish().statuses()).isEqualTo(success());
        return pair.world.faults().done();
    }

    /// Each kind counts the packets of an opcode, also those that another kind has lost.
    @ParameterizedTest
    @CsvSource({"CORRUPT,300", "FORGE,300", "REORDER,30", "DELAY,30", "DUPLICATE,30", "BURST,3"})
    void shouldNotMoveAFaultByLeavingOutALoss(String kind, int argument) {
        String other = kind + " n1>n2 RC_WRITE_MIDDLE #3 =" + argument;
        List<Fault> alone = done(other);
        assertThat(alone).hasSize(1);
        assertThat(done("LOSS n1>n2 RC_WRITE_MIDDLE #1", other)).containsAll(alone).hasSize(2);
    }

    @Test
    void shouldNotCountWhatWasToBefallALostPacket() {
        assertThat(done("LOSS n1>n2 #2", "CORRUPT n1>n2 #2 =200", "DELAY n1>n2 #2 =5"))
                .containsExactly(Fault.once(FaultKind.LOSS, Place.path(1, 2), 2, 0));
    }

    /// The ghost comes behind the second acknowledgement, whatever was sent between them.
    @Test
    void shouldCountAcknowledgementsForAGhost() {
        Pair pair = new Pair(ListedPlan.parse(List.of("GHOST_ACKNOWLEDGE n2>n1 #2 =7")));
        pair.write(100);
        pair.finish();
        assertThat(pair.world.faults().done()).isEmpty();
        pair.read(8192);
        pair.finish();
        assertThat(pair.world.faults().done()).isEmpty();
        pair.write(100);
        assertThat(pair.finish().statuses()).isEqualTo(success());
        assertThat(pair.world.faults().done())
                .containsExactly(Fault.once(FaultKind.GHOST_ACKNOWLEDGE, Place.path(2, 1), 2, 7));
    }

    @Test
    void shouldSpendNoTimeOnSevenRetries() {
        long start = System.nanoTime();
        Pair pair = new Pair(ListedPlan.parse(List.of("LOSS n1>n2 #1 x1000")));
        pair.write(100);
        Ended ended = pair.finish();
        assertThat(ended.statuses()).containsExactly(WorkCompletionStatus.RETRY_EXC_ERR);
        assertThat(pair.left.state()).isEqualTo(QueuePairState.ERR);
        assertThat(Duration.ofNanos(ended.nanos())).isGreaterThan(Duration.ofMillis(67 * 8));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void shouldDoNothingOnAPausedNode() {
        Pair pair = new Pair(FaultPlan.none());
        pair.world.host(2).pause(30_000_000);
        pair.write(100);
        Ended ended = pair.finish();
        assertThat(ended.statuses()).isEqualTo(success());
        assertThat(Duration.ofNanos(ended.nanos())).isGreaterThan(Duration.ofMillis(30));
    }

    @Test
    void shouldPassNothingWhileParted() {
        Pair pair = new Pair(FaultPlan.none());
        pair.world.host(2).part(100_000_000);
        pair.write(100);
        assertThat(pair.finish().statuses()).isEqualTo(success());
        assertThat(pair.count(TraceKind.LOST)).isPositive();
    }

    @Test
    void shouldLoseLargePacketsOfANarrowPathOnly() {
        PathSettings path = new PathSettings(Duration.ZERO, Duration.ZERO, 1_000_000_000, 1500);
        Pair pair = new Pair(FaultPlan.none(), path);
        pair.world.host(1).narrow(10_000_000);
        pair.write(600);
        assertThat(pair.finish().statuses()).isEqualTo(success());
        assertThat(pair.count(TraceKind.LOST)).isZero();
        pair.write(1024);
        assertThat(pair.finish().statuses()).isEqualTo(success());
        assertThat(pair.count(TraceKind.LOST)).isPositive();
    }

    @Test
    void shouldLoseLargePacketsToANarrowNode() {
        PathSettings path = PathSettings.standard().forPathMtu(Mtu.MTU_1024);
        Pair pair = new Pair(FaultPlan.none(), path);
        pair.world.host(2).narrow(10_000_000);
        pair.write(1024);
        assertThat(pair.finish().statuses()).isEqualTo(success());
        assertThat(pair.count(TraceKind.LOST)).isPositive();
    }

    /// A device that has nothing to send must not make the clock stand for one that waits.
    @Test
    void shouldGoOnBesideAnIdleDevice() {
        World world = new World(1, FaultPlan.none(), true);
        world.network()
                .standard(new PathSettings(Duration.ZERO, Duration.ZERO, 1_000_000_000, 9000));
        SimulatedHost host = world.addHost();
        host.openDevice();
        TestNode left = new TestNode(host.openDevice(), LARGE);
        TestNode right = new TestNode(world.addHost().openDevice(), LARGE);
        TestNode.connect(left, right, Mtu.MTU_1024);
        left.queuePair.postSend(
                new SendWorkRequest.RdmaWrite(
                        1,
                        List.of(left.region.element(0, LARGE)),
                        right.region.address(),
                        right.region.remoteKey(),
                        SIGNALED));
        assertThat(world.runUntil(() -> !left.pollSends().isEmpty(), Duration.ofMinutes(1)))
                .isTrue();
    }

    @Test
    void shouldNotStandStill() {
        World world = new World(1, FaultPlan.none());
        Runnable[] again = new Runnable[1];
        again[0] = () -> world.after(Duration.ZERO, again[0]);
        again[0].run();
        assertThatThrownBy(() -> world.run(Duration.ofSeconds(1)))
                .isInstanceOf(InvariantViolation.class)
                .hasMessageContaining("the clock stands");
    }

    @Test
    void shouldForgetEverythingInARestart() {
        Pair pair = new Pair(FaultPlan.none());
        pair.world.host(2).restart(1_000_000);
        pair.write(100);
        assertThat(pair.finish().statuses()).containsExactly(WorkCompletionStatus.RETRY_EXC_ERR);
        TestNode again = new TestNode(pair.world.host(2).openDevice(), MEMORY);
        TestNode left = new TestNode(pair.world.host(1).openDevice(), MEMORY);
        TestNode.connect(left, again, Mtu.MTU_1024);
        again.queuePair.postSend(
                new SendWorkRequest.RdmaWrite(
                        2,
                        List.of(again.region.element(0, 100)),
                        left.region.address(),
                        left.region.remoteKey(),
                        Set.of(SendFlag.SIGNALED)));
        pair.world.run(Duration.ofMillis(1));
        assertThat(again.pollSends()).singleElement().matches(done -> done.isSuccess());
    }

    @Test
    void shouldHealAllThatGoesWrong() {
        Pair pair = new Pair(ListedPlan.parse(List.of("LOSS n1>n2 #1 x1000000")));
        pair.world.host(1).pause(1_000_000_000);
        pair.world.host(2).part(1_000_000_000);
        pair.world.heal();
        pair.write(8192);
        Ended ended = pair.finish();
        assertThat(ended.statuses()).isEqualTo(success());
        assertThat(Duration.ofNanos(ended.nanos())).isLessThan(Duration.ofMillis(1));
    }

    private static List<AsyncEventType> events(TestNode node) throws InterruptedException {
        List<AsyncEventType> types = new ArrayList<>();
        Optional<AsyncEvent> next = node.context.awaitAsyncEvent(Duration.ZERO);
        while (next.isPresent()) {
            types.add(next.get().type());
            next = node.context.awaitAsyncEvent(Duration.ZERO);
        }
        return types;
    }

    @Test
    void shouldTellOfAPortThatIsDownAndLoseItsPackets() throws InterruptedException {
        Pair pair = new Pair(FaultPlan.none());
        pair.world.host(2).portDown(30_000_000);
        pair.write(100);
        pair.world.run(Duration.ofMillis(1));
        assertThat(events(pair.right)).containsExactly(AsyncEventType.PORT_ERR);
        assertThat(pair.right.context.queryPort(1).state()).isEqualTo(PortState.DOWN);
        assertThat(pair.count(TraceKind.LOST)).isEqualTo(1);
        assertThat(pair.finish().statuses()).isEqualTo(success());
        assertThat(events(pair.right)).containsExactly(AsyncEventType.PORT_ACTIVE);
        assertThat(pair.right.context.queryPort(1).state()).isEqualTo(PortState.ACTIVE);
        assertThat(events(pair.left)).isEmpty();
    }

    @Test
    void shouldReachNobodyAtAnAddressThatIsGone() throws InterruptedException {
        Pair pair = new Pair(FaultPlan.none());
        GlobalIdentifier before = pair.right.context.gidTable(1).getFirst().gid();
        pair.world.host(2).changeAddress(7);
        pair.write(100);
        assertThat(pair.finish().statuses()).containsExactly(WorkCompletionStatus.RETRY_EXC_ERR);
        assertThat(events(pair.right)).containsExactly(AsyncEventType.GID_CHANGE);
        GlobalIdentifier after = pair.right.context.gidTable(1).getFirst().gid();
        assertThat(after).isEqualTo(SimulatedHost.address(2, 7)).isNotEqualTo(before);
        QueuePair left = pair.left.newQueuePair();
        QueuePair right = pair.right.newQueuePair();
        TestNode.connect(left, pair.left.context, right, pair.right.context, Mtu.MTU_1024);
        left.postSend(new SendWorkRequest.RdmaWrite(2, List.of(), 0, 0, SIGNALED));
        assertThat(pair.finish().statuses()).isEqualTo(success());
    }

    private static Cause.RetriesExceeded whyItGaveUp(Pair pair) {
        Explanation why = pair.left.queuePair.firstError().orElseThrow();
        assertThat(why.root()).isInstanceOf(Cause.RetriesExceeded.class);
        return (Cause.RetriesExceeded) why.root();
    }

    private static LocalPath pathOfWhatIsWaitedFor(Pair pair) {
        pair.world.run(Duration.ofMillis(1));
        return pair.left.queuePair.waitsFor().stream()
                .filter(Wait.Acknowledgement.class::isInstance)
                .map(it -> ((Wait.Acknowledgement) it).localPath())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void shouldSayThatTheOwnPortIsDown() {
        Pair pair = new Pair(FaultPlan.none());
        pair.world.host(1).portDown(Duration.ofHours(2).toNanos());
        pair.write(100);
        assertThat(pathOfWhatIsWaitedFor(pair)).isEqualTo(LocalPath.PORT_DOWN);
        assertThat(pair.finish().statuses()).containsExactly(WorkCompletionStatus.RETRY_EXC_ERR);
        Cause.RetriesExceeded cause = whyItGaveUp(pair);
        assertThat(cause.localPath()).isEqualTo(LocalPath.PORT_DOWN);
        assertThat(cause.sentence()).contains("this side's own port is down");
        assertThat(cause.hint()).startsWith("bring this side's port up again");
    }

    @Test
    void shouldSayThatTheOwnGidIsGone() {
        Pair pair = new Pair(FaultPlan.none());
        pair.world.host(1).changeAddress(7);
        pair.write(100);
        assertThat(pathOfWhatIsWaitedFor(pair)).isEqualTo(LocalPath.GID_GONE);
        assertThat(pair.finish().statuses()).containsExactly(WorkCompletionStatus.RETRY_EXC_ERR);
        Cause.RetriesExceeded cause = whyItGaveUp(pair);
        assertThat(cause.localPath()).isEqualTo(LocalPath.GID_GONE);
        assertThat(cause.sentence()).contains("no longer has the GID");
        assertThat(cause.hint()).startsWith("connect again at both ends");
    }

    /// The peer's port may be what is down: this side does not know, and does not say so.
    @Test
    void shouldNotBlameItsOwnPortForThePeers() {
        Pair pair = new Pair(FaultPlan.none());
        pair.world.host(2).portDown(Duration.ofHours(2).toNanos());
        pair.write(100);
        assertThat(pathOfWhatIsWaitedFor(pair)).isEqualTo(LocalPath.SOUND);
        assertThat(pair.finish().statuses()).containsExactly(WorkCompletionStatus.RETRY_EXC_ERR);
        assertThat(whyItGaveUp(pair).localPath()).isEqualTo(LocalPath.SOUND);
        assertThat(whyItGaveUp(pair).hint()).startsWith("the GID or queue pair number is not");
    }

    @Test
    void shouldTellTheAddressesThatAreInForce() {
        Pair pair = new Pair(FaultPlan.none());
        pair.write(100);
        pair.finish();
        pair.world.host(2).changeAddress(7);
        pair.world.run(Duration.ofMillis(1));
        QueuePair left = pair.left.newQueuePair();
        QueuePair right = pair.right.newQueuePair();
        TestNode.connect(left, pair.left.context, right, pair.right.context, Mtu.MTU_1024);
        left.postSend(new SendWorkRequest.RdmaWrite(2, List.of(), 0, 0, SIGNALED));
        pair.finish();
        GlobalIdentifier here = SimulatedHost.address(1, 1);
        assertThat(
                        pair.world.trace().records().stream()
                                .filter(it -> it.kind() == TraceKind.SENT)
                                .map(WireAddresses::of))
                .containsExactly(
                        new WireAddresses(here, SimulatedHost.address(2, 1)),
                        new WireAddresses(SimulatedHost.address(2, 1), here),
                        new WireAddresses(here, SimulatedHost.address(2, 7)),
                        new WireAddresses(SimulatedHost.address(2, 7), here));
    }

    @Test
    void shouldFlushAndRefuseAllButClosingOnceADeviceIsRemoved() throws InterruptedException {
        Pair pair = new Pair(FaultPlan.none());
        pair.write(8192);
        pair.world.host(1).removeDevices();
        assertThat(pair.finish().statuses()).containsExactly(WorkCompletionStatus.WR_FLUSH_ERR);
        assertThat(events(pair.left)).containsExactly(AsyncEventType.DEVICE_FATAL);
        assertThat(pair.left.state()).isEqualTo(QueuePairState.ERR);
        assertThat(pair.left.queuePair.firstError().orElseThrow().root())
                .isInstanceOf(Cause.OfThisSide.class)
                .isEqualTo(new Cause.DeviceRemoved("sim1"));
        List<ThrowingCallable> verbs =
                List.of(
                        pair.left.context::queryDevice,
                        () -> pair.left.context.gidTable(1),
                        pair.left.context::allocateProtectionDomain,
                        pair.left.context::createCompletionChannel,
                        () -> pair.left.context.createCompletionQueue(1),
                        () -> pair.left.domain.registerMemory(TestNode.allocate(64), Set.of()),
                        () -> pair.left.domain.allocateMemoryWindow(MemoryWindowType.TYPE_2),
                        pair.left::newQueuePair,
                        () ->
                                pair.left.region.reregister(
                                        Reregistration.nothing().withAccess(Set.of())),
                        () ->
                                pair.left.queuePair.modify(
                                        QueuePairAttributes.to(QueuePairState.RESET)));
        for (ThrowingCallable verb : verbs) {
            assertThatThrownBy(verb)
                    .isInstanceOfSatisfying(
                            VerbsException.class,
                            refused -> assertThat(refused.errno()).isEqualTo(Errno.EIO))
                    .hasMessageContaining("device sim1 was removed");
        }
        pair.left.close();
        TestNode again = new TestNode(pair.world.host(1).openDevice(), MEMORY);
        assertThat(again.context.gidTable(1).getFirst().gid())
                .isEqualTo(SimulatedHost.address(1, 1));
    }

    /// T8: an ACK, a NAK and a refusal of what was never sent, and an ACK of long ago.
    @Test
    void shouldTakeNoNoticeOfAcknowledgementsThatNobodySent() {
        for (int ghost = 400; ghost < 404; ghost++) {
            Pair pair = new Pair(ListedPlan.parse(List.of("GHOST_ACKNOWLEDGE n2>n1 #1 =" + ghost)));
            pair.write(100);
            assertThat(pair.finish().statuses()).isEqualTo(success());
            pair.write(8192);
            assertThat(pair.finish().statuses()).isEqualTo(success());
            assertThat(pair.left.state()).isEqualTo(QueuePairState.RTS);
            assertThat(pair.world.faults().counts()).containsEntry(FaultKind.GHOST_ACKNOWLEDGE, 1L);
        }
    }
}
