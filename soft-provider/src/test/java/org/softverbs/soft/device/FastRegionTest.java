package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.softverbs.soft.device.Refusals.refused;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.AddressSpace;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.junit.Provokes;
import org.softverbs.sanitizer.Finding;
import org.softverbs.soft.dma.DmaAttachment;
import org.softverbs.soft.dma.DmaSettings;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.FastRegion;
import org.softverbs.verbs.FastRegionState;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.PrivilegedDomain;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.WorkCompletionStatus;

/// Fast registrations: the right node registers, the left one comes in.
class FastRegionTest {

    private static final int PAGE = 4096;
    private static final Set<SendFlag> SIGNALED = EnumSet.of(SendFlag.SIGNALED);
    private static final Set<AccessFlag> ACCESS =
            EnumSet.of(AccessFlag.LOCAL_WRITE, AccessFlag.REMOTE_READ, AccessFlag.REMOTE_WRITE);
    private static final WorkCompletionStatus OK = WorkCompletionStatus.SUCCESS;
    private static final WorkCompletionStatus DENIED = WorkCompletionStatus.REM_ACCESS_ERR;
    private static final WorkCompletionStatus MANAGEMENT_ERROR = WorkCompletionStatus.MW_BIND_ERR;

    private final InProcessPair pair =
            new InProcessPair(1 << 16, Mtu.MTU_1024, DmaAddressing.PHYSICAL);
    private final TestNode left = pair.left;
    private final TestNode right = pair.right;
    private final PrivilegedDomain domain = right.privileged();
    private final PhysicalAllocation memory =
            domain.context().physicalMemory().allocate(PhysicalMemoryRequest.scattered(8 * PAGE));
    private final DmaMapping mapping =
            domain.context().dma().map(memory, DmaDirection.BIDIRECTIONAL);

    private FastRegion mapped() {
        FastRegion region = domain.allocateFastRegion(16);
        assertThat(region.mapSegments(mapping.segments(), 0, PAGE)).isEqualTo(8);
        return region;
    }

    private WorkCompletionStatus register(FastRegion region) {
        return onRight(
                new SendWorkRequest.RegisterMemory(2, region, region.localKey(), ACCESS, SIGNALED));
    }

    private WorkCompletionStatus invalidate(int key) {
        return onRight(new SendWorkRequest.LocalInvalidate(3, key, SIGNALED));
    }

    private WorkCompletionStatus onRight(SendWorkRequest request) {
        List<WorkCompletionStatus> done = pair.run(right, request);
        assertThat(done).hasSize(1);
        if (done.getFirst() != OK) {
            assertThat(right.queuePair.state()).isEqualTo(QueuePairState.ERR);
            pair.reconnect();
        }
        return done.getFirst();
    }

    private WorkCompletionStatus write(long address, int key, int length) {
        List<WorkCompletionStatus> done =
                pair.run(
                        new SendWorkRequest.RdmaWrite(
                                1,
                                List.of(left.region.element(0, length)),
                                address,
                                key,
                                SIGNALED));
        assertThat(done).hasSize(1);
        if (done.getFirst() != OK) {
            pair.reconnect();
        }
        return done.getFirst();
    }

    @AfterEach
    void unmap() {
        mapping.close();
    }

    @Test
    @Provokes(value = Finding.FAST_KEY_MISUSED, because = "what is not valid is refused")
    void shouldGoFromFreeToValidToInvalidAndBack() {
        FastRegion region = mapped();
        assertThat(region.state()).isEqualTo(FastRegionState.FREE);
        assertThat(write(region.address(), region.remoteKey(), 8)).isEqualTo(DENIED);
        assertThat(register(region)).isEqualTo(OK);
        assertThat(region.state()).isEqualTo(FastRegionState.VALID);
        assertThat(write(region.address(), region.remoteKey(), 8)).isEqualTo(OK);
        assertThat(invalidate(region.localKey())).isEqualTo(OK);
        assertThat(region.state()).isEqualTo(FastRegionState.INVALID);
        assertThat(write(region.address(), region.remoteKey(), 8)).isEqualTo(DENIED);
        region.incrementKey();
        assertThat(register(region)).isEqualTo(OK);
        assertThat(write(region.address(), region.remoteKey(), 8)).isEqualTo(OK);
    }

    /// The mapped bytes lie in scattered pages and are one range.
    @Test
    void shouldOpenExactlyWhatWasMapped() {
        FastRegion region = domain.allocateFastRegion(16);
        assertThat(region.mapSegments(mapping.segments(), 100, PAGE)).isEqualTo(8);
        assertThat(register(region)).isEqualTo(OK);
        assertThat(region.length()).isEqualTo(8 * PAGE - 100);
        assertThat(region.address()).isEqualTo(mapping.segments().getFirst().address() + 100);
        left.fill(11);
        int length = 8 * PAGE - 100;
        assertThat(write(region.address(), region.remoteKey(), length)).isEqualTo(OK);
        assertThat(
                        memory.segment()
                                .asSlice(100, length)
                                .mismatch(left.region.segment().asSlice(0, length)))
                .isEqualTo(-1);
        int key = region.remoteKey();
        assertThat(write(region.address() - 1, key, 1)).isEqualTo(DENIED);
        assertThat(write(region.address() + length, key, 1)).isEqualTo(DENIED);
        assertThat(write(region.address() + length - 7, key, 8)).isEqualTo(DENIED);
        assertThat(write(-8, key, 8)).isEqualTo(DENIED);
        assertThat(write(region.address() + (1L << 63), key, 8)).isEqualTo(DENIED);
    }

    /// F15: a key of a registration before opens nothing for 255 registrations; the 256th has it
    /// again.
    @Test
    @Provokes(value = Finding.FAST_KEY_MISUSED, because = "a stale key is refused")
    void shouldRefuseAStaleKeyFor255Registrations() {
        FastRegion region = mapped();
        int stale = region.localKey();
        assertThat(register(region)).isEqualTo(OK);
        for (int round = 1; round <= 256; round++) {
            assertThat(invalidate(region.localKey())).isEqualTo(OK);
            region.incrementKey();
            assertThat(register(region)).isEqualTo(OK);
            assertThat(write(region.address(), stale, 8))
                    .as("registration %s", round)
                    .isEqualTo(round == 256 ? OK : DENIED);
        }
        assertThat(region.localKey()).isEqualTo(stale);
    }

    @Test
    @Provokes(value = Finding.FAST_KEY_MISUSED, because = "it is refused")
    void shouldNotBeRegisteredWhileItIsValid() {
        FastRegion region = mapped();
        assertThat(register(region)).isEqualTo(OK);
        int key = region.localKey();
        region.incrementKey();
        assertThat(register(region)).isEqualTo(MANAGEMENT_ERROR);
        assertThat(write(region.address(), key, 8)).isEqualTo(OK);
    }

    @Test
    void shouldNotBeRegisteredBeforeSomethingIsMapped() {
        assertThat(register(domain.allocateFastRegion(1))).isEqualTo(MANAGEMENT_ERROR);
    }

    @Test
    void shouldNotBeRegisteredByAQueuePairOfAnotherDomain() {
        PrivilegedDomain other = domain.context().allocateProtectionDomain();
        FastRegion region = other.allocateFastRegion(16);
        region.mapSegments(mapping.segments(), 0, PAGE);
        assertThat(register(region)).isEqualTo(MANAGEMENT_ERROR);
        assertThat(region.state()).isEqualTo(FastRegionState.FREE);
        assertThat(invalidate(region.localKey())).isEqualTo(MANAGEMENT_ERROR);
    }

    /// An already invalid key is fine; one that was never the region's, or is not its last, is not.
    @Test
    void shouldInvalidateAgainAndNothingElse() {
        FastRegion region = mapped();
        assertThat(register(region)).isEqualTo(OK);
        assertThat(invalidate(region.localKey())).isEqualTo(OK);
        assertThat(invalidate(region.localKey())).isEqualTo(OK);
        assertThat(invalidate(region.localKey() ^ 1)).isEqualTo(MANAGEMENT_ERROR);
        assertThat(invalidate(right.region.localKey())).isEqualTo(MANAGEMENT_ERROR);
        assertThat(invalidate(0xbad)).isEqualTo(MANAGEMENT_ERROR);
    }

    @Test
    void shouldGiveThePeerNoMoreThanTheRightsOfTheRegistration() {
        FastRegion region = mapped();
        assertThat(
                        onRight(
                                new SendWorkRequest.RegisterMemory(
                                        2,
                                        region,
                                        region.localKey(),
                                        EnumSet.of(AccessFlag.LOCAL_WRITE),
                                        SIGNALED)))
                .isEqualTo(OK);
        assertThat(write(region.address(), region.remoteKey(), 8)).isEqualTo(DENIED);
        assertThat(
                        onRight(
                                new SendWorkRequest.RdmaWrite(
                                        1,
                                        List.of(region.element(10, 8)),
                                        left.region.address(),
                                        left.region.remoteKey(),
                                        SIGNALED)))
                .isEqualTo(OK);
    }

    @Test
    void shouldBeginAtZeroWhenItIsZeroBased() {
        FastRegion region = mapped();
        Set<AccessFlag> access = EnumSet.copyOf(ACCESS);
        access.add(AccessFlag.ZERO_BASED);
        assertThat(
                        onRight(
                                new SendWorkRequest.RegisterMemory(
                                        2, region, region.localKey(), access, SIGNALED)))
                .isEqualTo(OK);
        assertThat(write(0, region.remoteKey(), 8 * PAGE)).isEqualTo(OK);
        assertThat(write(region.address(), region.remoteKey(), 8)).isEqualTo(DENIED);
    }

    /// What is mapped later takes effect with the next registration, not before.
    @Test
    void shouldKeepItsMappingUntilItIsRegisteredAgain() {
        FastRegion region = mapped();
        assertThat(register(region)).isEqualTo(OK);
        long first = region.address();
        assertThat(region.mapSegments(mapping.segments().subList(4, 5), 0, PAGE)).isEqualTo(1);
        assertThat(write(first, region.remoteKey(), 8 * PAGE)).isEqualTo(OK);
        assertThat(invalidate(region.localKey())).isEqualTo(OK);
        assertThat(register(region)).isEqualTo(OK);
        assertThat(write(first, region.remoteKey(), 8)).isEqualTo(DENIED);
        assertThat(write(region.address(), region.remoteKey(), PAGE)).isEqualTo(OK);
    }

    /// The peer ends it: right domain, right key, and only what is valid.
    @Test
    @Provokes(value = Finding.FAST_KEY_MISUSED, because = "the peer tries again")
    void shouldBeInvalidatedByThePeer() {
        FastRegion region = mapped();
        assertThat(register(region)).isEqualTo(OK);
        assertThat(sendWithInvalidate(region.remoteKey() ^ 1)).isFalse();
        assertThat(region.state()).isEqualTo(FastRegionState.VALID);
        assertThat(sendWithInvalidate(region.remoteKey())).isTrue();
        assertThat(region.state()).isEqualTo(FastRegionState.INVALID);
        assertThat(sendWithInvalidate(region.remoteKey())).isFalse();
        assertThat(write(region.address(), region.remoteKey(), 8)).isEqualTo(DENIED);
        assertThat(invalidate(region.localKey())).as("again, here").isEqualTo(OK);
    }

    /// A registration for this side alone has no key that a peer could name.
    @Test
    void shouldNotBeInvalidatedByAPeerThatItGaveNoRights() {
        FastRegion region = mapped();
        SendWorkRequest local =
                new SendWorkRequest.RegisterMemory(
                        2, region, region.localKey(), EnumSet.of(AccessFlag.LOCAL_WRITE), SIGNALED);
        assertThat(onRight(local)).isEqualTo(OK);
        assertThat(sendWithInvalidate(region.remoteKey())).isFalse();
        assertThat(region.state()).isEqualTo(FastRegionState.VALID);
        assertThat(region.validKey()).hasValue(region.localKey());
        assertThat(invalidate(region.localKey())).as("by this side").isEqualTo(OK);
        assertThat(region.validKey()).isEmpty();
    }

    private boolean sendWithInvalidate(int key) {
        right.queuePair.postReceive(new ReceiveWorkRequest(9, right.region.element(0, 64)));
        boolean done =
                pair.run(
                                new SendWorkRequest.SendWithInvalidate(
                                        1, List.of(left.region.element(0, 8)), key, SIGNALED))
                        .getFirst()
                        .equals(OK);
        if (done) {
            assertThat(right.pollReceives().getFirst().invalidatedKey()).hasValue(key);
        } else {
            pair.reconnect();
        }
        return done;
    }

    @Test
    @Provokes(value = Finding.FAST_KEY_MISUSED, because = "its key is refused")
    void shouldReachNothingWhenItIsClosed() {
        FastRegion region = mapped();
        assertThat(register(region)).isEqualTo(OK);
        region.close();
        region.close();
        assertThat(write(region.address(), region.remoteKey(), 8)).isEqualTo(DENIED);
        SendWorkRequest again =
                new SendWorkRequest.RegisterMemory(2, region, region.localKey(), ACCESS, SIGNALED);
        assertThatThrownBy(() -> right.queuePair.postSend(again))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> region.mapSegments(mapping.segments(), 0, PAGE))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    @Provokes(value = Finding.FAST_KEY_MISUSED, because = "the key of another is refused")
    void shouldRefuseAtPostWhatCannotBeMeant() {
        FastRegion region = mapped();
        refused(Errno.EINVAL, () -> post(region, region.localKey() ^ 0x100, ACCESS), "low 8 bits");
        refused(
                Errno.EINVAL,
                () -> post(region, region.localKey(), EnumSet.of(AccessFlag.REMOTE_WRITE)),
                "LOCAL_WRITE");
        refused(
                Errno.EINVAL,
                () -> post(region, region.localKey(), EnumSet.of(AccessFlag.MW_BIND)),
                "fast registration");
        FastRegion foreign = left.privileged().allocateFastRegion(1);
        refused(Errno.EINVAL, () -> post(foreign, foreign.localKey(), ACCESS), "another context");
        SendWorkRequest read =
                new SendWorkRequest.RdmaReadWithInvalidate(
                        1,
                        List.of(right.region.element(0, 8)),
                        left.region.address(),
                        left.region.remoteKey(),
                        region.localKey(),
                        SIGNALED);
        refused(Errno.EOPNOTSUPP, () -> right.queuePair.postSend(read), "iWARP");
        refused(
                Errno.EINVAL,
                () -> right.queuePair.sendCursor().localInvalidate(1, 2).element(0, 1, 2),
                "takes no elements");
    }

    private void post(FastRegion region, int key, Set<AccessFlag> access) {
        right.queuePair.postSend(
                new SendWorkRequest.RegisterMemory(2, region, key, access, SIGNALED));
    }

    @Test
    void shouldRefuseWhatCannotBeMapped() {
        FastRegion region = domain.allocateFastRegion(1);
        List<DmaSegment> two = List.of(new DmaSegment(AddressSpace.PHYSICAL, 0x1000, 2 * PAGE));
        refused(Errno.ENOMEM, () -> region.mapSegments(two, 0, PAGE), "1 pages");
        refused(Errno.EINVAL, () -> region.mapSegments(List.of(), 0, PAGE), "no segments");
        refused(Errno.EINVAL, () -> region.mapSegments(two, 2 * PAGE, PAGE), "offset 8192");
        refused(Errno.EINVAL, () -> region.mapSegments(two, -1, PAGE), "offset -1");
        refused(Errno.EINVAL, () -> region.mapSegments(two, 0, 2048), "pageSize 2048");
        refused(Errno.EINVAL, () -> region.mapSegments(two, 0, 5000), "pageSize 5000");
        assertThat(region.mapSegments(two, 0, 1 << 16)).isEqualTo(1);
    }

    @Test
    void shouldRefuseMoreThanTheDeviceHolds() {
        refused(Errno.EINVAL, () -> domain.allocateFastRegion(513), "maxPages 513", "512");
        refused(Errno.EINVAL, () -> domain.allocateFastRegion(0), "maxPages 0");
        assertThat(domain.context().queryDevice().maxFastRegistrationPages()).isEqualTo(512);
        assertThat(domain.allocateFastRegion(512).maxPages()).isEqualTo(512);
        SoftPrivilegedDevice device =
                SoftPrivilegedDevice.openPrivileged(
                        right.context.device(),
                        pair.host,
                        pair.network.join(new GlobalIdentifier(0, 0xffff_0a00_0009L)),
                        pair.owner,
                        new DeviceLimits(1, 1, 1, 0, 1, 1, 2, 1, 0, 1, 2, 4),
                        DmaAttachment.of(DmaSettings.of(DmaAddressing.PHYSICAL), pair.host));
        PrivilegedDomain small = device.allocateProtectionDomain();
        FastRegion first = small.allocateFastRegion(4);
        small.registerDma(Set.of());
        refused(Errno.ENOMEM, () -> small.allocateFastRegion(1), "allocateFastRegion", "2 regions");
        first.close();
        small.allocateFastRegion(1);
    }

    @Test
    void shouldKeepItsDomainOpen() {
        PrivilegedDomain other = domain.context().allocateProtectionDomain();
        FastRegion region = other.allocateFastRegion(1);
        refused(Errno.EBUSY, other::close, region.toString());
        region.close();
        other.close();
    }
}
