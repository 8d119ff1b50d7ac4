package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.soft.device.Refusals.refused;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.softverbs.junit.Provokes;
import org.softverbs.sanitizer.Finding;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.MemoryWindow;
import org.softverbs.verbs.MemoryWindowBinding;
import org.softverbs.verbs.MemoryWindowType;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.RdmaDevice;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// How windows are bound again, invalidated and given back.
class MemoryWindowLifeTest extends MemoryWindowFixture {

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
    @Provokes(value = Finding.FAST_KEY_MISUSED, because = "it is refused")
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
    @Provokes(value = Finding.FAST_KEY_MISUSED, because = "the key of another is refused")
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
    @Provokes(value = Finding.FAST_KEY_MISUSED, because = "it is refused")
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
    @Provokes(value = Finding.FAST_KEY_MISUSED, because = "type 2 ends by its key", perhaps = true)
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
