package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.softverbs.conformance.Requests.INLINE;
import static org.softverbs.conformance.Requests.SIGNALED;
import static org.softverbs.conformance.Requests.UNSIGNALED;
import static org.softverbs.verbs.WorkCompletionStatus.LOC_PROT_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.REM_ACCESS_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.SUCCESS;

import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.MemoryWindow;
import org.softverbs.verbs.MemoryWindowBinding;
import org.softverbs.verbs.MemoryWindowType;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionOpcode;

/// Rows RUT-RC about RDMA READ.
@Conformance
class RcReadTest {

    private static final int BAD_KEY = 0xbad;
    private static final int LARGE = 8 << 20;

    @Test
    @Tag("RUT-RC-008")
    void shouldRefuseAReadInline(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().userBuffer(64);
        Buffer from = rig.right().buffer(64).fill(1);
        assertThatThrownBy(() -> pair.left().post(INLINE.read(1, own.all(), from)))
                .isInstanceOfSatisfying(
                        VerbsException.class,
                        refused -> assertThat(refused.errno()).isEqualTo(Errno.EINVAL));
        assertThat(pair.left().sent()).isEmpty();
        assertThat(own.copy()).containsOnly(0);
    }

    @Test
    @Tag("RUT-RC-027")
    void shouldReadMuch(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(LARGE);
        Buffer from = rig.right().buffer(LARGE).fill(3);
        assertThat(pair.left().run(SIGNALED.read(1, own.all(), from))).isEqualTo(SUCCESS);
        assertThat(own.equalsBytes(from)).isTrue();
    }

    @Test
    @Tag("RUT-RC-028")
    void shouldCompleteOnlyTheSignaledOneOfTwoReads(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(128);
        Buffer from = rig.right().buffer(128).fill(3);
        pair.left().post(UNSIGNALED.read(1, own.part(0, 64), from));
        pair.left().post(SIGNALED.read(2, own.part(64, 64), from.address() + 64, from.key()));
        assertThat(pair.left().sent())
                .extracting(WorkCompletion::workRequestId, WorkCompletion::status)
                .containsExactly(tuple(2L, SUCCESS));
        assertThat(own.equalsBytes(from)).isTrue();
    }

    @Test
    @Tag("RUT-RC-031")
    void shouldReadThroughAWindowOfTypeTwo(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(64);
        Buffer from = rig.right().buffer(64).fill(3);
        MemoryWindow window = rig.right().window(MemoryWindowType.TYPE_2);
        MemoryWindowBinding binding =
                MemoryWindowBinding.of(from.region(), EnumSet.of(AccessFlag.REMOTE_READ));
        assertThat(pair.right().run(SIGNALED.bind(1, window, binding))).isEqualTo(SUCCESS);
        assertThat(pair.left().run(SIGNALED.read(1, own.all(), from.address(), window.remoteKey())))
                .isEqualTo(SUCCESS);
        assertThat(own.equalsBytes(from)).isTrue();
    }

    @Test
    @Tag("RUT-RC-033")
    void shouldFailWithABadLocalKey(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(64);
        Buffer from = rig.right().buffer(64).fill(3);
        assertThat(pair.left().run(SIGNALED.read(1, own.by(BAD_KEY), from)))
                .isEqualTo(LOC_PROT_ERR);
        assertThat(own.copy()).containsOnly(0);
    }

    @Test
    @Tag("RUT-RC-034")
    void shouldCompleteAnUnsignaledReadThatFails(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(64);
        Buffer from = rig.right().buffer(64).fill(3);
        assertThat(pair.left().run(UNSIGNALED.read(1, own.by(BAD_KEY), from)))
                .isEqualTo(LOC_PROT_ERR);
        assertThat(own.copy()).containsOnly(0);
    }

    @Test
    @Tag("RUT-RC-035")
    void shouldFailWithABadRemoteKey(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(64);
        Buffer from = rig.right().buffer(64).fill(3);
        assertThat(pair.left().run(SIGNALED.read(1, own.all(), from.address(), BAD_KEY)))
                .isEqualTo(REM_ACCESS_ERR);
        assertThat(own.copy()).containsOnly(0);
    }

    @Test
    @Tag("RUT-RC-036")
    void shouldFindTheBadRemoteKeyFirst(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(64);
        Buffer from = rig.right().buffer(64).fill(3);
        assertThat(pair.left().run(SIGNALED.read(1, own.by(BAD_KEY), from.address(), BAD_KEY)))
                .isEqualTo(REM_ACCESS_ERR);
    }

    @Test
    @Tag("RUT-RC-037")
    void shouldFailOutsideWhatTheKeyCovers(Rig rig) {
        Buffer own = rig.left().buffer(64);
        Buffer from = rig.right().buffer(64).fill(3);
        Buffer other = rig.right().buffer(64).fill(3);
        for (long address : List.of(from.address() + 64, from.address() - 64, other.address())) {
            Pair pair = rig.connect();
            assertThat(pair.left().run(SIGNALED.read(1, own.all(), address, from.key())))
                    .isEqualTo(REM_ACCESS_ERR);
        }
        assertThat(own.copy()).containsOnly(0);
    }

    @Test
    @Tag("RUT-RC-081")
    void shouldKeepTheSendQueueFull(Rig rig) {
        long room = 64;
        Pair pair = rig.connect(Setup.standard().withRequests((int) room));
        Buffer own = rig.left().buffer(room * 16);
        Buffer from = rig.right().buffer(room * 16);
        for (int batch = 0; batch < 20; batch++) {
            from.fill(batch);
            for (int i = 0; i < room; i++) {
                pair.left()
                        .post(
                                SIGNALED.read(
                                        batch * room + i,
                                        own.part(i * 16L, 16),
                                        from.address() + i * 16L,
                                        from.key()));
            }
            List<WorkCompletion> done = pair.left().sent();
            assertThat(done)
                    .hasSize((int) room)
                    .allMatch(WorkCompletion::isSuccess)
                    .allMatch(it -> it.opcode() == WorkCompletionOpcode.RDMA_READ)
                    .extracting(WorkCompletion::workRequestId)
                    .isSorted();
            assertThat(own.equalsBytes(from)).isTrue();
        }
    }
}
