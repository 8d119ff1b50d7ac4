package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.conformance.Requests.SIGNALED;
import static org.softverbs.verbs.WorkCompletionStatus.MW_BIND_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.REM_ACCESS_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.SUCCESS;
import static org.softverbs.verbs.WorkCompletionStatus.WR_FLUSH_ERR;

import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.MemoryWindow;
import org.softverbs.verbs.MemoryWindowBinding;
import org.softverbs.verbs.MemoryWindowType;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.WorkCompletionStatus;

/// Rows RUT-MW and PYV-MR about windows of both types, and of type 1.
@Conformance
class WindowTest {

    private static final Set<AccessFlag> REMOTE =
            EnumSet.of(AccessFlag.REMOTE_READ, AccessFlag.REMOTE_WRITE, AccessFlag.REMOTE_ATOMIC);

    private static MemoryWindowBinding all(Buffer buffer) {
        return MemoryWindowBinding.of(buffer.region(), REMOTE);
    }

    private static WorkCompletionStatus read(End left, Buffer own, Buffer from, int key) {
        return left.run(SIGNALED.read(1, own.all(), from.address(), key));
    }

    @ParameterizedTest
    @EnumSource
    @Tag("RUT-MW-001")
    void shouldCarryItsDomainAndType(MemoryWindowType type, Rig rig) {
        MemoryWindow window = rig.left().domain().allocateMemoryWindow(type);
        assertThat(window.protectionDomain()).isSameAs(rig.left().domain());
        assertThat(window.type()).isEqualTo(type);
        window.close();
        // Nothing of it keeps the domain open.
        rig.left().domain().close();
    }

    @ParameterizedTest
    @EnumSource
    @Tag("RUT-MW-002")
    @Decision(Expect.CLOSED_TWICE)
    void shouldEndOnce(MemoryWindowType type, Rig rig) {
        Pair pair = rig.connect();
        MemoryWindow gone = rig.right().window(type);
        gone.close();
        MemoryWindow younger = rig.right().window(type);
        Buffer exposed = rig.right().buffer(8).fill(1);
        assertThat(pair.right().bind(younger, all(exposed))).isEqualTo(SUCCESS);
        gone.close();
        Buffer own = rig.left().buffer(8);
        assertThat(read(pair.left(), own, exposed, younger.remoteKey())).isEqualTo(SUCCESS);
        Expect.closed(() -> pair.right().bind(gone, all(exposed)));
    }

    @ParameterizedTest
    @EnumSource
    @Tag("RUT-MW-004")
    void shouldBeReadThrough(MemoryWindowType type, Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(64);
        Buffer exposed = rig.right().buffer(64).fill(1);
        MemoryWindow window = rig.right().window(type);
        assertThat(pair.right().bind(window, all(exposed))).isEqualTo(SUCCESS);
        assertThat(read(pair.left(), own, exposed, window.remoteKey())).isEqualTo(SUCCESS);
        assertThat(own.equalsBytes(exposed)).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    @Tag("RUT-MW-007")
    void shouldNotBindToARegionThatIsGone(MemoryWindowType type, Rig rig) {
        Pair pair = rig.connect();
        Buffer gone = rig.right().buffer(64);
        MemoryWindowBinding binding = all(gone);
        gone.region().close();
        assertThat(pair.right().bind(rig.right().window(type), binding)).isEqualTo(MW_BIND_ERR);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("RUT-MW-009")
    @Decision(Expect.CLOSED_USED)
    void shouldNotBindOnAQueuePairThatIsGone(MemoryWindowType type, Rig rig) {
        Pair pair = rig.connect();
        Buffer exposed = rig.right().buffer(64);
        MemoryWindow window = rig.right().window(type);
        int before = window.remoteKey();
        pair.right().queuePair().close();
        Expect.closed(() -> pair.right().postBind(window, all(exposed)));
        rig.rest();
        assertThat(window.remoteKey()).isEqualTo(before);
    }

    @Test
    @Tag("RUT-MW-013")
    void shouldOutliveItsQueuePairWithTypeOne(Rig rig) {
        Pair pair = rig.connect();
        Pair other = rig.connect();
        Buffer own = rig.left().buffer(64);
        Buffer exposed = rig.right().buffer(64).fill(1);
        MemoryWindow window = rig.right().window(MemoryWindowType.TYPE_1);
        assertThat(pair.right().bind(window, all(exposed))).isEqualTo(SUCCESS);
        pair.right().queuePair().close();
        assertThat(read(other.left(), own, exposed, window.remoteKey())).isEqualTo(SUCCESS);
    }

    @Test
    @Tag("RUT-MW-014")
    void shouldBeBoundAgainOnAnotherQueuePairWithTypeOne(Rig rig) {
        Pair pair = rig.connect();
        Pair other = rig.connect();
        Buffer own = rig.left().buffer(64);
        Buffer exposed = rig.right().buffer(64).fill(1);
        MemoryWindow window = rig.right().window(MemoryWindowType.TYPE_1);
        assertThat(pair.right().bind(window, all(exposed))).isEqualTo(SUCCESS);
        int before = window.remoteKey();
        assertThat(other.right().bind(window, all(exposed))).isEqualTo(SUCCESS);
        assertThat(window.remoteKey()).isNotEqualTo(before);
        assertThat(read(other.left(), own, exposed, window.remoteKey())).isEqualTo(SUCCESS);
        assertThat(read(pair.left(), own, exposed, window.remoteKey())).isEqualTo(SUCCESS);
        assertThat(read(pair.left(), own, exposed, before)).isEqualTo(REM_ACCESS_ERR);
    }

    @Test
    @Tag("RUT-MW-016")
    void shouldBeFlushedOnAQueuePairInErrorWithTypeOne(Rig rig) {
        Pair pair = rig.connect();
        Buffer exposed = rig.right().buffer(64);
        pair.right().move(QueuePairState.ERR);
        assertThat(pair.right().bind(rig.right().window(MemoryWindowType.TYPE_1), all(exposed)))
                .isEqualTo(WR_FLUSH_ERR);
    }

    /// What a region grants, what a window is to grant, and whether the bind succeeds.
    enum Rights {
        NOTHING(EnumSet.of(AccessFlag.MW_BIND), EnumSet.noneOf(AccessFlag.class), true),
        NOTHING_WITHOUT_BIND(
                EnumSet.complementOf(
                        EnumSet.of(
                                AccessFlag.MW_BIND,
                                AccessFlag.ZERO_BASED,
                                AccessFlag.ON_DEMAND,
                                AccessFlag.FLUSH_PERSISTENT,
                                AccessFlag.RELAXED_ORDERING)),
                EnumSet.noneOf(AccessFlag.class),
                false),
        NO_BIND(EnumSet.of(AccessFlag.LOCAL_WRITE), EnumSet.of(AccessFlag.REMOTE_READ), false),
        READ_ONLY(EnumSet.of(AccessFlag.MW_BIND), EnumSet.of(AccessFlag.REMOTE_READ), true),
        READ_OF_ALL(
                EnumSet.of(AccessFlag.MW_BIND, AccessFlag.LOCAL_WRITE),
                EnumSet.of(AccessFlag.REMOTE_READ),
                true),
        WRITE_WITHOUT_LOCAL(
                EnumSet.of(AccessFlag.MW_BIND), EnumSet.of(AccessFlag.REMOTE_WRITE), false),
        WRITE_WITH_LOCAL(
                EnumSet.of(AccessFlag.MW_BIND, AccessFlag.LOCAL_WRITE),
                EnumSet.of(AccessFlag.REMOTE_WRITE),
                true),
        ATOMIC_WITHOUT_LOCAL(
                EnumSet.of(AccessFlag.MW_BIND), EnumSet.of(AccessFlag.REMOTE_ATOMIC), false),
        ATOMIC_WITH_LOCAL(
                EnumSet.of(AccessFlag.MW_BIND, AccessFlag.LOCAL_WRITE),
                EnumSet.of(AccessFlag.REMOTE_ATOMIC),
                true),
        ALL_WITHOUT_REMOTE(
                EnumSet.of(AccessFlag.MW_BIND, AccessFlag.LOCAL_WRITE),
                EnumSet.of(
                        AccessFlag.REMOTE_READ, AccessFlag.REMOTE_WRITE, AccessFlag.REMOTE_ATOMIC),
                true);

        private final int region;
        private final int window;
        private final boolean binds;

        Rights(Set<AccessFlag> region, Set<AccessFlag> window, boolean binds) {
            this.region = AccessFlag.bits(region);
            this.window = AccessFlag.bits(window);
            this.binds = binds;
        }
    }

    @ParameterizedTest
    @EnumSource
    @Tag("RUT-MW-034")
    void shouldBindWhereTheRegionAllowsIt(Rights rights, Rig rig) {
        for (MemoryWindowType type : MemoryWindowType.values()) {
            Pair pair = rig.connect();
            Buffer exposed = rig.right().buffer(64, AccessFlag.setOf(rights.region));
            MemoryWindowBinding binding =
                    MemoryWindowBinding.of(exposed.region(), AccessFlag.setOf(rights.window));
            assertThat(pair.right().bind(rig.right().window(type), binding))
                    .as("%s", type)
                    .isEqualTo(rights.binds ? SUCCESS : MW_BIND_ERR);
        }
    }

    @Test
    @Tag("PYV-MR-011")
    @Tag("PYV-MR-012")
    void shouldBeWrittenThroughWithTypeOne(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(64).fill(1);
        Buffer exposed = rig.right().buffer(64);
        MemoryWindow window = rig.right().window(MemoryWindowType.TYPE_1);
        assertThat(pair.right().bind(window, all(exposed))).isEqualTo(SUCCESS);
        int key = window.remoteKey();
        assertThat(pair.left().run(SIGNALED.write(1, own.all(), exposed.address(), key)))
                .isEqualTo(SUCCESS);
        assertThat(exposed.equalsBytes(own)).isTrue();
    }

    @Test
    @Tag("PYV-MR-013")
    void shouldOpenNothingWhenBoundToNoBytesWithTypeOne(Rig rig) {
        Pair pair = rig.connect();
        Buffer own = rig.left().buffer(64).fill(1);
        Buffer exposed = rig.right().buffer(64);
        MemoryWindow window = rig.right().window(MemoryWindowType.TYPE_1);
        assertThat(pair.right().bind(window, all(exposed))).isEqualTo(SUCCESS);
        int before = window.remoteKey();
        MemoryWindowBinding nothing =
                MemoryWindowBinding.of(exposed.region(), exposed.address(), 0, REMOTE);
        assertThat(pair.right().bind(window, nothing)).isEqualTo(SUCCESS);
        for (int key : new int[] {before, window.remoteKey()}) {
            assertThat(pair.left().run(SIGNALED.write(1, own.all(), exposed.address(), key)))
                    .isEqualTo(REM_ACCESS_ERR);
            pair.reconnect();
        }
        assertThat(exposed.copy()).containsOnly(0);
    }
}
