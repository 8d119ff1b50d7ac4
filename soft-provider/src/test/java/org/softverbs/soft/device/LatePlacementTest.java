package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.softverbs.soft.profile.Deviation;
import org.softverbs.soft.profile.DeviceProfile;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.WorkCompletionStatus;

/// WRITEs that are placed late, where memory and profile allow it: when they land at the latest.
class LatePlacementTest {

    private static final int LENGTH = 8192;
    private static final Set<SendFlag> SIGNALED = EnumSet.of(SendFlag.SIGNALED);
    private static final Duration LONG_ENOUGH = Duration.ofMillis(1);

    private final InProcessPair pair =
            new InProcessPair(
                    LENGTH,
                    Mtu.MTU_1024,
                    64,
                    DeviceProfile.of(Deviation.RELAXED_WRITES_PLACED_LATE));
    private final MemorySegment memory = TestNode.allocate(LENGTH);
    private final MemoryRegion region = pair.right.domain.registerMemory(memory, relaxed());

    private static Set<AccessFlag> relaxed() {
        Set<AccessFlag> access = EnumSet.copyOf(TestNode.ALL_ACCESS);
        access.add(AccessFlag.RELAXED_ORDERING);
        return access;
    }

    @AfterEach
    void close() {
        for (TestNode node : List.of(pair.left, pair.right)) {
            assertThat(node.context.counters().get("engine_faults")).isZero();
        }
    }

    private void write(MemoryRegion to, long offset, int length, int fill) {
        pair.left.region.segment().asSlice(0, length).fill((byte) fill);
        SendWorkRequest request =
                new SendWorkRequest.RdmaWrite(
                        1,
                        List.of(pair.left.region.element(0, length)),
                        to.address() + offset,
                        to.remoteKey(),
                        SIGNALED);
        assertThat(pair.run(request)).containsExactly(WorkCompletionStatus.SUCCESS);
    }

    private byte at(long offset) {
        return memory.get(ValueLayout.JAVA_BYTE, offset);
    }

    @Test
    void shouldPlaceTheEndOfAMessageBeforeItsBeginning() {
        write(region, 0, 2048, 5);
        assertThat(at(2047)).isEqualTo((byte) 5);
        assertThat(at(0)).isZero();
        pair.advance(LONG_ENOUGH);
        assertThat(at(0)).isEqualTo((byte) 5);
    }

    @Test
    void shouldPlaceAtOnceWhatIsNotRelaxed() {
        write(pair.right.region, 0, 8, 5);
        assertThat(pair.right.region.segment().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 5);
    }

    @Test
    void shouldKeepTheOrderOfWritesToTheSamePlace() {
        write(region, 0, 16, 5);
        write(region, 8, 16, 6);
        pair.advance(LONG_ENOUGH);
        assertThat(at(7)).isEqualTo((byte) 5);
        assertThat(at(8)).isEqualTo((byte) 6);
        assertThat(at(23)).isEqualTo((byte) 6);
    }

    @Test
    void shouldLandBeforeAReceiveCompletes() {
        pair.right.queuePair.postReceive(
                new ReceiveWorkRequest(7, pair.right.region.element(0, 8)));
        write(region, 0, 8, 5);
        assertThat(at(0)).isZero();
        pair.run(new SendWorkRequest.Send(2, List.of(), SIGNALED));
        assertThat(pair.right.pollReceives()).hasSize(1);
        assertThat(at(0)).isEqualTo((byte) 5);
    }

    @Test
    void shouldLandBeforeARead() {
        write(region, 0, 8, 5);
        assertThat(at(0)).isZero();
        pair.run(
                new SendWorkRequest.RdmaRead(
                        2,
                        List.of(pair.left.region.element(64, 8)),
                        region.address(),
                        region.remoteKey(),
                        SIGNALED));
        assertThat(pair.left.region.segment().get(ValueLayout.JAVA_BYTE, 64)).isEqualTo((byte) 5);
    }

    @Test
    void shouldPlaceNothingOnceTheRegionIsClosed() {
        write(region, 0, 8, 5);
        assertThat(at(0)).isZero();
        region.close();
        assertThat(at(0)).isEqualTo((byte) 5);
        memory.fill((byte) 0);
        pair.advance(LONG_ENOUGH);
        assertThat(at(0)).isZero();
    }

    @Test
    void shouldLandWhenTheQueuePairEnds() {
        write(region, 0, 8, 5);
        pair.right.queuePair.modify(QueuePairAttributes.to(QueuePairState.ERR));
        assertThat(at(0)).isEqualTo((byte) 5);
        pair.reconnect();
        write(region, 0, 8, 6);
        pair.right.queuePair.modify(QueuePairAttributes.to(QueuePairState.RESET));
        assertThat(at(0)).isEqualTo((byte) 6);
    }

    @Test
    void shouldSurviveMemoryThatGoesMeanwhile() {
        Arena arena = Arena.ofShared();
        MemorySegment gone = arena.allocate(64, 8);
        MemoryRegion late = pair.right.domain.registerMemory(gone, relaxed());
        write(late, 0, 8, 5);
        arena.close();
        pair.advance(LONG_ENOUGH);
        write(region, 0, 8, 6);
        pair.advance(LONG_ENOUGH);
        assertThat(at(0)).isEqualTo((byte) 6);
    }
}
