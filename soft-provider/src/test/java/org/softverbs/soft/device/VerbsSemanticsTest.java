package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// Rows of the conformance list (RUT) between two nodes that no other test has.
class VerbsSemanticsTest {

    private static final Set<SendFlag> SIGNALED = EnumSet.of(SendFlag.SIGNALED);
    private static final int BAD_KEY = 0xbad;

    private final InProcessPair pair = new InProcessPair(1 << 16, Mtu.MTU_1024);
    private final TestNode left = pair.left;
    private final TestNode right = pair.right;

    /// Operations on remote memory.
    enum Operation {
        READ,
        WRITE,
        FETCH_AND_ADD,
        COMPARE_AND_SWAP
    }

    private SendWorkRequest request(Operation operation, Sge element, long address, int key) {
        List<Sge> list = List.of(element);
        return switch (operation) {
            case READ -> new SendWorkRequest.RdmaRead(1, list, address, key, SIGNALED);
            case WRITE -> new SendWorkRequest.RdmaWrite(1, list, address, key, SIGNALED);
            case FETCH_AND_ADD ->
                    new SendWorkRequest.FetchAndAdd(1, list, address, key, 5, SIGNALED);
            case COMPARE_AND_SWAP ->
                    new SendWorkRequest.CompareAndSwap(1, list, address, key, 0, 5, SIGNALED);
        };
    }

    private WorkCompletionStatus run(SendWorkRequest request) {
        left.queuePair.postSend(request);
        pair.settle();
        for (int i = 0; i < 40; i++) {
            pair.advance(Duration.ofMillis(100));
        }
        List<WorkCompletion> done = left.pollSends();
        assertThat(done).hasSize(1);
        return done.getFirst().status();
    }

    private Sge good() {
        return left.region.element(0, 8);
    }

    private Sge bad() {
        return new Sge(left.region.address(), 8, BAD_KEY);
    }

    /// RUT-RC-033, 060, 070: the remote side is done before the local key is looked at.
    @ParameterizedTest
    @EnumSource
    void shouldFailWithLocalProtectionErrorWhenTheLocalKeyIsBad(Operation operation) {
        assertThat(run(request(operation, bad(), right.region.address(), right.region.remoteKey())))
                .isEqualTo(WorkCompletionStatus.LOC_PROT_ERR);
        long expected = operation == Operation.READ || operation == Operation.WRITE ? 0 : 5;
        assertThat(right.region.segment().get(ValueLayout.JAVA_LONG, 0)).isEqualTo(expected);
        assertThat(left.region.segment().get(ValueLayout.JAVA_LONG, 0)).isZero();
    }

    /// RUT-RC-035, 062, 071, 050, RUT-PD-017, 019, 021, 023.
    @ParameterizedTest
    @EnumSource
    void shouldFailWithRemoteAccessErrorWhenTheRemoteKeyIsBadOrOfAnotherDomain(
            Operation operation) {
        ProtectionDomain other = right.context.allocateProtectionDomain();
        MemoryRegion foreign = other.registerMemory(TestNode.allocate(64), TestNode.ALL_ACCESS);
        for (int key : new int[] {BAD_KEY, foreign.remoteKey()}) {
            assertThat(run(request(operation, good(), foreign.address(), key)))
                    .isEqualTo(WorkCompletionStatus.REM_ACCESS_ERR);
            assertThat(foreign.segment().get(ValueLayout.JAVA_LONG, 0)).isZero();
            reconnect();
        }
    }

    /// RUT-RC-036, 051, 063: who looks first.
    @ParameterizedTest
    @EnumSource
    void shouldReportTheFirstOfTwoBadKeys(Operation operation) {
        WorkCompletionStatus expected =
                operation == Operation.WRITE
                        ? WorkCompletionStatus.LOC_PROT_ERR
                        : WorkCompletionStatus.REM_ACCESS_ERR;
        assertThat(run(request(operation, bad(), right.region.address(), BAD_KEY)))
                .isEqualTo(expected);
    }

    /// RUT-RC-059, 064, 074, 076.
    @ParameterizedTest
    @EnumSource(names = {"FETCH_AND_ADD", "COMPARE_AND_SWAP"})
    void shouldRefuseUnalignedAtomicsWhateverTheLocalKey(Operation operation) {
        for (Sge element : List.of(good(), bad())) {
            long address = right.region.address() + 4;
            assertThat(run(request(operation, element, address, right.region.remoteKey())))
                    .isEqualTo(WorkCompletionStatus.REM_INV_REQ_ERR);
            reconnect();
        }
    }

    /// RUT-BUF-006, 012, 013, RUT-RC-037, 052.
    @ParameterizedTest
    @ValueSource(longs = {-1, -8, (1 << 16) - 7, 1 << 16, 1 << 20})
    void shouldRefuseRangesThatLeaveTheRegion(long offset) {
        for (Operation operation : List.of(Operation.READ, Operation.WRITE)) {
            long address = right.region.address() + offset;
            assertThat(run(request(operation, good(), address, right.region.remoteKey())))
                    .isEqualTo(WorkCompletionStatus.REM_ACCESS_ERR);
            reconnect();
        }
    }

    /// RUT-BUF-004, 008, 009, 015 to 018: no bytes, no questions.
    @Test
    void shouldNotCheckAnythingOfNoBytes() {
        Sge nothing = new Sge(0xdead, 0, BAD_KEY);
        for (Operation operation : List.of(Operation.READ, Operation.WRITE)) {
            assertThat(run(request(operation, nothing, 0xbeef, BAD_KEY)))
                    .isEqualTo(WorkCompletionStatus.SUCCESS);
        }
        right.queuePair.postReceive(new ReceiveWorkRequest(1, List.of(nothing)));
        assertThat(run(new SendWorkRequest.Send(1, List.of(nothing), SIGNALED)))
                .isEqualTo(WorkCompletionStatus.SUCCESS);
    }

    private void reconnect() {
        for (TestNode node : List.of(left, right)) {
            node.queuePair.modify(QueuePairAttributes.to(QueuePairState.RESET));
        }
        TestNode.connect(left, right, Mtu.MTU_1024);
        left.pollSends();
    }

    /// RUT-RC-080: RTR and RTS serve; the others do not answer, and the requester gives up.
    @ParameterizedTest
    @EnumSource(
            value = QueuePairState.class,
            names = {"RESET", "INIT", "RTR", "RTS", "ERR"})
    void shouldServeOnlyInStatesThatReceive(QueuePairState state) {
        boolean serves = state == QueuePairState.RTR || state == QueuePairState.RTS;
        for (Operation operation : Operation.values()) {
            bringRight(state);
            WorkCompletionStatus status =
                    run(
                            request(
                                    operation,
                                    good(),
                                    right.region.address(),
                                    right.region.remoteKey()));
            assertThat(status)
                    .as("%s in %s", operation, state)
                    .isEqualTo(
                            serves
                                    ? WorkCompletionStatus.SUCCESS
                                    : WorkCompletionStatus.RETRY_EXC_ERR);
            reconnect();
        }
    }

    private void bringRight(QueuePairState state) {
        QueuePair queuePair = right.queuePair;
        if (state == QueuePairState.RTS) {
            return;
        }
        if (state == QueuePairState.ERR) {
            queuePair.modify(QueuePairAttributes.to(state));
            return;
        }
        queuePair.modify(QueuePairAttributes.to(QueuePairState.RESET));
        if (state == QueuePairState.RESET) {
            return;
        }
        queuePair.modify(QueuePairAttributes.toInit(TestNode.ALL_ACCESS));
        if (state == QueuePairState.RTR) {
            queuePair.modify(
                    QueuePairAttributes.toReadyToReceive(
                            new AddressVector(left.context.gidTable(1).getFirst().gid(), 0),
                            left.queuePair.number(),
                            0xff_fff0,
                            Mtu.MTU_1024));
        }
    }

    /// RUT-RC-081: the ring wraps many times.
    @Test
    void shouldKeepTheSendQueueFullForManyRounds() {
        right.fill(3);
        int next = 0;
        int done = 0;
        while (done < 20 * 256) {
            while (next - done < 256 && next < 20 * 256) {
                long at = next % 256L * 64;
                left.queuePair.postSend(
                        new SendWorkRequest.RdmaRead(
                                next++,
                                List.of(left.region.element(at, 64)),
                                right.region.address() + at,
                                right.region.remoteKey(),
                                SIGNALED));
            }
            pair.settle();
            for (WorkCompletion completion : left.pollSends()) {
                assertThat(completion.isSuccess()).isTrue();
                assertThat(completion.workRequestId()).isEqualTo(done++);
            }
        }
        long length = 256 * 64;
        assertThat(
                        left.region
                                .segment()
                                .asSlice(0, length)
                                .mismatch(right.region.segment().asSlice(0, length)))
                .isEqualTo(-1);
    }

    /// RUT-CQ-012, 013: many queue pairs share completion queues, each in its own order.
    @Test
    void shouldKeepTheOrderOfEachQueuePairOnASharedQueue() {
        List<QueuePair> senders = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            QueuePair sender = left.newQueuePair();
            QueuePair receiver = right.newQueuePair();
            TestNode.connect(sender, left.context, receiver, right.context, Mtu.MTU_1024);
            for (int id = 0; id < 16; id++) {
                receiver.postReceive(new ReceiveWorkRequest(id, right.region.element(0, 4096)));
            }
            senders.add(sender);
        }
        for (int id = 0; id < 16; id++) {
            for (QueuePair sender : senders) {
                sender.postSend(
                        new SendWorkRequest.Send(
                                id, List.of(left.region.element(0, id * 200L)), SIGNALED));
            }
        }
        pair.settle();
        List<WorkCompletion> sent = left.pollSends();
        assertThat(sent).hasSize(8 * 16).allMatch(WorkCompletion::isSuccess);
        assertThat(right.pollReceives()).hasSize(8 * 16).allMatch(WorkCompletion::isSuccess);
        for (QueuePair sender : senders) {
            assertThat(sent.stream().filter(c -> c.queuePairNumber() == sender.number()))
                    .extracting(WorkCompletion::workRequestId)
                    .isSorted()
                    .hasSize(16);
        }
    }

    /// RUT-QP-036, C1: everything that was posted is completed once, whoever wins the race.
    @Test
    void shouldCompleteAllThatIsPostedWhileAnErrorComes() throws InterruptedException {
        for (int round = 0; round < 200; round++) {
            AtomicInteger posted = new AtomicInteger();
            QueuePair queuePair = left.queuePair;
            Thread poster =
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        for (int i = 0; i < 100; i++) {
                                            queuePair.postSend(write(i));
                                            posted.incrementAndGet();
                                        }
                                    });
            while (posted.get() < round % 100) {
                pair.owner.progress();
            }
            queuePair.modify(QueuePairAttributes.to(QueuePairState.ERR));
            poster.join();
            pair.settle();
            List<WorkCompletion> done = left.pollSends();
            assertThat(done).hasSize(100);
            boolean failed = false;
            for (int i = 0; i < 100; i++) {
                assertThat(done.get(i).workRequestId()).isEqualTo(i);
                assertThat(failed && done.get(i).isSuccess()).isFalse();
                failed |= !done.get(i).isSuccess();
            }
            reconnect();
        }
    }

    private SendWorkRequest write(int id) {
        return new SendWorkRequest.RdmaWrite(
                id, List.of(good()), right.region.address(), right.region.remoteKey(), SIGNALED);
    }
}
