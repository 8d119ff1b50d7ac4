package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.soft.device.Refusals.refused;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.softverbs.junit.Provokes;
import org.softverbs.sanitizer.Finding;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.MemoryWindow;
import org.softverbs.verbs.MemoryWindowBinding;
import org.softverbs.verbs.MemoryWindowType;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.WorkCompletionStatus;

/// Memory windows: the rows RUT-MW, RUT-BUF-02x, RUT-PD and RUT-ACC that are about them. The right
/// node binds, the left one comes in.
class MemoryWindowTest extends MemoryWindowFixture {

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
    @Provokes(value = Finding.FAST_KEY_MISUSED, because = "it is refused")
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
}
