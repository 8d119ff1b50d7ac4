package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.AsyncEvent;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.SendWorkRequest.ToSharedReceiveQueue;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.SharedReceiveQueue;
import org.softverbs.verbs.SharedReceiveQueueOptions;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionOpcode;
import org.softverbs.verbs.WorkCompletionStatus;
import org.softverbs.verbs.XrcDomain;

/// Extended reliable connections through whole devices: an initiator on the left, a target and
/// shared receive queues on the right.
class XrcTest {

    private static final Set<SendFlag> SIGNALED = Set.of(SendFlag.SIGNALED);
    private static final int BUFFER = 8192;

    private final InProcessPair pair = new InProcessPair(1 << 16, Mtu.MTU_1024);
    private final TestNode left = pair.left;
    private final TestNode right = pair.right;
    private final XrcDomain domain = right.context.openXrcDomain("");
    private final CompletionQueue completions = right.context.createCompletionQueue(64);
    private final SharedReceiveQueue one = newQueue(domain);
    private final SharedReceiveQueue two = newQueue(domain);
    private final QueuePair initiator = left.newQueuePair(QueuePairType.XRC_SEND);
    private final QueuePair target = newTarget(domain);

    private SharedReceiveQueue newQueue(XrcDomain of) {
        return right.domain.createXrcSharedReceiveQueue(
                new SharedReceiveQueueOptions(16, 2, 0), of, completions);
    }

    private QueuePair newTarget(XrcDomain of) {
        return right.domain.createQueuePair(QueuePairOptions.xrcTarget(of, right.receives));
    }

    private static AddressVector way(TestNode to) {
        GlobalIdentifier gid = to.context.gidTable(1).getFirst().gid();
        return new AddressVector(gid, 0);
    }

    private void connect() {
        connect(initiator, target);
    }

    private void connect(QueuePair from, QueuePair to) {
        from.modify(QueuePairAttributes.toInit(Set.of()));
        to.modify(QueuePairAttributes.toInit(TestNode.ALL_ACCESS));
        to.modify(
                QueuePairAttributes.toReadyToReceive(way(left), from.number(), 100, Mtu.MTU_1024));
        from.modify(
                QueuePairAttributes.toReadyToReceiveUnreliable(
                        way(right), to.number(), 200, Mtu.MTU_1024));
        to.modify(
                QueuePairAttributes.builder()
                        .state(QueuePairState.RTS)
                        .timeout(14)
                        .sendPacketSequenceNumber(200)
                        .build());
        from.modify(QueuePairAttributes.toReadyToSend(100));
    }

    private void receive(SharedReceiveQueue queue, long id) {
        MemoryRegion region = right.region;
        queue.postReceive(
                new ReceiveWorkRequest(
                        id, new Sge(region.address() + id * BUFFER, BUFFER, region.localKey())));
    }

    private Sge local(int length) {
        return new Sge(left.region.address(), length, left.region.localKey());
    }

    private void send(long id, SharedReceiveQueue to, int length) {
        initiator.postSend(
                new ToSharedReceiveQueue(
                        new SendWorkRequest.Send(id, List.of(local(length)), SIGNALED),
                        to.number()));
    }

    private List<WorkCompletionStatus> run(SendWorkRequest request, int queue) {
        initiator.postSend(new ToSharedReceiveQueue(request, queue));
        pair.settle();
        return left.pollSends().stream().map(WorkCompletion::status).toList();
    }

    private Optional<AsyncEvent> event() {
        try {
            return right.context.awaitAsyncEvent(Duration.ZERO);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void assertRefused(String reason, ThrowingCallable verb) {
        assertThatThrownBy(verb)
                .isInstanceOfSatisfying(
                        VerbsException.class, it -> assertThat(it.errno()).isEqualTo(Errno.EINVAL))
                .hasMessageContaining(reason);
    }

    @Test
    void shouldGiveEachMessageAReceiveOfTheQueueThatItNames() {
        connect();
        left.fill(3);
        receive(one, 0);
        receive(two, 1);
        receive(one, 2);
        send(10, two, 3000);
        send(11, one, 20);
        send(12, one, 0);
        pair.settle();
        assertThat(left.pollSends()).hasSize(3).allMatch(WorkCompletion::isSuccess);
        assertThat(right.pollReceives()).isEmpty();
        List<WorkCompletion> received = completions.poll(8);
        assertThat(received).allMatch(WorkCompletion::isSuccess);
        assertThat(received).extracting(WorkCompletion::workRequestId).containsExactly(1L, 0L, 2L);
        assertThat(received).extracting(WorkCompletion::byteLength).containsExactly(3000L, 20L, 0L);
        assertThat(received)
                .extracting(WorkCompletion::queuePairNumber)
                .containsOnly(target.number());
        assertThat(
                        right.region
                                .segment()
                                .asSlice(BUFFER, 3000)
                                .mismatch(left.region.segment().asSlice(0, 3000)))
                .isEqualTo(-1);
    }

    @Test
    void shouldGiveImmediateDataToTheCompletionOfTheQueue() {
        connect();
        receive(one, 0);
        receive(two, 1);
        assertThat(
                        run(
                                new SendWorkRequest.SendWithImmediate(
                                        1, List.of(local(8)), 77, SIGNALED),
                                one.number()))
                .containsExactly(WorkCompletionStatus.SUCCESS);
        assertThat(
                        run(
                                new SendWorkRequest.RdmaWriteWithImmediate(
                                        2,
                                        List.of(local(16)),
                                        right.region.address() + 40_000,
                                        right.region.remoteKey(),
                                        78,
                                        SIGNALED),
                                two.number()))
                .containsExactly(WorkCompletionStatus.SUCCESS);
        List<WorkCompletion> received = completions.poll(8);
        assertThat(received.get(0).immediate()).hasValue(77);
        assertThat(received.get(1).immediate()).hasValue(78);
        assertThat(received.get(1).opcode()).isEqualTo(WorkCompletionOpcode.RECV_RDMA_WITH_IMM);
    }

    @Test
    void shouldWriteReadAndCarryOutAtomics() {
        connect();
        left.fill(9);
        long there = right.region.address() + 16_384;
        int key = right.region.remoteKey();
        assertThat(
                        run(
                                new SendWorkRequest.RdmaWrite(
                                        1, List.of(local(5000)), there, key, SIGNALED),
                                one.number()))
                .containsExactly(WorkCompletionStatus.SUCCESS);
        Sge back = new Sge(left.region.address() + 32_768, 5000, left.region.localKey());
        assertThat(
                        run(
                                new SendWorkRequest.RdmaRead(
                                        2, List.of(back), there, key, SIGNALED),
                                two.number()))
                .containsExactly(WorkCompletionStatus.SUCCESS);
        assertThat(
                        left.region
                                .segment()
                                .asSlice(32_768, 5000)
                                .mismatch(left.region.segment().asSlice(0, 5000)))
                .isEqualTo(-1);
        right.region.segment().set(ValueLayout.JAVA_LONG, 0, 5);
        Sge old = new Sge(left.region.address() + 40_960, 8, left.region.localKey());
        long word = right.region.address();
        assertThat(
                        run(
                                new SendWorkRequest.FetchAndAdd(
                                        3, List.of(old), word, key, 10, SIGNALED),
                                one.number()))
                .containsExactly(WorkCompletionStatus.SUCCESS);
        assertThat(
                        run(
                                new SendWorkRequest.CompareAndSwap(
                                        4, List.of(old), word, key, 15, 99, SIGNALED),
                                two.number()))
                .containsExactly(WorkCompletionStatus.SUCCESS);
        assertThat(left.region.segment().get(ValueLayout.JAVA_LONG, 40_960)).isEqualTo(15);
        assertThat(right.region.segment().get(ValueLayout.JAVA_LONG, 0)).isEqualTo(99);
    }

    @Test
    void shouldAskAnInitiatorToWaitWhenTheQueueIsEmpty() {
        connect();
        receive(two, 1);
        send(1, one, 8);
        pair.settle();
        assertThat(left.pollSends()).isEmpty();
        receive(one, 0);
        pair.advance(Duration.ofMillis(100));
        assertThat(left.pollSends()).hasSize(1).allMatch(WorkCompletion::isSuccess);
        assertThat(completions.poll(8))
                .extracting(WorkCompletion::workRequestId)
                .containsExactly(0L);
    }

    @Test
    void shouldRefuseAQueueThatIsNoneOfItsDomain() {
        XrcDomain other = right.context.openXrcDomain("");
        SharedReceiveQueue foreign = newQueue(other);
        SharedReceiveQueue plain =
                right.domain.createSharedReceiveQueue(new SharedReceiveQueueOptions(4, 1, 0));
        receive(foreign, 0);
        for (int number : new int[] {foreign.number(), plain.number(), 0xff_fffe}) {
            QueuePair from = left.newQueuePair(QueuePairType.XRC_SEND);
            QueuePair to = newTarget(domain);
            connect(from, to);
            from.postSend(
                    new ToSharedReceiveQueue(
                            new SendWorkRequest.Send(1, List.of(local(8)), SIGNALED), number));
            pair.settle();
            assertThat(left.pollSends())
                    .extracting(WorkCompletion::status)
                    .containsExactly(WorkCompletionStatus.REM_INV_REQ_ERR);
            assertThat(to.state()).isEqualTo(QueuePairState.ERR);
            assertThat(to.firstError().orElseThrow().line()).contains("shared receive queue");
            AsyncEvent told = event().orElseThrow();
            assertThat(told.type()).isEqualTo(AsyncEventType.QP_REQ_ERR);
            assertThat(told.element()).isEqualTo(to.number());
            assertThat(event()).isEmpty();
        }
        assertThat(completions.poll(8)).isEmpty();
    }

    @Test
    void shouldLookForMemoryInTheProtectionDomainOfTheQueue() {
        ProtectionDomain other = right.context.allocateProtectionDomain();
        MemoryRegion foreign = other.registerMemory(TestNode.allocate(64), TestNode.ALL_ACCESS);
        SharedReceiveQueue theirs =
                other.createXrcSharedReceiveQueue(
                        new SharedReceiveQueueOptions(4, 1, 0), domain, completions);
        connect();
        SendWorkRequest write =
                new SendWorkRequest.RdmaWrite(
                        1, List.of(local(8)), foreign.address(), foreign.remoteKey(), SIGNALED);
        assertThat(run(write, theirs.number())).containsExactly(WorkCompletionStatus.SUCCESS);
        assertThat(run(write, one.number())).containsExactly(WorkCompletionStatus.REM_ACCESS_ERR);
    }

    @Test
    void shouldShareADomainByName() {
        XrcDomain first = right.context.openXrcDomain("shared");
        XrcDomain second = right.context.openXrcDomain("shared");
        SharedReceiveQueue queue = newQueue(first);
        QueuePair to = newTarget(second);
        QueuePair from = left.newQueuePair(QueuePairType.XRC_SEND);
        connect(from, to);
        receive(queue, 0);
        from.postSend(
                new ToSharedReceiveQueue(
                        new SendWorkRequest.Send(1, List.of(local(8)), SIGNALED), queue.number()));
        pair.settle();
        assertThat(completions.poll(8)).hasSize(1).allMatch(WorkCompletion::isSuccess);
        assertThatThrownBy(first::close).hasMessageContaining("shared receive queue");
        assertThatThrownBy(second::close).hasMessageContaining("queue pair");
        queue.close();
        first.close();
        to.close();
        second.close();
    }

    @Test
    void shouldRefuseWhatItIsNotMadeFor() {
        connect();
        assertRefused(
                "sends nothing",
                () -> target.postSend(new SendWorkRequest.Send(1, List.of(), SIGNALED)));
        assertRefused(
                "has no receives of its own",
                () -> target.postReceive(new ReceiveWorkRequest(1, List.of())));
        assertRefused(
                "has no receives of its own",
                () -> initiator.postReceive(new ReceiveWorkRequest(1, List.of())));
        assertRefused(
                "needs a shared receive queue",
                () -> initiator.postSend(new SendWorkRequest.Send(1, List.of(), SIGNALED)));
        assertRefused(
                "is for no shared receive queue",
                () ->
                        left.queuePair.postSend(
                                new ToSharedReceiveQueue(
                                        new SendWorkRequest.Send(1, List.of(), SIGNALED), 1)));
        assertRefused(
                "more than 24 bits",
                () ->
                        initiator.postSend(
                                new ToSharedReceiveQueue(
                                        new SendWorkRequest.Send(1, List.of(), SIGNALED),
                                        1 << 24)));
        assertRefused("needs an XRC domain", () -> right.newQueuePair(QueuePairType.XRC_RECV));
        assertRefused(
                "one of an XRC domain",
                () ->
                        right.domain.createQueuePair(
                                QueuePairOptions.reliableConnection(
                                                completions, initiator.capabilities())
                                        .withSharedReceiveQueue(one)));
    }

    @Test
    void shouldRefuseRequestsForAQueueThatIsClosed() {
        connect();
        receive(one, 0);
        one.close();
        send(1, one, 8);
        pair.settle();
        assertThat(left.pollSends())
                .extracting(WorkCompletion::status)
                .containsExactly(WorkCompletionStatus.REM_INV_REQ_ERR);
        assertThat(completions.poll(8)).isEmpty();
    }
}
