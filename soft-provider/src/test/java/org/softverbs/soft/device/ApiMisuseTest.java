package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.softverbs.soft.device.Refusals.refused;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.PostException;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendCursor;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// The A rows of the bad input catalogue: an API error that names the field and the limit, and
/// nothing changed.
class ApiMisuseTest {

    private static final Set<AccessFlag> LOCAL = EnumSet.of(AccessFlag.LOCAL_WRITE);

    private final InProcessPair pair = new InProcessPair(8192, Mtu.MTU_1024);
    private final TestNode node = pair.left;

    private SendWorkRequest.Send send(long id, List<Sge> elements) {
        return new SendWorkRequest.Send(id, elements, EnumSet.of(SendFlag.SIGNALED));
    }

    /// A1.
    @Test
    void shouldRefuseNull() {
        assertThatThrownBy(() -> node.queuePair.modify(nothing()))
                .isInstanceOf(NullPointerException.class);
        SendWorkRequest request = nothing();
        assertThatThrownBy(() -> node.queuePair.postSend(request))
                .isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> node.queuePair.postSend(Collections.singletonList(request)))
                .isInstanceOf(NullPointerException.class);
        MemorySegment segment = nothing();
        assertThatThrownBy(() -> node.domain.registerMemory(segment, LOCAL))
                .isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> node.domain.createQueuePair(nothing()))
                .isInstanceOf(NullPointerException.class);
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
    private static <T> T nothing() {
        return null;
    }

    /// A2.
    @Test
    void shouldRefuseCompletionQueuesOfAnotherContext() {
        refused(
                Errno.EINVAL,
                () ->
                        node.domain.createQueuePair(
                                QueuePairOptions.reliableConnection(
                                        pair.right.sends, QueuePairCapabilities.small())),
                "send completion queue is of another context");
    }

    /// A3.
    @Test
    void shouldRefuseEverythingAfterClose() {
        ProtectionDomain domain = node.context.allocateProtectionDomain();
        CompletionQueue queue = node.context.createCompletionQueue(4);
        QueuePair queuePair =
                domain.createQueuePair(
                        QueuePairOptions.reliableConnection(queue, QueuePairCapabilities.small()));
        queuePair.close();
        closed(queuePair::query, "queue pair");
        closed(() -> queuePair.modify(QueuePairAttributes.to(QueuePairState.ERR)), "queue pair");
        closed(() -> queuePair.postSend(send(1, List.of())), "queue pair");
        closed(() -> queuePair.postReceive(new ReceiveWorkRequest(1, List.of())), "queue pair");
        closed(queuePair::sendCursor, "queue pair");
        queue.close();
        closed(() -> queue.poll(1), "completion queue");
        closed(() -> queue.requestNotification(false), "completion queue");
        closed(queue::cursor, "completion queue");
        domain.close();
        closed(() -> domain.registerMemory(TestNode.allocate(8), LOCAL), "protection domain");
        closed(
                () ->
                        domain.createQueuePair(
                                QueuePairOptions.reliableConnection(
                                        node.sends, QueuePairCapabilities.small())),
                "protection domain");
        closed(
                () ->
                        node.domain.createQueuePair(
                                QueuePairOptions.reliableConnection(
                                        queue, QueuePairCapabilities.small())),
                "completion queue");
    }

    private static void closed(ThrowingCallable verb, String what) {
        assertThatThrownBy(verb)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll(what, "is closed");
    }

    /// A4, A5, Q4: what is in use stays; closing twice is once.
    @Test
    void shouldNotCloseWhatIsInUse() {
        refused(Errno.EBUSY, node.domain::close, "memory region", "queue pair");
        refused(Errno.EBUSY, node.sends::close, "queue pair");
        refused(Errno.EBUSY, node.receives::close, "queue pair");
        refused(Errno.EBUSY, node.context::close, "protection domain", "completion queue");
        node.queuePair.postSend(send(1, List.of()));
        node.close();
        node.close();
        assertThat(pair.right.state()).isEqualTo(QueuePairState.RTS);
    }

    /// A6.
    @Test
    void shouldCloseOnceWhenManyThreadsDo() throws InterruptedException {
        for (int round = 0; round < 50; round++) {
            MemoryRegion region = node.domain.registerMemory(TestNode.allocate(64), LOCAL);
            QueuePair queuePair = node.newQueuePair();
            Thread[] threads = new Thread[4];
            for (int i = 0; i < threads.length; i++) {
                threads[i] =
                        Thread.ofPlatform()
                                .start(
                                        () -> {
                                            region.close();
                                            queuePair.close();
                                        });
            }
            for (Thread thread : threads) {
                thread.join();
            }
        }
        node.close();
    }

    /// A7.
    @Test
    void shouldRefuseMemoryThatCannotBeRegistered() {
        try (Arena confined = Arena.ofConfined()) {
            MemorySegment segment = confined.allocate(64);
            refused(Errno.EINVAL, () -> node.domain.registerMemory(segment, LOCAL), "confined");
        }
        Arena arena = Arena.ofShared();
        MemorySegment gone = arena.allocate(64);
        arena.close();
        refused(Errno.EINVAL, () -> node.domain.registerMemory(gone, LOCAL), "closed");
        MemorySegment readOnly = TestNode.allocate(64).asReadOnly();
        refused(Errno.EINVAL, () -> node.domain.registerMemory(readOnly, LOCAL), "read-only");
        node.domain.registerMemory(readOnly, Set.of()).close();
        refused(
                Errno.EINVAL,
                () -> node.domain.registerMemoryAt(TestNode.allocate(64), -63, LOCAL),
                "wraps");
        node.domain.registerMemoryAt(TestNode.allocate(64), -64, LOCAL).close();
        // Nothing is wrong with no bytes, or with the same bytes twice.
        node.domain.registerMemory(TestNode.allocate(64).asSlice(0, 0), LOCAL).close();
        MemorySegment twice = TestNode.allocate(64);
        try (MemoryRegion one = node.domain.registerMemory(twice, LOCAL);
                MemoryRegion two = node.domain.registerMemory(twice, LOCAL)) {
            assertThat(one.localKey()).isNotEqualTo(two.localKey());
        }
    }

    /// A region at a place of the caller's choice is none of the host's addresses: closing it
    /// leaves those alone.
    @Test
    void shouldKeepAHostAddressWhenARegionAtTheSameOneIsClosed() {
        node.domain.registerMemoryAt(TestNode.allocate(64), node.region.address(), LOCAL).close();
        pair.right.queuePair.postReceive(
                new ReceiveWorkRequest(1, pair.right.region.element(0, 64)));
        node.queuePair.postSend(
                new SendWorkRequest.Send(
                        1,
                        List.of(node.region.element(0, 8)),
                        EnumSet.of(SendFlag.SIGNALED, SendFlag.INLINE)));
        pair.settle();
        assertThat(node.pollSends()).hasSize(1).allMatch(WorkCompletion::isSuccess);
    }

    /// A8.
    @ParameterizedTest
    @EnumSource(
            value = AccessFlag.class,
            names = {"REMOTE_WRITE", "REMOTE_ATOMIC"})
    void shouldRefuseRemoteChangesWithoutLocalWrite(AccessFlag flag) {
        refused(
                Errno.EINVAL,
                () -> node.domain.registerMemory(TestNode.allocate(64), EnumSet.of(flag)),
                flag.name(),
                "LOCAL_WRITE");
    }

    /// A9: the arena goes while its memory is in use. The request fails; nothing else does.
    @Test
    void shouldFailTheRequestWhenTheArenaIsClosed() {
        Arena arena = Arena.ofShared();
        MemoryRegion region = node.domain.registerMemory(arena.allocate(4096), LOCAL);
        node.queuePair.postSend(
                new SendWorkRequest.RdmaWrite(
                        1,
                        List.of(region.element()),
                        pair.right.region.address(),
                        pair.right.region.remoteKey(),
                        EnumSet.of(SendFlag.SIGNALED)));
        arena.close();
        pair.settle();
        pair.advance(Duration.ofSeconds(10));
        node.queuePair.postSend(send(2, List.of(region.element(0, 8))));
        for (int i = 0; i < 20; i++) {
            pair.advance(Duration.ofSeconds(1));
        }
        List<WorkCompletion> done = node.pollSends();
        assertThat(done).hasSize(2).noneMatch(WorkCompletion::isSuccess);
        assertThat(node.context.counters().get("engine_faults")).isZero();
        region.close();
    }

    /// A11, A12.
    @Test
    void shouldRefuseTooManyElementsAndTooManyBytes() {
        Sge one = node.region.element(0, 8);
        List<Sge> nine = Collections.nCopies(9, one);
        refused(Errno.EINVAL, () -> node.queuePair.postSend(send(1, nine)), "maxSendSge of 8");
        refused(
                Errno.EINVAL,
                () -> node.queuePair.postReceive(new ReceiveWorkRequest(1, nine)),
                "maxReceiveSge of 8");
        Sge huge = new Sge(0, -1, node.region.localKey());
        refused(
                Errno.EINVAL,
                () -> node.queuePair.postSend(send(1, List.of(huge))),
                "length 4294967295",
                "largest message 2147483648");
        refused(
                Errno.EINVAL,
                () ->
                        node.queuePair.postSend(
                                new SendWorkRequest.Send(
                                        1,
                                        List.of(node.region.element(0, 257)),
                                        EnumSet.of(SendFlag.INLINE))),
                "257 bytes",
                "maxInlineData of 256");
        refused(
                Errno.EINVAL,
                () ->
                        node.queuePair.postSend(
                                new SendWorkRequest.RdmaRead(
                                        1, List.of(one), 0, 0, EnumSet.of(SendFlag.INLINE))),
                "RDMA_READ cannot be inline");
        refused(
                Errno.EFAULT,
                () ->
                        node.queuePair.postSend(
                                new SendWorkRequest.Send(
                                        1, List.of(new Sge(5, 8, 0)), EnumSet.of(SendFlag.INLINE))),
                "0x5");
        pair.settle();
        assertThat(node.pollSends()).isEmpty();
        assertThat(node.state()).isEqualTo(QueuePairState.RTS);
    }

    /// A11: no element at all is a message of no bytes.
    @Test
    void shouldAcceptNoElements() {
        pair.right.queuePair.postReceive(new ReceiveWorkRequest(1, List.of()));
        node.queuePair.postSend(send(1, List.of()));
        pair.settle();
        assertThat(node.pollSends()).hasSize(1).allMatch(WorkCompletion::isSuccess);
        assertThat(pair.right.pollReceives().getFirst().byteLength()).isZero();
    }

    /// A11: keys that are wrong, of another domain, or given back: the request fails.
    @Test
    void shouldFailRequestsWithKeysThatAreNotTheirs() {
        ProtectionDomain other = node.context.allocateProtectionDomain();
        MemoryRegion foreign = other.registerMemory(TestNode.allocate(64), LOCAL);
        MemoryRegion freed = node.domain.registerMemory(TestNode.allocate(64), LOCAL);
        Sge stale = freed.element();
        freed.close();
        for (Sge element :
                List.of(
                        foreign.element(),
                        stale,
                        new Sge(node.region.address() - 1, 8, node.region.localKey()),
                        new Sge(-4, 8, node.region.localKey()))) {
            node.queuePair.postSend(
                    new SendWorkRequest.RdmaWrite(
                            1,
                            List.of(element),
                            pair.right.region.address(),
                            pair.right.region.remoteKey(),
                            Set.of()));
            pair.settle();
            assertThat(node.pollSends())
                    .extracting(WorkCompletion::status)
                    .containsExactly(WorkCompletionStatus.LOC_PROT_ERR);
            for (TestNode each : List.of(pair.left, pair.right)) {
                each.queuePair.modify(QueuePairAttributes.to(QueuePairState.RESET));
            }
            TestNode.connect(pair.left, pair.right, Mtu.MTU_1024);
        }
    }

    /// A12, A13: the cursors.
    @Test
    void shouldRefuseACursorThatIsMisused() {
        SendCursor cursor = node.queuePair.sendCursor();
        assertThatThrownBy(cursor::post).isInstanceOf(IllegalStateException.class);
        refused(
                Errno.EINVAL,
                () -> cursor.rdmaRead(1, 0, 0).inlineData(node.region.segment(), 0, 8),
                "RDMA_READ cannot be inline");
        refused(
                Errno.EINVAL,
                () ->
                        cursor.send(1)
                                .element(node.region.address(), 8, node.region.localKey())
                                .inlineData(node.region.segment(), 0, 8)
                                .post(),
                "elements or inline data, not both");
        assertThatThrownBy(() -> cursor.send(1).inlineData(node.region.segment(), 0, -1))
                .isInstanceOf(IndexOutOfBoundsException.class);
        cursor.send(1).post();
        assertThatThrownBy(cursor::post).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> node.queuePair.receiveCursor().post())
                .isInstanceOf(IllegalStateException.class);
    }

    /// A15, A16, Q6.
    @Test
    void shouldTellWhichRequestOfAListWasRefused() {
        List<SendWorkRequest> requests = Collections.nCopies(300, send(1, List.of()));
        assertThatThrownBy(() -> pair.owner.run(() -> node.queuePair.postSend(requests)))
                .isInstanceOfSatisfying(
                        PostException.class,
                        thrown -> {
                            assertThat(thrown.badIndex()).isEqualTo(256);
                            assertThat(thrown.errno()).isEqualTo(Errno.ENOMEM);
                        })
                .hasMessageContaining("send queue of 256 requests is full");
        List<ReceiveWorkRequest> receives =
                Collections.nCopies(300, new ReceiveWorkRequest(1, List.of()));
        assertThatThrownBy(() -> pair.right.queuePair.postReceive(receives))
                .isInstanceOfSatisfying(
                        PostException.class, thrown -> assertThat(thrown.badIndex()).isEqualTo(256))
                .hasMessageContaining("receive queue of 256 requests is full");
        pair.settle();
        assertThat(node.pollSends()).hasSize(256).allMatch(WorkCompletion::isSuccess);
    }

    /// A15.
    @Test
    void shouldRefuseToPostInAStateThatTakesNothing() {
        QueuePair fresh = node.newQueuePair();
        refused(Errno.EINVAL, () -> fresh.postSend(send(1, List.of())), "RESET");
        refused(
                Errno.EINVAL,
                () -> fresh.postReceive(new ReceiveWorkRequest(1, List.of())),
                "RESET");
        fresh.modify(QueuePairAttributes.toInit(Set.of()));
        refused(Errno.EINVAL, () -> fresh.postSend(send(1, List.of())), "INIT");
        fresh.postReceive(new ReceiveWorkRequest(1, List.of()));
        fresh.modify(
                QueuePairAttributes.toReadyToReceive(
                        new AddressVector(node.context.gidTable(1).getFirst().gid(), 0),
                        1,
                        0,
                        Mtu.MTU_256));
        refused(Errno.EINVAL, () -> fresh.postSend(send(1, List.of())), "RTR");
        fresh.modify(QueuePairAttributes.to(QueuePairState.ERR));
        fresh.postSend(send(2, List.of()));
        pair.settle();
        assertThat(node.pollSends())
                .extracting(WorkCompletion::status)
                .containsExactly(WorkCompletionStatus.WR_FLUSH_ERR);
    }

    /// A28.
    @Test
    void shouldRefuseNegativeLimits() {
        assertThatThrownBy(() -> new DeviceLimits(-1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxQueuePairs -1 is below 0");
        assertThatThrownBy(() -> new DeviceLimits(1, 1, 0, 0, 1, 1, 1, 1, 0, 1, 1, 1))
                .hasMessage("maxSge 0 is below 1");
        refused(
                Errno.EINVAL,
                () ->
                        node.domain.createQueuePair(
                                QueuePairOptions.reliableConnection(
                                        node.sends, new QueuePairCapabilities(1, 1, -1, 1, 0))),
                "maxSendSge -1");
        refused(
                Errno.EINVAL,
                () ->
                        node.domain.createQueuePair(
                                QueuePairOptions.reliableConnection(
                                        node.sends,
                                        new QueuePairCapabilities(1 << 20, 1, 1, 1, 0))),
                "maxSendRequests 1048576",
                "16384");
    }

    /// A25, Q5: the request is copied when it is posted.
    @Test
    void shouldNotSeeChangesAfterPosting() {
        pair.right.queuePair.postReceive(
                new ReceiveWorkRequest(1, pair.right.region.element(0, 64)));
        ArrayList<Sge> elements = new ArrayList<>(List.of(node.region.element(0, 8)));
        Set<SendFlag> flags = EnumSet.of(SendFlag.SIGNALED);
        pair.owner.run(
                () -> {
                    node.queuePair.postSend(new SendWorkRequest.Send(1, elements, flags));
                    elements.set(0, new Sge(0, 100, 0));
                    flags.clear();
                });
        pair.settle();
        assertThat(node.pollSends()).hasSize(1).allMatch(WorkCompletion::isSuccess);
    }
}
