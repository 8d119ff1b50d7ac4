package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.softverbs.conformance.Requests.SIGNALED;
import static org.softverbs.verbs.WorkCompletionStatus.LOC_PROT_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.REM_ACCESS_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.REM_OP_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.SUCCESS;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.AsyncEvent;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.MemoryWindow;
import org.softverbs.verbs.MemoryWindowBinding;
import org.softverbs.verbs.MemoryWindowType;
import org.softverbs.verbs.WorkCompletionStatus;

/// Rows RUT-ACC and RUT-AEV: which rights an operation needs, and what the owner hears of it.
@Conformance
class AccessTest {

    private static final Set<AccessFlag> REMOTE =
            EnumSet.of(AccessFlag.REMOTE_READ, AccessFlag.REMOTE_WRITE, AccessFlag.REMOTE_ATOMIC);

    /// What a remote key may be of.
    enum Exposure {
        REGION,
        WINDOW_OF_TYPE_ONE,
        WINDOW_OF_TYPE_TWO
    }

    /// What a peer reaches: its bytes, the address of the first one, and the key.
    private record Exposed(Buffer buffer, long address, int key) {}

    private static Exposed expose(End right, Exposure exposure, Set<AccessFlag> rights) {
        return switch (exposure) {
            case REGION -> exposeRegion(right, rights);
            case WINDOW_OF_TYPE_ONE -> exposeWindow(right, MemoryWindowType.TYPE_1, rights);
            case WINDOW_OF_TYPE_TWO -> exposeWindow(right, MemoryWindowType.TYPE_2, rights);
        };
    }

    private static Exposed exposeRegion(End right, Set<AccessFlag> rights) {
        Set<AccessFlag> all = EnumSet.of(AccessFlag.LOCAL_WRITE);
        all.addAll(rights);
        Buffer buffer = right.node().buffer(8, all).word(0, Operation.OLD);
        return new Exposed(buffer, buffer.address(), buffer.key());
    }

    private static Exposed exposeWindow(End right, MemoryWindowType type, Set<AccessFlag> rights) {
        Buffer buffer = right.node().buffer(8).word(0, Operation.OLD);
        MemoryWindow window = right.node().window(type);
        assertThat(right.bind(window, MemoryWindowBinding.of(buffer.region(), rights)))
                .isEqualTo(SUCCESS);
        boolean zeroBased = rights.contains(AccessFlag.ZERO_BASED);
        return new Exposed(buffer, zeroBased ? 0 : buffer.address(), window.remoteKey());
    }

    private static Set<AccessFlag> remoteWithout(AccessFlag flag) {
        Set<AccessFlag> rights = EnumSet.copyOf(REMOTE);
        rights.remove(flag);
        return rights;
    }

    /// Runs an operation, and sees that it did what it says if and only if it succeeds.
    private static WorkCompletionStatus run(
            Rig rig, Operation operation, Exposure exposure, Set<AccessFlag> rights) {
        Pair pair = rig.connect();
        Exposed exposed = expose(pair.right(), exposure, rights);
        Buffer own = rig.left().buffer(8).word(0, Operation.NEW);
        WorkCompletionStatus status =
                pair.left()
                        .run(
                                operation.request(
                                        SIGNALED, 1, own.all(), exposed.address(), exposed.key()));
        boolean changes = operation != Operation.READ && status == SUCCESS;
        assertThat(exposed.buffer().word(0)).isEqualTo(changes ? Operation.NEW : Operation.OLD);
        boolean fetches = operation != Operation.WRITE && status == SUCCESS;
        assertThat(own.word(0)).isEqualTo(fetches ? Operation.OLD : Operation.NEW);
        return status;
    }

    @Test
    @Tag("RUT-ACC-003")
    void shouldNotReceiveWithoutLocalWrite(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(64).fill(1);
        Buffer to = rig.right().buffer(64, EnumSet.of(AccessFlag.REMOTE_READ));
        pair.right().receive(1, to.all());
        assertThat(pair.left().run(SIGNALED.send(1, own.all()))).isEqualTo(REM_OP_ERR);
        assertThat(pair.right().receivedStatuses()).containsExactly(LOC_PROT_ERR);
        assertThat(to.copy()).containsOnly(0);
    }

    @Test
    @Tag("RUT-ACC-004")
    void shouldReceiveWithoutRemoteWrite(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(64).fill(1);
        Buffer to = rig.right().buffer(64, EnumSet.of(AccessFlag.LOCAL_WRITE));
        pair.right().receive(1, to.all());
        assertThat(pair.left().run(SIGNALED.send(1, own.all()))).isEqualTo(SUCCESS);
        assertThat(pair.right().receivedStatuses()).containsExactly(SUCCESS);
        assertThat(to.equalsBytes(own)).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    @Tag("RUT-ACC-005")
    void shouldReadAndWriteWithAllRights(Exposure exposure, Rig rig) {
        for (Operation operation : List.of(Operation.READ, Operation.WRITE)) {
            assertThat(run(rig, operation, exposure, REMOTE)).isEqualTo(SUCCESS);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"REGION", "WINDOW_OF_TYPE_TWO"})
    @Tag("RUT-ACC-006")
    void shouldReadAndWriteFromZeroOn(Exposure exposure, Rig rig) {
        Set<AccessFlag> rights = EnumSet.of(AccessFlag.ZERO_BASED);
        rights.addAll(REMOTE);
        for (Operation operation : List.of(Operation.READ, Operation.WRITE)) {
            assertThat(run(rig, operation, exposure, rights)).isEqualTo(SUCCESS);
        }
        assertThat(expose(rig.connect().right(), exposure, rights).address()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    @Tag("RUT-ACC-008")
    void shouldNotWriteWithoutRemoteWrite(Exposure exposure, Rig rig) {
        Set<AccessFlag> rights = remoteWithout(AccessFlag.REMOTE_WRITE);
        assertThat(run(rig, Operation.WRITE, exposure, rights)).isEqualTo(REM_ACCESS_ERR);
        assertThat(run(rig, Operation.READ, exposure, rights)).isEqualTo(SUCCESS);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("RUT-ACC-009")
    void shouldNotReadWithoutRemoteRead(Exposure exposure, Rig rig) {
        Set<AccessFlag> rights = remoteWithout(AccessFlag.REMOTE_READ);
        assertThat(run(rig, Operation.READ, exposure, rights)).isEqualTo(REM_ACCESS_ERR);
        assertThat(run(rig, Operation.WRITE, exposure, rights)).isEqualTo(SUCCESS);
    }

    private static void shouldDoAtomics(Rig rig, Exposure exposure, Set<AccessFlag> rights) {
        for (Operation operation : Operation.values()) {
            if (operation.isAtomic()) {
                assertThat(run(rig, operation, exposure, rights)).isEqualTo(SUCCESS);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @Tag("RUT-ACC-011")
    void shouldDoAtomicsWithAllRights(Exposure exposure, Rig rig) {
        shouldDoAtomics(rig, exposure, REMOTE);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("RUT-ACC-013")
    void shouldDoAtomicsWithoutRemoteWrite(Exposure exposure, Rig rig) {
        shouldDoAtomics(rig, exposure, remoteWithout(AccessFlag.REMOTE_WRITE));
    }

    @ParameterizedTest
    @EnumSource
    @Tag("RUT-ACC-014")
    void shouldDoAtomicsWithoutRemoteRead(Exposure exposure, Rig rig) {
        shouldDoAtomics(rig, exposure, remoteWithout(AccessFlag.REMOTE_READ));
    }

    @Test
    @Tag("RUT-AEV-001")
    void shouldTellTheOwnerOfABadKey(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(64);
        Buffer from = rig.right().buffer(64).fill(1);
        assertThat(pair.left().run(SIGNALED.read(1, own.all(), from.address(), from.key() + 1)))
                .isEqualTo(REM_ACCESS_ERR);
        assertThat(own.copy()).containsOnly(0);
        assertThat(rig.right().events())
                .extracting(AsyncEvent::type, AsyncEvent::element)
                .containsExactly(tuple(AsyncEventType.QP_ACCESS_ERR, pair.right().number()));
        assertThat(rig.left().events()).isEmpty();
    }

    /// Runs both atomics, and sees that neither did anything.
    private static void shouldFail(
            Rig rig,
            Setup setup,
            Set<AccessFlag> rights,
            long offset,
            int keyOffset,
            WorkCompletionStatus... statuses) {
        for (Operation operation : List.of(Operation.FETCH_AND_ADD, Operation.COMPARE_AND_SWAP)) {
            Pair pair = rig.connect(setup);
            Buffer own = rig.left().buffer(8);
            Buffer word = rig.right().buffer(16, rights).word(0, Operation.OLD);
            assertThat(
                            pair.left()
                                    .run(
                                            operation.request(
                                                    SIGNALED,
                                                    1,
                                                    own.all(),
                                                    word.address() + offset,
                                                    word.key() + keyOffset)))
                    .isIn((Object[]) statuses);
            assertThat(word.word(0)).isEqualTo(Operation.OLD);
            assertThat(word.word(8)).isZero();
            assertThat(own.word(0)).isZero();
        }
    }

    @Test
    @Tag("PYV-ATOMIC-001")
    void shouldSwapWhatIsEqualAndNothingElse(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(8);
        Buffer word = rig.right().buffer(8).word(0, 5);
        long[][] swaps = {{5, 6, 5, 6}, {5, 7, 6, 6}, {6, 9, 6, 9}, {0, 1, 9, 9}};
        for (long[] swap : swaps) {
            assertThat(
                            pair.left()
                                    .run(
                                            SIGNALED.compareAndSwap(
                                                    1,
                                                    own.all(),
                                                    word.address(),
                                                    word.key(),
                                                    swap[0],
                                                    swap[1])))
                    .isEqualTo(SUCCESS);
            assertThat(own.word(0)).isEqualTo(swap[2]);
            assertThat(word.word(0)).isEqualTo(swap[3]);
        }
    }

    @Test
    @Tag("PYV-ATOMIC-005")
    void shouldNotDoAtomicsThatTheQueuePairDoesNotGrant(Rig rig) {
        Set<AccessFlag> peerMay = EnumSet.of(AccessFlag.REMOTE_READ, AccessFlag.REMOTE_WRITE);
        shouldFail(
                rig,
                Setup.standard().withPeerMay(peerMay),
                Node.ALL,
                0,
                0,
                WorkCompletionStatus.REM_INV_REQ_ERR,
                REM_ACCESS_ERR);
    }

    @Test
    @Tag("PYV-ATOMIC-006")
    void shouldNotDoAtomicsThatTheRegionDoesNotGrant(Rig rig) {
        Set<AccessFlag> rights = EnumSet.of(AccessFlag.LOCAL_WRITE, AccessFlag.REMOTE_WRITE);
        shouldFail(rig, Setup.standard(), rights, 0, 0, REM_ACCESS_ERR);
    }

    @Test
    @Tag("PYV-ATOMIC-007")
    void shouldNotDoAtomicsOnAnUnalignedWord(Rig rig) {
        shouldFail(rig, Setup.standard(), Node.ALL, 1, 0, WorkCompletionStatus.REM_INV_REQ_ERR);
    }

    @Test
    @Tag("PYV-ATOMIC-009")
    void shouldNotDoAtomicsByTheNextKey(Rig rig) {
        shouldFail(rig, Setup.standard(), Node.ALL, 0, 1, REM_ACCESS_ERR);
    }
}
