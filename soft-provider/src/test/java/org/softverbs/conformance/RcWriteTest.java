package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.conformance.Requests.SIGNALED;
import static org.softverbs.conformance.Requests.UNSIGNALED;
import static org.softverbs.verbs.WorkCompletionStatus.LOC_PROT_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.REM_ACCESS_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.RNR_RETRY_EXC_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.SUCCESS;

import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.MemoryWindow;
import org.softverbs.verbs.MemoryWindowBinding;
import org.softverbs.verbs.MemoryWindowType;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionOpcode;
import org.softverbs.verbs.WorkCompletionStatus;

/// Rows RUT-RC about RDMA WRITE.
@Conformance
class RcWriteTest {

    private static final int BAD_KEY = 0xbad;
    private static final int LARGE = 8 << 20;

    @Test
    @Tag("RUT-RC-038")
    void shouldWrite(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(1000).fill(1);
        Buffer to = rig.right().buffer(1000);
        pair.left().post(SIGNALED.write(1, own.all(), to));
        List<WorkCompletion> done = pair.left().sent();
        assertThat(done).hasSize(1);
        assertThat(done.getFirst().status()).isEqualTo(SUCCESS);
        assertThat(done.getFirst().opcode()).isEqualTo(WorkCompletionOpcode.RDMA_WRITE);
        assertThat(to.equalsBytes(own)).isTrue();
        assertThat(pair.right().received()).isEmpty();
    }

    @Test
    @Tag("RUT-RC-039")
    void shouldWriteMuch(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(LARGE).fill(1);
        Buffer to = rig.right().buffer(LARGE);
        assertThat(pair.left().run(SIGNALED.write(1, own.all(), to))).isEqualTo(SUCCESS);
        assertThat(to.equalsBytes(own)).isTrue();
    }

    @Test
    @Tag("RUT-RC-040")
    void shouldCompleteOnlyTheSignaledOneOfTwoWrites(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(128).fill(1);
        Buffer to = rig.right().buffer(128);
        pair.left().post(UNSIGNALED.write(1, own.part(0, 64), to));
        pair.left().post(SIGNALED.write(2, own.part(64, 64), to.address() + 64, to.key()));
        List<WorkCompletion> done = pair.left().sent();
        assertThat(done).extracting(WorkCompletion::workRequestId).containsExactly(2L);
        assertThat(done.getFirst().isSuccess()).isTrue();
        assertThat(to.equalsBytes(own)).isTrue();
    }

    @Test
    @Tag("RUT-RC-042")
    void shouldDeliverTheImmediateOfAnEmptyWrite(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(64).fill(1);
        Buffer to = rig.right().buffer(64);
        Buffer receive = rig.right().buffer(64);
        pair.right().receive(5, receive.all());
        assertThat(
                        pair.left()
                                .run(
                                        SIGNALED.writeWithImmediate(
                                                1, own.part(0, 0), to.address(), to.key(), 0xfeed)))
                .isEqualTo(SUCCESS);
        List<WorkCompletion> received = pair.right().received();
        assertThat(received).hasSize(1);
        assertThat(received.getFirst().status()).isEqualTo(SUCCESS);
        assertThat(received.getFirst().workRequestId()).isEqualTo(5);
        assertThat(received.getFirst().opcode()).isEqualTo(WorkCompletionOpcode.RECV_RDMA_WITH_IMM);
        assertThat(received.getFirst().byteLength()).isZero();
        assertThat(received.getFirst().immediate()).hasValue(0xfeed);
        assertThat(receive.copy()).containsOnly(0);
        assertThat(to.copy()).containsOnly(0);
    }

    @Test
    @Tag("RUT-RC-044")
    void shouldFailAtBothEndsWithAnImmediateAndABadKey(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(64).fill(1);
        Buffer to = rig.right().buffer(64);
        pair.right().receive(5, to.all());
        assertThat(
                        pair.left()
                                .run(
                                        SIGNALED.writeWithImmediate(
                                                1, own.all(), to.address(), BAD_KEY, 1)))
                .isEqualTo(REM_ACCESS_ERR);
        assertThat(pair.right().receivedStatuses())
                .singleElement()
                .isIn(WorkCompletionStatus.LOC_ACCESS_ERR, LOC_PROT_ERR);
        assertThat(to.copy()).containsOnly(0);
    }

    @Test
    @Tag("RUT-RC-045")
    void shouldGiveUpAnImmediateWithoutAReceive(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(64).fill(1);
        Buffer to = rig.right().buffer(64);
        assertThat(
                        pair.left()
                                .run(
                                        SIGNALED.writeWithImmediate(
                                                1, own.all(), to.address(), to.key(), 1)))
                .isEqualTo(RNR_RETRY_EXC_ERR);
    }

    @Test
    @Tag("RUT-RC-047")
    void shouldWriteThroughAWindowOfTypeTwo(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(64).fill(1);
        Buffer to = rig.right().buffer(64);
        MemoryWindow window = rig.right().window(MemoryWindowType.TYPE_2);
        MemoryWindowBinding binding =
                MemoryWindowBinding.of(to.region(), EnumSet.of(AccessFlag.REMOTE_WRITE));
        assertThat(pair.right().run(SIGNALED.bind(1, window, binding))).isEqualTo(SUCCESS);
        int key = window.remoteKey();
        assertThat(pair.left().run(SIGNALED.write(1, own.all(), to.address(), key)))
                .isEqualTo(SUCCESS);
        assertThat(to.equalsBytes(own)).isTrue();
    }

    @Test
    @Tag("RUT-RC-050")
    void shouldCompleteAnUnsignaledWriteWithABadRemoteKey(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(64).fill(1);
        Buffer to = rig.right().buffer(64);
        assertThat(pair.left().run(UNSIGNALED.write(1, own.all(), to.address(), BAD_KEY)))
                .isEqualTo(REM_ACCESS_ERR);
        assertThat(to.copy()).containsOnly(0);
    }

    @Test
    @Tag("RUT-RC-051")
    void shouldFindTheBadLocalKeyFirst(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(64).fill(1);
        Buffer to = rig.right().buffer(64);
        assertThat(pair.left().run(SIGNALED.write(1, own.by(BAD_KEY), to.address(), BAD_KEY)))
                .isEqualTo(LOC_PROT_ERR);
    }

    @Test
    @Tag("RUT-RC-052")
    void shouldFailOutsideWhatTheKeyCovers(Rig rig) {
        Buffer own = rig.left().buffer(64).fill(1);
        Buffer to = rig.right().buffer(64);
        Buffer other = rig.right().buffer(64);
        for (long address : List.of(to.address() + 64, to.address() - 64, other.address())) {
            Pair pair = rig.connect();
            assertThat(pair.left().run(SIGNALED.write(1, own.all(), address, to.key())))
                    .isEqualTo(REM_ACCESS_ERR);
        }
        assertThat(to.copy()).containsOnly(0);
        assertThat(other.copy()).containsOnly(0);
    }
}
