package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.softverbs.soft.device.Refusals.refused;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.MemoryWindow;
import org.softverbs.verbs.MemoryWindowBinding;
import org.softverbs.verbs.MemoryWindowType;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.Reregistration;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// What can be registered, and registered anew.
class RegistrationTest {

    private static final Set<SendFlag> SIGNALED = EnumSet.of(SendFlag.SIGNALED);
    private static final WorkCompletionStatus OK = WorkCompletionStatus.SUCCESS;
    private static final WorkCompletionStatus DENIED = WorkCompletionStatus.REM_ACCESS_ERR;
    private static final int COLLECTIONS = 20;

    private final InProcessPair pair = new InProcessPair(1 << 16, Mtu.MTU_1024);
    private final TestNode left = pair.left;
    private final TestNode right = pair.right;

    private WorkCompletionStatus one(SendWorkRequest request) {
        List<WorkCompletionStatus> done = pair.run(request);
        assertThat(done).hasSize(1);
        if (done.getFirst() != OK) {
            pair.reconnect();
        }
        return done.getFirst();
    }

    private WorkCompletionStatus write(long address, int key, int length) {
        return one(
                new SendWorkRequest.RdmaWrite(
                        1, List.of(left.region.element(0, length)), address, key, SIGNALED));
    }

    private WorkCompletionStatus read(long address, int key, int length) {
        return one(
                new SendWorkRequest.RdmaRead(
                        1, List.of(left.region.element(0, length)), address, key, SIGNALED));
    }

    private static Set<AccessFlag> with(AccessFlag flag) {
        EnumSet<AccessFlag> flags = EnumSet.copyOf(TestNode.ALL_ACCESS);
        flags.add(flag);
        return flags;
    }

    /// RUT-ACC-006.
    @Test
    void shouldBeginAtZeroWhenItIsZeroBased() {
        MemorySegment bytes = TestNode.allocate(64);
        MemoryRegion region = right.domain.registerMemory(bytes, with(AccessFlag.ZERO_BASED));
        assertThat(region.address()).isZero();
        left.fill(2);
        assertThat(write(0, region.remoteKey(), 64)).isEqualTo(OK);
        assertThat(bytes.mismatch(left.region.segment().asSlice(0, 64))).isEqualTo(-1);
        assertThat(write(1, region.remoteKey(), 64)).isEqualTo(DENIED);
        assertThat(write(-1, region.remoteKey(), 64)).isEqualTo(DENIED);
        refused(
                Errno.EINVAL,
                () -> right.domain.registerMemoryAt(bytes, 4096, with(AccessFlag.ZERO_BASED)),
                "0x1000",
                "ZERO_BASED");
    }

    /// The garbage collector may move it: no operation minds.
    @Test
    void shouldServeMemoryOnTheHeap() {
        byte[] array = new byte[3000];
        MemoryRegion region =
                right.domain.registerMemory(MemorySegment.ofArray(array), TestNode.ALL_ACCESS);
        checkAllOperations(region);
        assertThat(array[9]).isEqualTo(region.segment().get(ValueLayout.JAVA_BYTE, 9)).isNotZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldServeBuffersFromPositionToLimit(boolean direct) {
        ByteBuffer buffer = direct ? ByteBuffer.allocateDirect(4096) : ByteBuffer.allocate(4096);
        buffer.position(16).limit(3016);
        MemoryRegion region = right.domain.registerMemory(buffer, TestNode.ALL_ACCESS);
        assertThat(region.length()).isEqualTo(3000);
        checkAllOperations(region);
        assertThat(buffer.get(15)).isZero();
        assertThat(buffer.get(3016 - 1)).isNotZero();
        refused(
                Errno.EINVAL,
                () -> right.domain.registerMemory(buffer.asReadOnlyBuffer(), TestNode.ALL_ACCESS),
                "read-only");
    }

    /// A region of 3000 bytes on the right: written, read, received into, sent from, and counted
    /// in.
    private void checkAllOperations(MemoryRegion region) {
        left.fill(6);
        MemorySegment own = left.region.segment().asSlice(0, 3000);
        assertThat(write(region.address(), region.remoteKey(), 3000)).isEqualTo(OK);
        assertThat(region.segment().mismatch(own)).isEqualTo(-1);
        left.region.segment().fill((byte) 0);
        assertThat(read(region.address(), region.remoteKey(), 3000)).isEqualTo(OK);
        assertThat(region.segment().mismatch(own)).isEqualTo(-1);
        right.queuePair.postReceive(new ReceiveWorkRequest(2, region.element(8, 2000)));
        left.fill(7);
        assertThat(
                        one(
                                new SendWorkRequest.Send(
                                        1, List.of(left.region.element(0, 2000)), SIGNALED)))
                .isEqualTo(OK);
        assertThat(right.pollReceives()).hasSize(1).allMatch(WorkCompletion::isSuccess);
        assertThat(region.segment().asSlice(8, 2000).mismatch(own.asSlice(0, 2000))).isEqualTo(-1);
        left.queuePair.postReceive(new ReceiveWorkRequest(3, left.region.element(0, 3000)));
        assertThat(
                        pair.run(
                                right,
                                new SendWorkRequest.Send(4, List.of(region.element()), SIGNALED)))
                .containsExactly(OK);
        assertThat(region.segment().mismatch(own)).isEqualTo(-1);
        left.pollReceives();
        long before = region.segment().get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
        assertThat(
                        one(
                                new SendWorkRequest.FetchAndAdd(
                                        1,
                                        List.of(left.region.element(0, 8)),
                                        region.address() + padTo8(region.address()),
                                        region.remoteKey(),
                                        1L << 40,
                                        SIGNALED)))
                .isEqualTo(OK);
        if (padTo8(region.address()) == 0) {
            assertThat(region.segment().get(ValueLayout.JAVA_LONG_UNALIGNED, 0))
                    .isEqualTo(before + (1L << 40));
        }
        assertThat(own.get(ValueLayout.JAVA_LONG, 0))
                .isEqualTo(
                        region.segment()
                                        .get(
                                                ValueLayout.JAVA_LONG_UNALIGNED,
                                                padTo8(region.address()))
                                - (1L << 40));
    }

    private static long padTo8(long address) {
        return -address & 7;
    }

    /// The registration alone keeps the segment.
    @Test
    void shouldHoldItsSegmentUntilItIsClosed() {
        MemoryRegion region =
                right.domain.registerMemory(Arena.ofAuto().allocate(64), TestNode.ALL_ACCESS);
        WeakReference<MemorySegment> segment = new WeakReference<>(region.segment());
        long address = region.address();
        int key = region.remoteKey();
        WeakReference<MemoryRegion> handle = new WeakReference<>(region);
        collect();
        assertThat(segment.get()).isNotNull();
        assertThat(write(address, key, 64)).isEqualTo(OK);
        region.close();
        region = right.region;
        // An engine remembers the memory that it touched last.
        assertThat(write(region.address(), region.remoteKey(), 64)).isEqualTo(OK);
        for (int i = 0; i < COLLECTIONS && segment.get() != null; i++) {
            collect();
        }
        assertThat(handle.get()).isNull();
        assertThat(segment.get()).isNull();
        assertThat(region.length()).isEqualTo(1 << 16);
    }

    private static void collect() {
        System.gc();
    }

    @Test
    void shouldGetNewKeysWithOtherMemory() {
        MemorySegment first = TestNode.allocate(64);
        MemorySegment second = TestNode.allocate(128);
        MemoryRegion region = right.domain.registerMemory(first, TestNode.ALL_ACCESS);
        long oldAddress = region.address();
        int oldKey = region.remoteKey();
        region.reregister(Reregistration.nothing().withTranslation(second));
        assertThat(region.segment()).isSameAs(second);
        assertThat(region.length()).isEqualTo(128);
        assertThat(region.remoteKey()).isNotEqualTo(oldKey).isEqualTo(region.localKey());
        left.fill(8);
        assertThat(write(region.address(), region.remoteKey(), 128)).isEqualTo(OK);
        assertThat(write(oldAddress, oldKey, 8)).isEqualTo(DENIED);
        assertThat(write(region.address(), oldKey, 8)).isEqualTo(DENIED);
        assertThat(first.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
        assertThat(second.mismatch(left.region.segment().asSlice(0, 128))).isEqualTo(-1);
    }

    /// RUT-MR-010.
    @Test
    void shouldKeepItsKeyWithOtherRights() {
        MemoryRegion region =
                right.domain.registerMemory(TestNode.allocate(64), TestNode.ALL_ACCESS);
        int key = region.remoteKey();
        assertThat(read(region.address(), key, 8)).isEqualTo(OK);
        Set<AccessFlag> less = EnumSet.copyOf(TestNode.ALL_ACCESS);
        less.remove(AccessFlag.REMOTE_READ);
        region.reregister(Reregistration.nothing().withAccess(less));
        assertThat(region.remoteKey()).isEqualTo(key);
        assertThat(region.access()).isEqualTo(less);
        assertThat(read(region.address(), key, 8)).isEqualTo(DENIED);
        assertThat(write(region.address(), key, 8)).isEqualTo(OK);
    }

    /// RUT-MR-006.
    @Test
    void shouldMoveToAnotherDomain() {
        ProtectionDomain other = right.context.allocateProtectionDomain();
        MemoryRegion region = other.registerMemory(TestNode.allocate(64), TestNode.ALL_ACCESS);
        int key = region.remoteKey();
        assertThat(read(region.address(), key, 8)).isEqualTo(DENIED);
        region.reregister(Reregistration.nothing().withDomain(right.domain));
        assertThat(region.protectionDomain()).isSameAs(right.domain);
        assertThat(read(region.address(), key, 8)).isEqualTo(OK);
        other.close();
        refused(Errno.EBUSY, right.domain::close, region.toString());
        region.close();
        assertThat(read(region.address(), key, 8)).isEqualTo(DENIED);
    }

    /// RUT-MR-007, 008.
    @Test
    void shouldChangeAllOrNothing() {
        MemorySegment first = TestNode.allocate(64);
        MemoryRegion region = right.domain.registerMemory(first, TestNode.ALL_ACCESS);
        int key = region.remoteKey();
        long address = region.address();
        Reregistration good = Reregistration.nothing().withTranslation(TestNode.allocate(8));
        Arena closed = Arena.ofShared();
        MemorySegment gone = closed.allocate(8);
        closed.close();
        ProtectionDomain shut = right.context.allocateProtectionDomain();
        shut.close();
        refused(
                Errno.EINVAL,
                () -> region.reregister(good.withAccess(EnumSet.of(AccessFlag.REMOTE_WRITE))),
                "reregister",
                "LOCAL_WRITE");
        refused(
                Errno.EINVAL,
                () -> region.reregister(good.withTranslation(TestNode.allocate(8).asSlice(0, 0))),
                "length 0");
        refused(
                Errno.EINVAL,
                () -> region.reregister(good.withTranslation(gone)),
                "arena is closed");
        refused(
                Errno.EINVAL,
                () -> region.reregister(good.withDomain(left.domain)),
                "another context");
        refused(
                Errno.EINVAL,
                () ->
                        region.reregister(
                                Reregistration.nothing().withAccess(with(AccessFlag.ZERO_BASED))),
                "ZERO_BASED");
        assertThatThrownBy(() -> region.reregister(good.withDomain(shut)))
                .isInstanceOf(IllegalStateException.class);
        assertThat(region.segment()).isSameAs(first);
        assertThat(region.remoteKey()).isEqualTo(key);
        assertThat(region.address()).isEqualTo(address);
        assertThat(region.access()).isEqualTo(TestNode.ALL_ACCESS);
        assertThat(write(address, key, 64)).isEqualTo(OK);
        region.close();
        assertThatThrownBy(() -> region.reregister(good)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldNotChangeUnderAWindow() {
        MemoryWindow window = right.domain.allocateMemoryWindow(MemoryWindowType.TYPE_1);
        int key =
                right.queuePair.bindMemoryWindow(
                        1,
                        window,
                        MemoryWindowBinding.of(right.region, EnumSet.of(AccessFlag.REMOTE_READ)),
                        SIGNALED);
        pair.settle();
        Reregistration change = Reregistration.nothing().withTranslation(TestNode.allocate(64));
        refused(
                Errno.EBUSY,
                () -> right.region.reregister(change),
                "memory window 0x" + Integer.toHexString(key));
        assertThat(read(right.region.address(), key, 64)).isEqualTo(OK);
        window.close();
        right.region.reregister(change);
        assertThat(right.region.length()).isEqualTo(64);
    }

    @Test
    void shouldChangeRightsButNotMemoryOfDmaAddresses() {
        InProcessPair kernel = new InProcessPair(64, Mtu.MTU_1024, DmaAddressing.PHYSICAL);
        MemoryRegion all = kernel.left.privileged().registerDma(Set.of());
        all.reregister(Reregistration.nothing().withAccess(EnumSet.of(AccessFlag.LOCAL_WRITE)));
        assertThat(all.access()).containsExactly(AccessFlag.LOCAL_WRITE);
        refused(
                Errno.EOPNOTSUPP,
                () ->
                        all.reregister(
                                Reregistration.nothing().withTranslation(TestNode.allocate(8))),
                "DMA addresses");
        assertThatThrownBy(all::segment).isInstanceOf(IllegalStateException.class);
    }
}
