package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.softverbs.verbs.SendFlag.SIGNALED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest.CompareAndSwap;
import org.softverbs.verbs.SendWorkRequest.FetchAndAdd;
import org.softverbs.verbs.SendWorkRequest.RdmaRead;
import org.softverbs.verbs.SendWorkRequest.RdmaWrite;
import org.softverbs.verbs.SendWorkRequest.RdmaWriteWithImmediate;
import org.softverbs.verbs.SendWorkRequest.Send;
import org.softverbs.verbs.SendWorkRequest.SendWithImmediate;
import org.softverbs.verbs.SendWorkRequest.SendWithInvalidate;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionOpcode;
import org.softverbs.verbs.WorkCompletionStatus;

/// Every operation of a reliable connection between two nodes in one JVM.
class RcOperationsTest {

    private static final Set<SendFlag> SIGNAL = EnumSet.of(SIGNALED);

    @ParameterizedTest
    @CsvSource({
        "256, 0",
        "256, 1",
        "256, 256",
        "256, 257",
        "1024, 1023",
        "1024, 1024",
        "1024, 1025",
        "4096, 3",
        "4096, 4096",
        "4096, 1048576",
        "512, 1048575"
    })
    void shouldDeliverSend(int mtu, int length) {
        InProcessPair pair = new InProcessPair(1 << 20, Mtu.ofBytes(mtu));
        pair.left.fill(3);
        pair.right.queuePair.postReceive(
                new ReceiveWorkRequest(7, pair.right.region.element(0, length)));
        pair.left.queuePair.postSend(
                new Send(5, List.of(pair.left.region.element(0, length)), SIGNAL));
        pair.settle();

        WorkCompletion sent = single(pair.left.pollSends());
        assertThat(sent.status()).isEqualTo(WorkCompletionStatus.SUCCESS);
        assertThat(sent.workRequestId()).isEqualTo(5);
        assertThat(sent.opcode()).isEqualTo(WorkCompletionOpcode.SEND);
        WorkCompletion received = single(pair.right.pollReceives());
        assertThat(received.workRequestId()).isEqualTo(7);
        assertThat(received.opcode()).isEqualTo(WorkCompletionOpcode.RECV);
        assertThat(received.byteLength()).isEqualTo(length);
        assertThat(received.queuePairNumber()).isEqualTo(pair.right.queuePair.number());
        assertThat(received.immediate()).isEmpty();
        assertSameBytes(pair, length);
    }

    @ParameterizedTest
    @CsvSource({"256, 1", "1024, 1024", "1024, 1025", "4096, 1048576", "256, 100000"})
    void shouldWriteRemoteMemory(int mtu, int length) {
        InProcessPair pair = new InProcessPair(1 << 20, Mtu.ofBytes(mtu));
        pair.left.fill(9);
        pair.left.queuePair.postSend(
                new RdmaWrite(
                        1,
                        List.of(pair.left.region.element(0, length)),
                        pair.right.region.address(),
                        pair.right.region.remoteKey(),
                        SIGNAL));
        pair.settle();
        assertThat(single(pair.left.pollSends()).status()).isEqualTo(WorkCompletionStatus.SUCCESS);
        assertThat(pair.right.pollReceives()).isEmpty();
        assertSameBytes(pair, length);
    }

    @ParameterizedTest
    @CsvSource({"256, 1", "1024, 1024", "1024, 1025", "4096, 1048576", "256, 100000"})
    void shouldReadRemoteMemory(int mtu, int length) {
        InProcessPair pair = new InProcessPair(1 << 20, Mtu.ofBytes(mtu));
        pair.right.fill(4);
        pair.left.queuePair.postSend(
                new RdmaRead(
                        1,
                        List.of(pair.left.region.element(0, length)),
                        pair.right.region.address(),
                        pair.right.region.remoteKey(),
                        SIGNAL));
        pair.settle();
        WorkCompletion completion = single(pair.left.pollSends());
        assertThat(completion.status()).isEqualTo(WorkCompletionStatus.SUCCESS);
        assertThat(completion.opcode()).isEqualTo(WorkCompletionOpcode.RDMA_READ);
        assertThat(completion.byteLength()).isEqualTo(length);
        assertSameBytes(pair, length);
    }

    @Test
    void shouldGiveImmediateDataToTheReceiver() {
        InProcessPair pair = new InProcessPair(8192, Mtu.MTU_1024);
        pair.right.queuePair.postReceive(List.of(receive(pair, 1), receive(pair, 2)));
        pair.left.queuePair.postSend(
                List.of(
                        new SendWithImmediate(
                                1, List.of(pair.left.region.element(0, 2000)), 0xcafe, SIGNAL),
                        new RdmaWriteWithImmediate(
                                2,
                                List.of(pair.left.region.element(0, 3000)),
                                pair.right.region.address(),
                                pair.right.region.remoteKey(),
                                0xbabe,
                                SIGNAL)));
        pair.settle();
        List<WorkCompletion> received = pair.right.pollReceives();
        assertThat(received).hasSize(2);
        assertThat(received.get(0).immediate()).hasValue(0xcafe);
        assertThat(received.get(0).opcode()).isEqualTo(WorkCompletionOpcode.RECV);
        assertThat(received.get(1).immediate()).hasValue(0xbabe);
        assertThat(received.get(1).opcode()).isEqualTo(WorkCompletionOpcode.RECV_RDMA_WITH_IMM);
        assertThat(received.get(1).byteLength()).isEqualTo(3000);
        assertThat(pair.left.pollSends()).hasSize(2).allMatch(WorkCompletion::isSuccess);
    }

    @Test
    void shouldCarryOutAtomicsAndReturnTheOldValue() {
        InProcessPair pair = new InProcessPair(4096, Mtu.MTU_1024);
        MemorySegment remote = pair.right.region.segment();
        remote.set(ValueLayout.JAVA_LONG, 8, 40);
        Sge result = pair.left.region.element(16, 8);
        long address = pair.right.region.address() + 8;
        int key = pair.right.region.remoteKey();
        pair.left.queuePair.postSend(new FetchAndAdd(1, List.of(result), address, key, 2, SIGNAL));
        pair.settle();
        assertThat(single(pair.left.pollSends()).opcode())
                .isEqualTo(WorkCompletionOpcode.FETCH_ADD);
        assertThat(oldValue(pair)).isEqualTo(40);
        assertThat(remote.get(ValueLayout.JAVA_LONG, 8)).isEqualTo(42);

        pair.left.queuePair.postSend(
                new CompareAndSwap(2, List.of(result), address, key, 41, 1, SIGNAL));
        pair.left.queuePair.postSend(
                new CompareAndSwap(3, List.of(result), address, key, 42, -1, SIGNAL));
        pair.settle();
        assertThat(pair.left.pollSends()).hasSize(2).allMatch(WorkCompletion::isSuccess);
        assertThat(oldValue(pair)).isEqualTo(42);
        assertThat(remote.get(ValueLayout.JAVA_LONG, 8)).isEqualTo(-1);
    }

    @Test
    void shouldCompleteOnlySignaledRequests() {
        InProcessPair pair = new InProcessPair(4096, Mtu.MTU_1024);
        pair.left.queuePair.postSend(write(pair, 1, Set.of()));
        pair.left.queuePair.postSend(write(pair, 2, SIGNAL));
        pair.settle();
        assertThat(single(pair.left.pollSends()).workRequestId()).isEqualTo(2);
    }

    @Test
    void shouldRetryUntilAReceiveIsPosted() {
        InProcessPair pair = new InProcessPair(4096, Mtu.MTU_1024);
        pair.left.queuePair.postSend(
                new Send(1, List.of(pair.left.region.element(0, 100)), SIGNAL));
        pair.settle();
        assertThat(pair.left.pollSends()).isEmpty();
        pair.right.queuePair.postReceive(receive(pair, 2));
        // The timer code of the pair, 12, is 0.64 ms.
        pair.advance(Duration.ofNanos(639_000));
        assertThat(pair.left.pollSends()).isEmpty();
        pair.advance(Duration.ofNanos(2_000));
        assertThat(single(pair.left.pollSends()).isSuccess()).isTrue();
        assertThat(single(pair.right.pollReceives()).byteLength()).isEqualTo(100);
    }

    @Test
    void shouldFailTheRequestAndFlushTheRestWhenTheRemoteKeyIsWrong() {
        InProcessPair pair = new InProcessPair(4096, Mtu.MTU_1024);
        pair.right.queuePair.postReceive(receive(pair, 77));
        pair.left.queuePair.postSend(
                List.of(
                        new RdmaWrite(
                                1,
                                List.of(pair.left.region.element(0, 64)),
                                pair.right.region.address(),
                                pair.right.region.remoteKey() ^ 1,
                                Set.of()),
                        write(pair, 2, Set.of()),
                        write(pair, 3, SIGNAL)));
        pair.settle();
        assertThat(pair.left.pollSends())
                .extracting(WorkCompletion::workRequestId, WorkCompletion::status)
                .containsExactly(
                        tuple(1L, WorkCompletionStatus.REM_ACCESS_ERR),
                        tuple(2L, WorkCompletionStatus.WR_FLUSH_ERR),
                        tuple(3L, WorkCompletionStatus.WR_FLUSH_ERR));
        assertThat(single(pair.right.pollReceives()).status())
                .isEqualTo(WorkCompletionStatus.WR_FLUSH_ERR);
        assertThat(pair.left.state()).isEqualTo(QueuePairState.ERR);
        assertThat(pair.right.state()).isEqualTo(QueuePairState.ERR);
    }

    @Test
    void shouldRefuseToInvalidateAUserRegistration() {
        InProcessPair pair = new InProcessPair(4096, Mtu.MTU_1024);
        pair.right.queuePair.postReceive(receive(pair, 1));
        pair.left.queuePair.postSend(
                new SendWithInvalidate(
                        1,
                        List.of(pair.left.region.element(0, 64)),
                        pair.right.region.remoteKey(),
                        SIGNAL));
        pair.settle();
        assertThat(single(pair.left.pollSends()).status())
                .isEqualTo(WorkCompletionStatus.REM_INV_REQ_ERR);
        assertThat(single(pair.right.pollReceives()).isSuccess()).isFalse();
    }

    @Test
    void shouldSendInlineDataThatIsOverwrittenAtOnce() {
        InProcessPair pair = new InProcessPair(4096, Mtu.MTU_1024);
        pair.left.fill(1);
        pair.right.queuePair.postReceive(receive(pair, 1));
        pair.owner.run(
                () -> {
                    pair.left.queuePair.postSend(
                            new Send(
                                    1,
                                    List.of(new Sge(pair.left.region.address(), 16, 0xdead)),
                                    EnumSet.of(SIGNALED, SendFlag.INLINE)));
                    pair.left.fill(2);
                });
        pair.settle();
        assertThat(single(pair.left.pollSends()).isSuccess()).isTrue();
        assertThat(pair.right.region.segment().get(ValueLayout.JAVA_BYTE, 5))
                .isEqualTo(TestNode.pattern(1, 5));
    }

    @Test
    void shouldReportAWrongLocalKeyAfterEarlierRequestsAreDone() {
        InProcessPair pair = new InProcessPair(4096, Mtu.MTU_1024);
        pair.left.queuePair.postSend(
                List.of(
                        write(pair, 1, SIGNAL),
                        new RdmaWrite(
                                2,
                                List.of(new Sge(pair.left.region.address(), 8, 0xbad)),
                                pair.right.region.address(),
                                pair.right.region.remoteKey(),
                                Set.of()),
                        write(pair, 3, SIGNAL)));
        pair.settle();
        assertThat(pair.left.pollSends())
                .extracting(WorkCompletion::status)
                .containsExactly(
                        WorkCompletionStatus.SUCCESS,
                        WorkCompletionStatus.LOC_PROT_ERR,
                        WorkCompletionStatus.WR_FLUSH_ERR);
        assertThat(pair.right.state()).isEqualTo(QueuePairState.RTS);
    }

    @Test
    void shouldRefuseAReadOfMemoryThatIsNotForIt() {
        InProcessPair pair = new InProcessPair(4096, Mtu.MTU_1024);
        MemoryRegion closed =
                pair.right.domain.registerMemory(
                        TestNode.allocate(64), EnumSet.of(AccessFlag.LOCAL_WRITE));
        pair.left.queuePair.postSend(
                new RdmaRead(
                        1,
                        List.of(pair.left.region.element(0, 64)),
                        closed.address(),
                        closed.remoteKey(),
                        SIGNAL));
        pair.settle();
        assertThat(single(pair.left.pollSends()).status())
                .isEqualTo(WorkCompletionStatus.REM_ACCESS_ERR);
    }

    private static RdmaWrite write(InProcessPair pair, long id, Set<SendFlag> flags) {
        return new RdmaWrite(
                id,
                List.of(pair.left.region.element(0, 8)),
                pair.right.region.address(),
                pair.right.region.remoteKey(),
                flags);
    }

    private static ReceiveWorkRequest receive(InProcessPair pair, long id) {
        return new ReceiveWorkRequest(id, pair.right.region.element());
    }

    private static long oldValue(InProcessPair pair) {
        return pair.left.region.segment().get(ValueLayout.JAVA_LONG, 16);
    }

    private static WorkCompletion single(List<WorkCompletion> completions) {
        assertThat(completions).hasSize(1);
        return completions.getFirst();
    }

    private static void assertSameBytes(InProcessPair pair, long length) {
        assertThat(
                        pair.left
                                .region
                                .segment()
                                .asSlice(0, length)
                                .mismatch(pair.right.region.segment().asSlice(0, length)))
                .isEqualTo(-1);
    }
}
