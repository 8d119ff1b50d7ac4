package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.conformance.Requests.SIGNALED;
import static org.softverbs.conformance.Requests.UNSIGNALED;
import static org.softverbs.verbs.WorkCompletionStatus.MW_BIND_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.REM_ACCESS_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.SUCCESS;

import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.MemoryWindow;
import org.softverbs.verbs.MemoryWindowBinding;
import org.softverbs.verbs.MemoryWindowType;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionOpcode;
import org.softverbs.verbs.WorkCompletionStatus;

/// Rows RUT-MW and PYV-MR about windows of type 2.
@Conformance
class WindowOfTypeTwoTest {

    private static final Set<AccessFlag> REMOTE =
            EnumSet.of(AccessFlag.REMOTE_READ, AccessFlag.REMOTE_WRITE);
    private static final int LOW_BITS = 0xff;

    /// A connection, memory of both ends, and a window on the right.
    private record Case(Pair pair, Buffer own, Buffer exposed, MemoryWindow window) {

        static Case of(Rig rig) {
            return new Case(
                    rig.connect(),
                    rig.left().buffer(64),
                    rig.right().buffer(64).fill(1),
                    rig.right().window(MemoryWindowType.TYPE_2));
        }

        static Case bound(Rig rig) {
            Case test = of(rig);
            assertThat(test.pair.right().bind(test.window, test.all())).isEqualTo(SUCCESS);
            return test;
        }

        MemoryWindowBinding all() {
            return MemoryWindowBinding.of(exposed.region(), REMOTE);
        }

        WorkCompletionStatus read(int key) {
            return pair.left().run(SIGNALED.read(1, own.all(), exposed.address(), key));
        }

        WorkCompletionStatus write(int key) {
            return pair.left().run(SIGNALED.write(1, own.all(), exposed.address(), key));
        }
    }

    private static int key(MemoryWindow window, int lowBits) {
        return (window.remoteKey() & ~LOW_BITS) | lowBits;
    }

    @Test
    @Tag("RUT-MW-018")
    void shouldNotCompleteAnUnsignaledBind(Rig rig) {
        Case test = Case.of(rig);
        MemoryWindow second = rig.right().window(MemoryWindowType.TYPE_2);
        test.pair().right().post(UNSIGNALED.bind(1, test.window(), test.all()));
        assertThat(test.pair().right().sent()).isEmpty();
        assertThat(test.pair().right().run(SIGNALED.bind(2, second, test.all())))
                .isEqualTo(SUCCESS);
        assertThat(test.read(test.window().remoteKey())).isEqualTo(SUCCESS);
        assertThat(test.read(second.remoteKey())).isEqualTo(SUCCESS);
    }

    @Test
    @Tag("RUT-MW-019")
    void shouldNotBindToNoBytes(Rig rig) {
        Case test = Case.of(rig);
        MemoryWindowBinding nothing =
                MemoryWindowBinding.of(
                        test.exposed().region(), test.exposed().address(), 0, REMOTE);
        assertThat(test.pair().right().bind(test.window(), nothing)).isEqualTo(MW_BIND_ERR);
    }

    @Test
    @Tag("RUT-MW-020")
    void shouldBindTwoWindowsByTheSameEightBits(Rig rig) {
        Case test = Case.of(rig);
        MemoryWindow second = rig.right().window(MemoryWindowType.TYPE_2);
        for (MemoryWindow window : List.of(test.window(), second)) {
            assertThat(
                            test.pair()
                                    .right()
                                    .run(SIGNALED.bind(1, window, key(window, 17), test.all())))
                    .isEqualTo(SUCCESS);
            assertThat(window.remoteKey() & LOW_BITS).isEqualTo(17);
            assertThat(test.read(window.remoteKey())).isEqualTo(SUCCESS);
        }
        assertThat(second.remoteKey()).isNotEqualTo(test.window().remoteKey());
    }

    @Test
    @Tag("RUT-MW-021")
    void shouldHaveKeysThatAreDistinct(Rig rig) {
        Case test = Case.of(rig);
        Set<Integer> keys = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            MemoryWindow window = rig.right().window(MemoryWindowType.TYPE_2);
            assertThat(
                            test.pair()
                                    .right()
                                    .run(SIGNALED.bind(i, window, key(window, 17), test.all())))
                    .isEqualTo(SUCCESS);
            keys.add(window.remoteKey());
        }
        assertThat(keys).hasSize(100);
    }

    @Test
    @Tag("RUT-MW-022")
    void shouldCompleteAnUnsignaledBindThatFails(Rig rig) {
        Case test = Case.of(rig);
        Buffer closed = rig.right().buffer(64, EnumSet.of(AccessFlag.LOCAL_WRITE));
        assertThat(
                        test.pair()
                                .right()
                                .run(
                                        UNSIGNALED.bind(
                                                1,
                                                test.window(),
                                                MemoryWindowBinding.of(closed.region(), REMOTE))))
                .isEqualTo(MW_BIND_ERR);
    }

    @Test
    @Tag("RUT-MW-024")
    void shouldInvalidateWithoutACompletion(Rig rig) {
        Case test = Case.bound(rig);
        int key = test.window().remoteKey();
        assertThat(test.read(key)).isEqualTo(SUCCESS);
        test.pair().right().post(UNSIGNALED.invalidate(2, key));
        assertThat(test.pair().right().sent()).isEmpty();
        assertThat(test.read(key)).isEqualTo(REM_ACCESS_ERR);
    }

    @Test
    @Tag("RUT-MW-027")
    void shouldNotKeepItsQueuePairOpen(Rig rig) {
        Case test = Case.bound(rig);
        Pair other = rig.connect();
        test.pair().right().queuePair().close();
        assertThat(
                        other.left()
                                .run(
                                        SIGNALED.read(
                                                1,
                                                test.own().all(),
                                                test.exposed().address(),
                                                test.window().remoteKey())))
                .isEqualTo(REM_ACCESS_ERR);
    }

    @Test
    @Tag("RUT-MW-028")
    @Decision("a region with windows bound to it stays: EBUSY")
    void shouldKeepItsRegionOpen(Rig rig) {
        Case test = Case.bound(rig);
        Expect.refused(Errno.EBUSY, () -> test.exposed().region().close());
        assertThat(test.read(test.window().remoteKey())).isEqualTo(SUCCESS);
        assertThat(test.own().equalsBytes(test.exposed())).isTrue();
    }

    @Test
    @Tag("RUT-MW-029")
    void shouldNotBeBoundAgainOnAnotherQueuePair(Rig rig) {
        Case test = Case.bound(rig);
        Pair other = rig.connect();
        assertThat(other.right().bind(test.window(), test.all())).isEqualTo(MW_BIND_ERR);
        assertThat(test.read(test.window().remoteKey())).isEqualTo(SUCCESS);
    }

    @Test
    @Tag("PYV-MR-015")
    void shouldOpenNothingAfterALocalInvalidate(Rig rig) {
        Case test = Case.bound(rig);
        int key = test.window().remoteKey();
        assertThat(test.write(key)).isEqualTo(SUCCESS);
        test.pair().right().post(SIGNALED.invalidate(2, key));
        List<WorkCompletion> done = test.pair().right().sent();
        assertThat(done).hasSize(1);
        assertThat(done.getFirst().status()).isEqualTo(SUCCESS);
        assertThat(done.getFirst().opcode()).isEqualTo(WorkCompletionOpcode.LOCAL_INV);
        assertThat(test.write(key)).isEqualTo(REM_ACCESS_ERR);
    }

    @Test
    @Tag("PYV-MR-016")
    void shouldOpenNothingAfterASendWithInvalidate(Rig rig) {
        Case test = Case.bound(rig);
        int key = test.window().remoteKey();
        assertThat(test.write(key)).isEqualTo(SUCCESS);
        test.pair().right().receive(1);
        assertThat(test.pair().left().run(SIGNALED.sendWithInvalidate(2, key))).isEqualTo(SUCCESS);
        assertThat(test.write(key)).isEqualTo(REM_ACCESS_ERR);
    }

    @Test
    @Tag("PYV-MR-017")
    void shouldOpenNothingWhenGivenBack(Rig rig) {
        Case test = Case.bound(rig);
        int key = test.window().remoteKey();
        assertThat(test.write(key)).isEqualTo(SUCCESS);
        test.window().close();
        assertThat(test.write(key)).isEqualTo(REM_ACCESS_ERR);
    }
}
