package org.softverbs.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.junit.Provokes;
import org.softverbs.sanitizer.Finding;
import org.softverbs.soft.device.TestNode;
import org.softverbs.soft.dma.DmaSettings;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.soft.wire.roce.RoceOpcode.Operation;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.FastRegion;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.MemoryWindow;
import org.softverbs.verbs.MemoryWindowBinding;
import org.softverbs.verbs.MemoryWindowType;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// M8: a key ends at every packet boundary of a WRITE and of a READ of 64 packets. From then on not
/// one byte behind it is touched, and the peer hears of a remote access error.
@Provokes(value = Finding.FAST_KEY_MISUSED, because = "the keys are dead", perhaps = true)
class DeadKeyTest {

    private static final int MTU = 256;
    private static final int PACKETS = 64;
    private static final int LENGTH = MTU * PACKETS;
    private static final byte BEFORE = 0x11;
    private static final byte SENT = 0x22;
    private static final byte AFTER = 0x33;
    private static final Set<SendFlag> SIGNALED = Set.of(SendFlag.SIGNALED);
    private static final Set<AccessFlag> REMOTE =
            EnumSet.of(AccessFlag.LOCAL_WRITE, AccessFlag.REMOTE_WRITE, AccessFlag.REMOTE_READ);

    /// What opens the memory, and how it ends.
    enum Kind {
        DEREGISTERED_REGION,
        INVALIDATED_WINDOW,
        INVALIDATED_FAST_REGISTRATION
    }

    /// Counts the packets that matter: those of a WRITE that arrived, those of an answer that left.
    private static final class Counting implements PacketObserver {

        private int writes;
        private int answers;

        @Override
        public void onSent(Place place, ByteBuffer packet, int length) {
            answers += is(packet, Operation.READ_RESPONSE) ? 1 : 0;
        }

        @Override
        public void onArrived(Place place, ByteBuffer packet, int length) {
            writes += is(packet, Operation.WRITE) ? 1 : 0;
        }

        private static boolean is(ByteBuffer packet, Operation operation) {
            RoceOpcode opcode = RoceOpcode.of(packet.get(0) & 0xff);
            return opcode != null && opcode.operation() == operation;
        }
    }

    /// Two nodes, so slow a path that packets leave one by one, and memory with a key.
    private static final class Bench {

        private final World world = new World(1, FaultPlan.none());
        private final Counting counting = new Counting();
        private final TestNode left;
        private final TestNode right;
        private final MemorySegment bytes;
        private final long address;
        private final int key;
        private final Runnable end;

        Bench(Kind kind) {
            world.network()
                    .standard(
                            new PathSettings(
                                    Duration.ofNanos(1000), Duration.ZERO, 8_000_000, 9000));
            world.network().observe(counting);
            left = new TestNode(world.addHost().openDevice(), LENGTH);
            right =
                    new TestNode(
                            world.addHost().openDevice(DmaSettings.of(DmaAddressing.PHYSICAL)),
                            LENGTH);
            TestNode.connect(left, right, Mtu.MTU_256);
            switch (kind) {
                case DEREGISTERED_REGION -> {
                    bytes = TestNode.allocate(LENGTH);
                    MemoryRegion region = right.domain.registerMemory(bytes, REMOTE);
                    address = region.address();
                    key = region.remoteKey();
                    end = region::close;
                }
                case INVALIDATED_WINDOW -> {
                    bytes = right.region.segment();
                    address = right.region.address();
                    MemoryWindow window =
                            right.domain.allocateMemoryWindow(MemoryWindowType.TYPE_2);
                    key = window.nextRemoteKey();
                    carryOut(
                            new SendWorkRequest.BindMemoryWindow(
                                    1,
                                    window,
                                    key,
                                    MemoryWindowBinding.of(right.region, REMOTE),
                                    SIGNALED));
                    end = this::invalidate;
                }
                case INVALIDATED_FAST_REGISTRATION -> {
                    PhysicalAllocation pages =
                            right.privileged()
                                    .context()
                                    .physicalMemory()
                                    .allocate(PhysicalMemoryRequest.scattered(LENGTH));
                    DmaMapping mapping =
                            right.privileged()
                                    .context()
                                    .dma()
                                    .map(pages, DmaDirection.BIDIRECTIONAL);
                    FastRegion region = right.privileged().allocateFastRegion(LENGTH / 4096);
                    region.mapSegments(mapping.segments(), 0, 4096);
                    bytes = pages.segment();
                    address = region.address();
                    key = region.incrementKey();
                    carryOut(new SendWorkRequest.RegisterMemory(1, region, key, REMOTE, SIGNALED));
                    end = this::invalidate;
                }
                default -> throw new AssertionError(kind);
            }
            bytes.fill(BEFORE);
        }

        private void carryOut(SendWorkRequest request) {
            right.queuePair.postSend(request);
            List<WorkCompletion> done = new ArrayList<>();
            // It has its turn when the link has room.
            world.runUntil(
                    () -> {
                        done.addAll(right.pollSends());
                        return !done.isEmpty();
                    },
                    Duration.ofMinutes(1));
            assertThat(done).singleElement().matches(WorkCompletion::isSuccess);
        }

        void until(BooleanSupplier reached) {
            assertThat(world.runUntil(reached, Duration.ofMinutes(1))).isTrue();
        }

        private void invalidate() {
            carryOut(new SendWorkRequest.LocalInvalidate(2, key, SIGNALED));
        }

        WorkCompletionStatus finish() {
            List<WorkCompletionStatus> statuses = new ArrayList<>();
            world.runUntil(
                    () -> {
                        left.pollSends().forEach(done -> statuses.add(done.status()));
                        return !statuses.isEmpty();
                    },
                    Duration.ofMinutes(1));
            // Whatever is still under way may come.
            world.run(Duration.ofSeconds(1));
            assertThat(statuses).hasSize(1);
            return statuses.getFirst();
        }
    }

    private static WorkCompletionStatus expected(int boundary) {
        return boundary == PACKETS
                ? WorkCompletionStatus.SUCCESS
                : WorkCompletionStatus.REM_ACCESS_ERR;
    }

    private static byte[] parts(int boundary, byte first, byte rest) {
        byte[] parts = new byte[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            parts[i] = i < boundary * MTU ? first : rest;
        }
        return parts;
    }

    private static byte[] contents(MemorySegment segment) {
        return segment.toArray(ValueLayout.JAVA_BYTE);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void shouldWriteNothingBehindADeadKeyAtAnyPacketBoundary(Kind kind) {
        for (int boundary = 0; boundary <= PACKETS; boundary++) {
            Bench bench = new Bench(kind);
            int arrived = boundary;
            bench.left.region.segment().fill(SENT);
            bench.left.queuePair.postSend(
                    new SendWorkRequest.RdmaWrite(
                            3,
                            List.of(bench.left.region.element(0, LENGTH)),
                            bench.address,
                            bench.key,
                            SIGNALED));
            bench.until(() -> bench.counting.writes == arrived);
            assertThat(contents(bench.bytes)).isEqualTo(parts(boundary, SENT, BEFORE));
            bench.end.run();
            bench.bytes.fill(AFTER);
            assertThat(bench.finish()).as("boundary %d", boundary).isEqualTo(expected(boundary));
            assertThat(contents(bench.bytes))
                    .as("boundary %d", boundary)
                    .isEqualTo(parts(0, AFTER, AFTER));
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void shouldReadNothingBehindADeadKeyAtAnyPacketBoundary(Kind kind) {
        for (int boundary = 0; boundary <= PACKETS; boundary++) {
            Bench bench = new Bench(kind);
            int sent = boundary;
            bench.bytes.fill(SENT);
            bench.left.region.segment().fill(BEFORE);
            bench.left.queuePair.postSend(
                    new SendWorkRequest.RdmaRead(
                            3,
                            List.of(bench.left.region.element(0, LENGTH)),
                            bench.address,
                            bench.key,
                            SIGNALED));
            bench.until(() -> bench.counting.answers == sent);
            bench.end.run();
            // What is read from now on would show.
            bench.bytes.fill(AFTER);
            int answers = bench.counting.answers;
            assertThat(answers).isBetween(boundary, boundary + 1);
            assertThat(bench.finish()).as("boundary %d", boundary).isEqualTo(expected(answers));
            assertThat(bench.counting.answers).isEqualTo(answers);
            assertThat(contents(bench.left.region.segment()))
                    .as("boundary %d", boundary)
                    .isEqualTo(parts(answers, SENT, BEFORE));
        }
    }
}
