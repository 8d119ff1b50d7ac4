package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.junit.Provokes;
import org.softverbs.sanitizer.Finding;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.FastRegion;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.MemoryWindow;
import org.softverbs.verbs.MemoryWindowBinding;
import org.softverbs.verbs.MemoryWindowType;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// Refused, and nothing touched: every byte of every memory is the same before and after.
class RefusedKeyTest {

    private static final int LENGTH = 3000;
    private static final Set<SendFlag> SIGNALED = EnumSet.of(SendFlag.SIGNALED);
    private static final WorkCompletionStatus OK = WorkCompletionStatus.SUCCESS;
    private static final WorkCompletionStatus DENIED = WorkCompletionStatus.REM_ACCESS_ERR;
    private static final WorkCompletionStatus LOCAL = WorkCompletionStatus.LOC_PROT_ERR;

    private InProcessPair pair = new InProcessPair(1 << 14, Mtu.MTU_1024);
    private TestNode left = pair.left;
    private TestNode right = pair.right;
    private PhysicalAllocation physical = allocate();
    private final List<MemorySegment> watched = new ArrayList<>();
    private final List<byte[]> before = new ArrayList<>();

    private PhysicalAllocation allocate() {
        return pair.host.physicalMemory().allocate(PhysicalMemoryRequest.contiguous(LENGTH));
    }

    @BeforeEach
    void watchAll() {
        watched.clear();
        before.clear();
        left.fill(1);
        right.fill(2);
        watch(left.region.segment());
        watch(right.region.segment());
        watch(filled(physical.segment(), 3));
    }

    private void useKernel() {
        pair = new InProcessPair(1 << 14, Mtu.MTU_1024, DmaAddressing.PHYSICAL);
        left = pair.left;
        right = pair.right;
        physical = allocate();
        watchAll();
    }

    private static MemorySegment filled(MemorySegment segment, int seed) {
        for (long i = 0; i < segment.byteSize(); i++) {
            segment.set(ValueLayout.JAVA_BYTE, i, TestNode.pattern(seed, i));
        }
        return segment;
    }

    private void watch(MemorySegment segment) {
        watched.add(segment);
        before.add(segment.toArray(ValueLayout.JAVA_BYTE));
    }

    private void assertUntouched() {
        for (int i = 0; i < watched.size(); i++) {
            assertThat(watched.get(i).mismatch(MemorySegment.ofArray(before.get(i))))
                    .as("first byte of memory %s that changed", i)
                    .isEqualTo(-1);
        }
    }

    /// The left node's request ends so, both queue pairs are then as new, and no byte changed.
    private void refused(WorkCompletionStatus status, SendWorkRequest request) {
        assertThat(pair.run(request)).as("%s", request).containsExactly(status);
        assertThat(left.queuePair.state()).isEqualTo(QueuePairState.ERR);
        assertUntouched();
        pair.reconnect();
    }

    private Sge good() {
        return left.region.element(0, LENGTH);
    }

    private SendWorkRequest write(Sge element, long address, int key) {
        return new SendWorkRequest.RdmaWrite(1, List.of(element), address, key, SIGNALED);
    }

    private SendWorkRequest read(Sge element, long address, int key) {
        return new SendWorkRequest.RdmaRead(1, List.of(element), address, key, SIGNALED);
    }

    /// WRITE, READ and both atomics against one remote address.
    private void refusedRemotely(long address, int key) {
        refused(DENIED, write(good(), address, key));
        refused(DENIED, read(good(), address, key));
        List<Sge> eight = List.of(left.region.element(0, 8));
        refused(DENIED, new SendWorkRequest.FetchAndAdd(1, eight, address, key, 1, SIGNALED));
        refused(
                DENIED,
                new SendWorkRequest.CompareAndSwap(
                        1, eight, address, key, atomicOperand(), 77, SIGNALED));
    }

    /// What a compare-and-swap would find in the physical memory.
    private long atomicOperand() {
        return physical.segment().get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
    }

    private int localKeyOf(TestNode node, boolean zero) {
        return zero ? 0 : ((SoftDevice) node.context).keys().localDmaKey();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Provokes(value = Finding.LOCAL_KEY_MISUSED, because = "it is refused")
    void shouldRefuseTheLocalDmaKeyToAUser(boolean zero) {
        int key = localKeyOf(left, zero);
        Sge element = new Sge(physical.address(0), LENGTH, key);
        long remote = right.region.address();
        refused(LOCAL, write(element, remote, right.region.remoteKey()));
        refused(LOCAL, read(element, remote, right.region.remoteKey()));
        right.queuePair.postReceive(new ReceiveWorkRequest(2, right.region.element()));
        refused(LOCAL, new SendWorkRequest.Send(1, List.of(element), SIGNALED));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Provokes(value = Finding.LOCAL_KEY_MISUSED, because = "it is refused")
    void shouldRefuseTheLocalDmaKeyInAReceiveOfAUser(boolean zero) {
        right.queuePair.postReceive(
                new ReceiveWorkRequest(
                        2, new Sge(physical.address(0), LENGTH, localKeyOf(right, zero))));
        assertThat(pair.run(new SendWorkRequest.Send(1, List.of(good()), SIGNALED)))
                .containsExactly(WorkCompletionStatus.REM_OP_ERR);
        assertThat(right.pollReceives()).extracting(WorkCompletion::status).containsExactly(LOCAL);
        assertUntouched();
    }

    /// Also of kernel code, and also a domain with the key to everything has another number for it.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Provokes(value = Finding.LOCAL_KEY_MISUSED, because = "it is refused")
    void shouldRefuseTheLocalDmaKeyToAPeer(boolean zero) {
        refusedRemotely(physical.address(0), localKeyOf(right, zero));
        refusedRemotely(right.region.address(), localKeyOf(right, zero));
        useKernel();
        refusedRemotely(physical.address(0), localKeyOf(right, zero));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Provokes(value = Finding.LOCAL_KEY_MISUSED, because = "it is refused")
    void shouldNotInvalidateTheLocalDmaKey(boolean zero) {
        for (int tier = 0; tier < 2; tier++) {
            refused(
                    WorkCompletionStatus.MW_BIND_ERR,
                    new SendWorkRequest.LocalInvalidate(1, localKeyOf(left, zero), SIGNALED));
            right.queuePair.postReceive(new ReceiveWorkRequest(2, right.region.element()));
            refused(
                    WorkCompletionStatus.REM_INV_REQ_ERR,
                    new SendWorkRequest.SendWithInvalidate(
                            1,
                            List.of(left.region.element(0, 100)),
                            localKeyOf(right, zero),
                            SIGNALED));
            if (tier == 0) {
                useKernel();
            }
        }
        // It works on, on both sides.
        for (TestNode node : List.of(left, right)) {
            TestNode peer = node.equals(left) ? right : left;
            assertThat(
                            pair.run(
                                    node,
                                    write(
                                            new Sge(physical.address(0), 8, localKeyOf(node, zero)),
                                            peer.region.address(),
                                            peer.region.remoteKey())))
                    .containsExactly(OK);
        }
    }

    @Test
    void shouldRefuseMemoryOfAnotherDomain() {
        ProtectionDomain other = right.context.allocateProtectionDomain();
        MemorySegment bytes = filled(TestNode.allocate(LENGTH), 4);
        watch(bytes);
        MemoryRegion region = other.registerMemory(bytes, TestNode.ALL_ACCESS);
        refusedRemotely(region.address(), region.remoteKey());
        ProtectionDomain own = left.context.allocateProtectionDomain();
        MemoryRegion foreign =
                own.registerMemory(filled(TestNode.allocate(LENGTH), 5), TestNode.ALL_ACCESS);
        watch(foreign.segment());
        long remote = right.region.address();
        refused(LOCAL, write(foreign.element(), remote, right.region.remoteKey()));
        refused(LOCAL, read(foreign.element(), remote, right.region.remoteKey()));
    }

    @Test
    @Provokes(value = Finding.FAST_KEY_MISUSED, because = "it is refused")
    void shouldRefuseAStaleKeyOfAFastRegistration() {
        useKernel();
        FastRegion region = right.privileged().allocateFastRegion(8);
        DmaMapping mapping =
                right.privileged().context().dma().map(physical, DmaDirection.BIDIRECTIONAL);
        region.mapSegments(mapping.segments(), 0, 4096);
        Set<AccessFlag> access = EnumSet.copyOf(TestNode.ALL_ACCESS);
        access.remove(AccessFlag.MW_BIND);
        int stale = region.localKey();
        onRight(new SendWorkRequest.RegisterMemory(1, region, stale, access, SIGNALED));
        onRight(new SendWorkRequest.LocalInvalidate(1, stale, SIGNALED));
        refusedRemotely(region.address(), stale);
        int fresh = region.incrementKey();
        onRight(new SendWorkRequest.RegisterMemory(1, region, fresh, access, SIGNALED));
        refusedRemotely(region.address(), stale);
        refusedRemotely(region.address() - 8, fresh);
        refusedRemotely(region.address() + LENGTH, fresh);
        assertThat(
                        pair.run(
                                right,
                                write(
                                        new Sge(region.address(), 8, stale),
                                        left.region.address(),
                                        left.region.remoteKey())))
                .containsExactly(LOCAL);
        assertUntouched();
        mapping.close();
    }

    private void onRight(SendWorkRequest request) {
        assertThat(pair.run(right, request)).containsExactly(OK);
    }

    @ParameterizedTest
    @EnumSource
    void shouldRefuseWhatIsOutsideAWindow(MemoryWindowType type) {
        MemoryWindow window = right.domain.allocateMemoryWindow(type);
        MemoryWindowBinding binding =
                MemoryWindowBinding.of(
                        right.region,
                        right.region.address() + 4096,
                        LENGTH,
                        EnumSet.of(
                                AccessFlag.REMOTE_READ,
                                AccessFlag.REMOTE_WRITE,
                                AccessFlag.REMOTE_ATOMIC));
        if (type == MemoryWindowType.TYPE_1) {
            right.queuePair.bindMemoryWindow(1, window, binding, SIGNALED);
            pair.settle();
            assertThat(right.pollSends()).allMatch(WorkCompletion::isSuccess).hasSize(1);
        } else {
            onRight(
                    new SendWorkRequest.BindMemoryWindow(
                            1, window, window.nextRemoteKey(), binding, SIGNALED));
        }
        long start = right.region.address() + 4096;
        refusedRemotely(start - 8, window.remoteKey());
        refusedRemotely(start + LENGTH, window.remoteKey());
        refused(DENIED, write(good(), start + 1, window.remoteKey()));
        refused(DENIED, read(good(), start + 1, window.remoteKey()));
        refusedRemotely(start, window.nextRemoteKey());
    }
}
