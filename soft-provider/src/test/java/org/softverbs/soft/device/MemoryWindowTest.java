package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.soft.device.Refusals.refused;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.MemoryWindow;
import org.softverbs.verbs.MemoryWindowBinding;
import org.softverbs.verbs.MemoryWindowType;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.RdmaDevice;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// Memory windows: the rows RUT-MW, RUT-BUF-02x, RUT-PD and RUT-ACC that are about them. The right
/// node binds, the left one comes in.
class MemoryWindowTest {

    private static final Set<SendFlag> SIGNALED = EnumSet.of(SendFlag.SIGNALED);
    private static final Set<AccessFlag> REMOTE =
            EnumSet.of(AccessFlag.REMOTE_READ, AccessFlag.REMOTE_WRITE, AccessFlag.REMOTE_ATOMIC);
    private static final WorkCompletionStatus OK = WorkCompletionStatus.SUCCESS;
    private static final WorkCompletionStatus DENIED = WorkCompletionStatus.REM_ACCESS_ERR;
    private static final WorkCompletionStatus BIND_ERROR = WorkCompletionStatus.MW_BIND_ERR;

    private final InProcessPair pair = new InProcessPair(1 << 16, Mtu.MTU_1024);
    private final TestNode left = pair.left;
    private final TestNode right = pair.right;
    private final long base = right.region.address();

    private MemoryWindow window(MemoryWindowType type) {
        return right.domain.allocateMemoryWindow(type);
    }

    private static MemoryWindowBinding part(
            MemoryRegion region, long offset, long length, Set<AccessFlag> access) {
        return MemoryWindowBinding.of(region, region.address() + offset, length, access);
    }

    /// Binds on a queue pair; a window of either type.
    private WorkCompletionStatus bind(
            QueuePair on, MemoryWindow window, MemoryWindowBinding binding) {
        switch (window.type()) {
            case TYPE_1 -> on.bindMemoryWindow(7, window, binding, SIGNALED);
            case TYPE_2 ->
                    on.postSend(
                            new SendWorkRequest.BindMemoryWindow(
                                    7, window, window.nextRemoteKey(), binding, SIGNALED));
        }
        pair.settle();
        List<WorkCompletion> done = right.pollSends();
        assertThat(done).hasSize(1).allMatch(completion -> completion.workRequestId() == 7);
        return done.getFirst().status();
    }

    private WorkCompletionStatus bind(MemoryWindow window, MemoryWindowBinding binding) {
        return bind(right.queuePair, window, binding);
    }

    /// A window of 512 bytes in the midst of the region.
    private MemoryWindow bound(MemoryWindowType type) {
        MemoryWindow window = window(type);
        assertThat(bind(window, part(right.region, 4096, 512, REMOTE))).isEqualTo(OK);
        return window;
    }

    private WorkCompletionStatus read(long address, int key, int length) {
        return one(
                new SendWorkRequest.RdmaRead(
                        1, List.of(left.region.element(0, length)), address, key, SIGNALED));
    }

    private WorkCompletionStatus write(long address, int key, int length) {
        return one(
                new SendWorkRequest.RdmaWrite(
                        1, List.of(left.region.element(0, length)), address, key, SIGNALED));
    }

    private WorkCompletionStatus fetchAndAdd(long address, int key) {
        return one(
                new SendWorkRequest.FetchAndAdd(
                        1, List.of(left.region.element(0, 8)), address, key, 1, SIGNALED));
    }

    private WorkCompletionStatus compareAndSwap(long address, int key) {
        return one(
                new SendWorkRequest.CompareAndSwap(
                        1, List.of(left.region.element(0, 8)), address, key, 0, 1, SIGNALED));
    }

    private WorkCompletionStatus one(SendWorkRequest request) {
        List<WorkCompletionStatus> done = pair.run(request);
        assertThat(done).hasSize(1);
        if (done.getFirst() != OK) {
            pair.reconnect();
        }
        return done.getFirst();
    }

    private WorkCompletionStatus invalidate(int key) {
        return pair.run(right, new SendWorkRequest.LocalInvalidate(8, key, SIGNALED)).getFirst();
    }

    /// RUT-MW-001, RUT-PD-008.
    @ParameterizedTest
    @EnumSource
    void shouldHaveDomainAndTypeAndKeepItsDomainOpen(MemoryWindowType type) {
        ProtectionDomain domain = right.context.allocateProtectionDomain();
        MemoryWindow window = domain.allocateMemoryWindow(type);
        assertThat(window.type()).isEqualTo(type);
        assertThat(window.protectionDomain()).isSameAs(domain);
        refused(Errno.EBUSY, domain::close, window.toString());
        window.close();
        window.close();
        domain.close();
    }

    /// Before it is bound its key opens nothing.
    @ParameterizedTest
    @EnumSource
    void shouldOpenNothingBeforeItIsBound(MemoryWindowType type) {
        assertThat(read(base, window(type).remoteKey(), 8)).isEqualTo(DENIED);
    }

    /// RUT-MW-004, RUT-ACC-005, 011.
    @ParameterizedTest
    @EnumSource
    void shouldOpenItsPartForEveryOperation(MemoryWindowType type) {
        int key = bound(type).remoteKey();
        left.fill(3);
        assertThat(write(base + 4096, key, 512)).isEqualTo(OK);
        assertThat(right.region.segment().asSlice(4096, 512).mismatch(leftBytes(512)))
                .isEqualTo(-1);
        assertThat(read(base + 4096, key, 512)).isEqualTo(OK);
        assertThat(fetchAndAdd(base + 4600, key)).isEqualTo(OK);
        assertThat(compareAndSwap(base + 4096, key)).isEqualTo(OK);
    }

    private MemorySegment leftBytes(int length) {
        return left.region.segment().asSlice(0, length);
    }

    /// RUT-BUF-021, 022, 025: the window's bounds, not the region's.
    @ParameterizedTest
    @EnumSource
    void shouldRefuseWhatIsOutsideTheWindowThoughInsideTheRegion(MemoryWindowType type) {
        int key = bound(type).remoteKey();
        for (long address : new long[] {base + 4095, base + 4601, base, base + 4608}) {
            assertThat(read(address, key, 8)).isEqualTo(DENIED);
            assertThat(write(address, key, 8)).isEqualTo(DENIED);
        }
        assertThat(right.region.segment().asSlice(4000, 1000).toArray(ValueLayout.JAVA_BYTE))
                .containsOnly(0);
    }

    /// RUT-BUF-023, 024, 027, 028.
    @ParameterizedTest
    @EnumSource
    void shouldNotLookAtAddressesOfNoBytes(MemoryWindowType type) {
        int key = bound(type).remoteKey();
        for (long address : new long[] {base + 4096, base, 0}) {
            assertThat(read(address, key, 0)).isEqualTo(OK);
            assertThat(write(address, key, 0)).isEqualTo(OK);
        }
    }

    /// RUT-ACC-008, 009, 013, 014: a window gives the rights it was bound with and no others.
    @ParameterizedTest
    @EnumSource
    void shouldGiveItsOwnRightsOnly(MemoryWindowType type) {
        for (AccessFlag right : REMOTE) {
            MemoryWindow window = window(type);
            assertThat(bind(window, part(this.right.region, 0, 64, EnumSet.of(right))))
                    .isEqualTo(OK);
            int key = window.remoteKey();
            assertThat(read(base, key, 8) == OK).isEqualTo(right == AccessFlag.REMOTE_READ);
            assertThat(write(base, key, 8) == OK).isEqualTo(right == AccessFlag.REMOTE_WRITE);
            assertThat(fetchAndAdd(base, key) == OK).isEqualTo(right == AccessFlag.REMOTE_ATOMIC);
        }
    }

    /// RUT-MW-034.
    @ParameterizedTest
    @EnumSource
    void shouldNeedBindAndForChangesLocalWriteOfTheRegion(MemoryWindowType type) {
        MemorySegment bytes = TestNode.allocate(64);
        List<Set<AccessFlag>> regions =
                List.of(
                        Set.of(),
                        EnumSet.of(AccessFlag.LOCAL_WRITE),
                        EnumSet.of(AccessFlag.MW_BIND),
                        EnumSet.of(AccessFlag.MW_BIND, AccessFlag.LOCAL_WRITE));
        for (Set<AccessFlag> access : regions) {
            MemoryRegion region = right.domain.registerMemory(bytes, access);
            for (AccessFlag flag : REMOTE) {
                boolean allowed =
                        access.contains(AccessFlag.MW_BIND)
                                && (flag == AccessFlag.REMOTE_READ
                                        || access.contains(AccessFlag.LOCAL_WRITE));
                MemoryWindow window = window(type);
                WorkCompletionStatus status = bind(window, part(region, 0, 64, EnumSet.of(flag)));
                assertThat(status)
                        .as("%s on %s", flag, access)
                        .isEqualTo(allowed ? OK : BIND_ERROR);
                if (!allowed) {
                    pair.reconnect();
                }
            }
        }
    }

    /// RUT-ACC-006: not for type 1.
    @Test
    void shouldBeginAtZeroWhenItIsZeroBased() {
        Set<AccessFlag> access = EnumSet.copyOf(REMOTE);
        access.add(AccessFlag.ZERO_BASED);
        MemoryWindow window = window(MemoryWindowType.TYPE_2);
        assertThat(bind(window, part(right.region, 4096, 64, access))).isEqualTo(OK);
        left.fill(5);
        assertThat(write(0, window.remoteKey(), 64)).isEqualTo(OK);
        assertThat(right.region.segment().asSlice(4096, 64).mismatch(leftBytes(64))).isEqualTo(-1);
        assertThat(write(1, window.remoteKey(), 64)).isEqualTo(DENIED);
        refused(
                Errno.EINVAL,
                () ->
                        right.queuePair.bindMemoryWindow(
                                1,
                                window(MemoryWindowType.TYPE_1),
                                part(right.region, 0, 64, access),
                                SIGNALED),
                "ZERO_BASED");
    }

    @ParameterizedTest
    @EnumSource
    void shouldNotBeBoundToAZeroBasedRegionOrBeyondARegion(MemoryWindowType type) {
        Set<AccessFlag> access = EnumSet.copyOf(TestNode.ALL_ACCESS);
        access.add(AccessFlag.ZERO_BASED);
        MemoryRegion zeroBased = right.domain.registerMemory(TestNode.allocate(64), access);
        long end = right.region.length();
        for (MemoryWindowBinding binding :
                List.of(
                        part(zeroBased, 0, 64, REMOTE),
                        part(right.region, 1, end, REMOTE),
                        part(right.region, -1, 8, REMOTE),
                        part(right.region, end, 1, REMOTE),
                        part(right.region, 8, -1, REMOTE))) {
            assertThat(bind(window(type), binding)).as("%s", binding).isEqualTo(BIND_ERROR);
            pair.reconnect();
        }
    }

    /// RUT-MW-007: a region that is no more.
    @ParameterizedTest
    @EnumSource
    void shouldNotBeBoundToAClosedRegion(MemoryWindowType type) {
        MemoryRegion closed =
                right.domain.registerMemory(TestNode.allocate(64), TestNode.ALL_ACCESS);
        closed.close();
        MemoryWindow window = window(type);
        assertThat(bind(window, part(closed, 0, 64, REMOTE))).isEqualTo(BIND_ERROR);
    }

    /// RUT-PD-011, 012, 013.
    @Test
    void shouldBeOfOneDomainWithRegionAndQueuePair() {
        ProtectionDomain other = right.context.allocateProtectionDomain();
        MemoryRegion foreign = other.registerMemory(TestNode.allocate(64), TestNode.ALL_ACCESS);
        for (MemoryWindowType type : MemoryWindowType.values()) {
            MemoryWindow own = window(type);
            MemoryWindow others = other.allocateMemoryWindow(type);
            if (type == MemoryWindowType.TYPE_1) {
                refused(Errno.EPERM, () -> bind(own, part(foreign, 0, 64, REMOTE)), "domain");
                refused(
                        Errno.EPERM,
                        () -> bind(others, part(right.region, 0, 64, REMOTE)),
                        "domain");
            } else {
                assertThat(bind(own, part(foreign, 0, 64, REMOTE))).isEqualTo(BIND_ERROR);
                pair.reconnect();
                assertThat(bind(others, part(right.region, 0, 64, REMOTE))).isEqualTo(BIND_ERROR);
                pair.reconnect();
            }
            assertThat(bind(others, part(foreign, 0, 64, REMOTE))).isEqualTo(BIND_ERROR);
            pair.reconnect();
        }
    }

    /// RUT-PD-025, 026, 028: bound well in its own domain, used by a queue pair of another.
    @Test
    void shouldRefuseAQueuePairOfAnotherDomain() {
        TestNode third = new TestNode(pair.open(3), 4096);
        ProtectionDomain other = right.context.allocateProtectionDomain();
        MemoryRegion region = other.registerMemory(TestNode.allocate(64), TestNode.ALL_ACCESS);
        QueuePair binder = queuePair(other);
        TestNode.connect(third.queuePair, third.context, binder, right.context, Mtu.MTU_1024);
        MemoryWindow window = other.allocateMemoryWindow(MemoryWindowType.TYPE_1);
        assertThat(bind(binder, window, part(region, 0, 64, REMOTE))).isEqualTo(OK);
        int key = window.remoteKey();
        assertThat(read(region.address(), key, 8)).isEqualTo(DENIED);
        assertThat(write(region.address(), key, 8)).isEqualTo(DENIED);
        assertThat(compareAndSwap(region.address(), key)).isEqualTo(DENIED);
    }

    private QueuePair queuePair(ProtectionDomain domain) {
        return domain.createQueuePair(
                new QueuePairOptions(
                        QueuePairType.RC,
                        right.sends,
                        right.receives,
                        new QueuePairCapabilities(16, 16, 1, 1, 0),
                        false));
    }

    /// A second connection between the nodes; gives the right one's end.
    private QueuePair secondConnection(QueuePair leftEnd) {
        QueuePair rightEnd = queuePair(right.domain);
        TestNode.connect(leftEnd, left.context, rightEnd, right.context, Mtu.MTU_1024);
        return rightEnd;
    }

    /// RUT-MW-014: any queue pair of the domain binds and uses a window of type 1, and may bind it
    /// again while it is bound; the key before opens nothing then.
    @Test
    void shouldBindTypeOneAgainOnAnyQueuePair() {
        QueuePair second = secondConnection(left.newQueuePair());
        MemoryWindow window = window(MemoryWindowType.TYPE_1);
        int first =
                right.queuePair.bindMemoryWindow(
                        1, window, part(right.region, 0, 64, REMOTE), SIGNALED);
        int next = second.bindMemoryWindow(2, window, part(right.region, 64, 64, REMOTE), SIGNALED);
        pair.settle();
        assertThat(right.pollSends()).hasSize(2).allMatch(WorkCompletion::isSuccess);
        assertThat(next).isNotEqualTo(first).isEqualTo(window.remoteKey());
        assertThat(read(base + 64, next, 64)).isEqualTo(OK);
        assertThat(read(base, next, 8)).isEqualTo(DENIED);
        assertThat(read(base, first, 8)).isEqualTo(DENIED);
    }

    @Test
    void shouldEndTheBindingOfTypeOneByBindingNothing() {
        for (MemoryWindowBinding nothing :
                List.of(MemoryWindowBinding.none(), part(right.region, 0, 0, REMOTE))) {
            MemoryWindow window = bound(MemoryWindowType.TYPE_1);
            int before = window.remoteKey();
            assertThat(bind(window, nothing)).isEqualTo(OK);
            assertThat(read(base + 4096, before, 8)).isEqualTo(DENIED);
            assertThat(read(base + 4096, window.remoteKey(), 8)).isEqualTo(DENIED);
        }
    }

    /// RUT-MW-019.
    @Test
    void shouldNotBindTypeTwoToNothing() {
        for (MemoryWindowBinding nothing :
                List.of(MemoryWindowBinding.none(), part(right.region, 0, 0, REMOTE))) {
            MemoryWindow window = window(MemoryWindowType.TYPE_2);
            assertThat(bind(window, nothing)).isEqualTo(BIND_ERROR);
            assertThat(right.queuePair.state()).isEqualTo(QueuePairState.ERR);
            pair.reconnect();
        }
    }

    /// RUT-MW-029: also on another queue pair. It stays bound as it was.
    @Test
    void shouldNotBindTypeTwoAgainBeforeItIsInvalidated() {
        QueuePair second = secondConnection(left.newQueuePair());
        MemoryWindow window = bound(MemoryWindowType.TYPE_2);
        int key = window.remoteKey();
        assertThat(bind(second, window, part(right.region, 0, 64, REMOTE))).isEqualTo(BIND_ERROR);
        assertThat(window.remoteKey()).isEqualTo(key);
        assertThat(read(base + 4096, key, 512)).isEqualTo(OK);
        assertThat(invalidate(key)).isEqualTo(OK);
        assertThat(bind(window, part(right.region, 0, 64, REMOTE))).isEqualTo(OK);
        assertThat(read(base, window.remoteKey(), 64)).isEqualTo(OK);
        assertThat(read(base + 4096, key, 8)).isEqualTo(DENIED);
    }

    /// Type 2B.
    @Test
    void shouldOpenTypeTwoForTheQueuePairItWasBoundOnOnly() {
        QueuePair leftEnd = left.newQueuePair();
        QueuePair second = secondConnection(leftEnd);
        MemoryWindow window = window(MemoryWindowType.TYPE_2);
        assertThat(bind(second, window, part(right.region, 0, 64, REMOTE))).isEqualTo(OK);
        leftEnd.postSend(
                new SendWorkRequest.RdmaRead(
                        1, List.of(left.region.element(0, 8)), base, window.remoteKey(), SIGNALED));
        pair.settle();
        assertThat(left.pollSends()).hasSize(1).allMatch(WorkCompletion::isSuccess);
        assertThat(read(base, window.remoteKey(), 8)).isEqualTo(DENIED);
    }

    /// RUT-MW-020, 021: the low 8 bits are the caller's, the others the window's.
    @Test
    void shouldHaveKeysOfTheirOwnWhateverTheLowBits() {
        Set<Integer> keys = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            MemoryWindow window = window(MemoryWindowType.TYPE_2);
            int key = (window.remoteKey() & ~0xff) | 0x5a;
            assertThat(
                            pair.run(
                                    right,
                                    new SendWorkRequest.BindMemoryWindow(
                                            i,
                                            window,
                                            key,
                                            part(right.region, i, 1, REMOTE),
                                            SIGNALED)))
                    .containsExactly(OK);
            assertThat(window.remoteKey()).isEqualTo(key);
            assertThat(keys.add(key)).isTrue();
            assertThat(read(base + i, key, 1)).isEqualTo(OK);
        }
        MemoryWindow window = window(MemoryWindowType.TYPE_2);
        SendWorkRequest foreign =
                new SendWorkRequest.BindMemoryWindow(
                        1,
                        window,
                        window.remoteKey() ^ 0x100,
                        part(right.region, 0, 1, REMOTE),
                        SIGNALED);
        refused(Errno.EINVAL, () -> right.queuePair.postSend(foreign), "low 8 bits");
    }

    @Test
    void shouldBindEachTypeInItsOwnWay() {
        MemoryWindow one = window(MemoryWindowType.TYPE_1);
        MemoryWindow two = window(MemoryWindowType.TYPE_2);
        MemoryWindowBinding binding = part(right.region, 0, 64, REMOTE);
        refused(
                Errno.EINVAL,
                () -> right.queuePair.bindMemoryWindow(1, two, binding, SIGNALED),
                "TYPE_2");
        refused(
                Errno.EINVAL,
                () ->
                        right.queuePair.postSend(
                                new SendWorkRequest.BindMemoryWindow(
                                        1, one, one.nextRemoteKey(), binding, SIGNALED)),
                "TYPE_1");
        MemoryWindow foreign = left.domain.allocateMemoryWindow(MemoryWindowType.TYPE_1);
        refused(
                Errno.EINVAL,
                () -> right.queuePair.bindMemoryWindow(1, foreign, binding, SIGNALED),
                "another context");
        refused(
                Errno.EINVAL,
                () ->
                        right.queuePair.bindMemoryWindow(
                                1, one, part(left.region, 0, 64, REMOTE), SIGNALED),
                "another context");
    }

    /// A window of type 1 lives until it is bound anew: no invalidation ends it.
    @Test
    void shouldNotInvalidateTypeOne() {
        MemoryWindow window = bound(MemoryWindowType.TYPE_1);
        assertThat(invalidate(window.remoteKey())).isEqualTo(BIND_ERROR);
        pair.reconnect();
        assertThat(sendWithInvalidate(window.remoteKey())).isFalse();
        assertThat(read(base + 4096, window.remoteKey(), 8)).isEqualTo(OK);
    }

    /// The left node invalidates a key of the right one; whether that was done.
    private boolean sendWithInvalidate(int key) {
        right.queuePair.postReceive(new ReceiveWorkRequest(9, right.region.element(1 << 15, 64)));
        WorkCompletionStatus status =
                one(
                        new SendWorkRequest.SendWithInvalidate(
                                1, List.of(left.region.element(0, 8)), key, SIGNALED));
        if (status == OK) {
            assertThat(right.pollReceives().getFirst().invalidatedKey()).hasValue(key);
        }
        return status == OK;
    }

    @Test
    void shouldEndTypeTwoForThePeerOfItsQueuePair() {
        MemoryWindow window = bound(MemoryWindowType.TYPE_2);
        assertThat(sendWithInvalidate(window.remoteKey())).isTrue();
        assertThat(sendWithInvalidate(window.remoteKey())).as("no more").isFalse();
        assertThat(read(base + 4096, window.remoteKey(), 8)).isEqualTo(DENIED);
        assertThat(bind(window, part(right.region, 0, 64, REMOTE))).isEqualTo(OK);
    }

    @Test
    void shouldNotEndTypeTwoForThePeerOfAnotherQueuePair() {
        QueuePair leftEnd = left.newQueuePair();
        QueuePair second = secondConnection(leftEnd);
        MemoryWindow window = window(MemoryWindowType.TYPE_2);
        assertThat(bind(second, window, part(right.region, 0, 64, REMOTE))).isEqualTo(OK);
        assertThat(sendWithInvalidate(window.remoteKey())).isFalse();
        assertThat(invalidate(window.remoteKey())).isEqualTo(BIND_ERROR);
        leftEnd.postSend(
                new SendWorkRequest.RdmaRead(
                        1, List.of(left.region.element(0, 8)), base, window.remoteKey(), SIGNALED));
        pair.settle();
        assertThat(left.pollSends()).hasSize(1).allMatch(WorkCompletion::isSuccess);
    }

    /// RUT-MW-013, 027 (o10-2.2.5): the window of type 2 is free again.
    @ParameterizedTest
    @EnumSource
    void shouldNotKeepAQueuePairOpen(MemoryWindowType type) {
        QueuePair second = secondConnection(left.newQueuePair());
        MemoryWindow window = window(type);
        assertThat(bind(second, window, part(right.region, 0, 64, REMOTE))).isEqualTo(OK);
        second.close();
        assertThat(bind(window, part(right.region, 0, 64, REMOTE))).isEqualTo(OK);
        assertThat(read(base, window.remoteKey(), 64)).isEqualTo(OK);
    }

    /// RUT-MW-028: refused, named, and everything works on.
    @ParameterizedTest
    @EnumSource
    void shouldKeepItsRegionOpen(MemoryWindowType type) {
        MemoryWindow window = bound(type);
        refused(
                Errno.EBUSY,
                right.region::close,
                "closeMemoryRegion",
                "memory window 0x" + Integer.toHexString(window.remoteKey()));
        assertThat(read(base + 4096, window.remoteKey(), 512)).isEqualTo(OK);
        window.close();
        right.region.close();
    }

    /// RUT-MW-037, 038: a READ that is under way ends with an access error.
    @ParameterizedTest
    @EnumSource
    void shouldEndReadsThatAreUnderWay(MemoryWindowType type) {
        MemoryWindow window = window(type);
        assertThat(bind(window, part(right.region, 0, 1 << 16, REMOTE))).isEqualTo(OK);
        for (int i = 0; i < 8; i++) {
            left.queuePair.postSend(
                    new SendWorkRequest.RdmaRead(
                            i,
                            List.of(left.region.element(0, 1 << 16)),
                            base,
                            window.remoteKey(),
                            SIGNALED));
        }
        pair.owner.progress();
        if (type == MemoryWindowType.TYPE_1) {
            window.close();
        } else {
            right.queuePair.postSend(
                    new SendWorkRequest.LocalInvalidate(8, window.remoteKey(), SIGNALED));
        }
        pair.settle();
        List<WorkCompletionStatus> done =
                left.pollSends().stream().map(WorkCompletion::status).toList();
        assertThat(done).hasSize(8).contains(DENIED);
        assertThat(done.subList(done.indexOf(DENIED) + 1, 8))
                .allMatch(status -> status == WorkCompletionStatus.WR_FLUSH_ERR);
        assertThat(right.pollSends()).allMatch(WorkCompletion::isSuccess);
    }

    /// RUT-MW-035: many readers, to the end.
    @Test
    void shouldServeManyReads() {
        MemoryWindow window = bound(MemoryWindowType.TYPE_2);
        for (int i = 0; i < 1000; i++) {
            assertThat(read(base + 4096 + i % 500, window.remoteKey(), 12)).isEqualTo(OK);
        }
    }

    @Test
    void shouldBeNoLocalKey() {
        MemoryWindow window = window(MemoryWindowType.TYPE_2);
        assertThat(bind(window, part(right.region, 0, 64, REMOTE))).isEqualTo(OK);
        assertThat(
                        pair.run(
                                right,
                                new SendWorkRequest.RdmaWrite(
                                        1,
                                        List.of(new Sge(base, 8, window.remoteKey())),
                                        left.region.address(),
                                        left.region.remoteKey(),
                                        SIGNALED)))
                .containsExactly(WorkCompletionStatus.LOC_PROT_ERR);
    }

    @Test
    void shouldRefuseMoreThanTheDeviceHolds() {
        SoftDevice device =
                SoftDevice.open(
                        new RdmaDevice("small", 9, "in-process"),
                        pair.host,
                        pair.network.join(new GlobalIdentifier(0, 0xffff_0a00_0009L)),
                        pair.owner,
                        new DeviceLimits(1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 2, 1));
        ProtectionDomain domain = device.allocateProtectionDomain();
        MemoryWindow first = domain.allocateMemoryWindow(MemoryWindowType.TYPE_1);
        domain.allocateMemoryWindow(MemoryWindowType.TYPE_2);
        refused(
                Errno.ENOMEM,
                () -> domain.allocateMemoryWindow(MemoryWindowType.TYPE_1),
                "allocateMemoryWindow",
                "2 windows");
        first.close();
        domain.allocateMemoryWindow(MemoryWindowType.TYPE_1);
        assertThat(device.queryDevice().maxMemoryWindows()).isEqualTo(2);
    }
}
