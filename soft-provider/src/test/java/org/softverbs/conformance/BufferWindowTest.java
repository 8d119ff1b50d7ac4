package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.conformance.Requests.SIGNALED;
import static org.softverbs.verbs.WorkCompletionStatus.REM_ACCESS_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.SUCCESS;

import java.util.EnumSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.MemoryWindow;
import org.softverbs.verbs.MemoryWindowBinding;
import org.softverbs.verbs.MemoryWindowType;
import org.softverbs.verbs.WorkCompletionStatus;

/// Rows RUT-BUF about windows: requests at their ends, though inside the region, and requests of no
/// bytes.
@Conformance
class BufferWindowTest {

    private static final long SIZE = 4096;
    private static final long START = 1024;
    private static final int LENGTH = 512;

    /// A window in the midst of a region.
    private record Case(Pair pair, Buffer own, Buffer exposed, MemoryWindow window) {

        static Case of(Rig rig, MemoryWindowType type) {
            Pair pair = rig.connect();
            Buffer exposed = rig.right().buffer(SIZE);
            MemoryWindow window = rig.right().window(type);
            assertThat(
                            pair.right()
                                    .bind(
                                            window,
                                            MemoryWindowBinding.of(
                                                    exposed.region(),
                                                    exposed.address() + START,
                                                    LENGTH,
                                                    EnumSet.of(
                                                            AccessFlag.REMOTE_READ,
                                                            AccessFlag.REMOTE_WRITE))))
                    .isEqualTo(SUCCESS);
            return new Case(pair, rig.left().buffer(SIZE).fill(1), exposed, window);
        }

        WorkCompletionStatus read(long offset, int length) {
            long address = exposed.address() + START + offset;
            return pair.left()
                    .run(SIGNALED.read(1, own.part(0, length), address, window.remoteKey()));
        }

        WorkCompletionStatus write(long offset, int length) {
            long address = exposed.address() + START + offset;
            return pair.left()
                    .run(SIGNALED.write(1, own.part(0, length), address, window.remoteKey()));
        }

        void expectUntouched() {
            assertThat(exposed.copy()).containsOnly(0);
        }
    }

    @ParameterizedTest
    @EnumSource
    @Tag("RUT-BUF-021")
    void shouldNotReadBeforeTheWindow(MemoryWindowType type, Rig rig) {
        assertThat(Case.of(rig, type).read(0, LENGTH)).isEqualTo(SUCCESS);
        assertThat(Case.of(rig, type).read(-1, LENGTH)).isEqualTo(REM_ACCESS_ERR);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("RUT-BUF-022")
    void shouldNotReadPastTheWindow(MemoryWindowType type, Rig rig) {
        assertThat(Case.of(rig, type).read(LENGTH - 1, 1)).isEqualTo(SUCCESS);
        assertThat(Case.of(rig, type).read(1, LENGTH)).isEqualTo(REM_ACCESS_ERR);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("RUT-BUF-023")
    void shouldReadNothingInTheWindow(MemoryWindowType type, Rig rig) {
        assertThat(Case.of(rig, type).read(7, 0)).isEqualTo(SUCCESS);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("RUT-BUF-024")
    void shouldReadNothingOutsideTheWindow(MemoryWindowType type, Rig rig) {
        Case test = Case.of(rig, type);
        assertThat(test.read(LENGTH + 1, 0)).isEqualTo(SUCCESS);
        assertThat(test.read(-1, 0)).isEqualTo(SUCCESS);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("RUT-BUF-025")
    void shouldNotWriteBeforeTheWindow(MemoryWindowType type, Rig rig) {
        Case test = Case.of(rig, type);
        assertThat(test.write(-1, LENGTH)).isEqualTo(REM_ACCESS_ERR);
        test.expectUntouched();
    }

    @ParameterizedTest
    @EnumSource
    @Tag("RUT-BUF-027")
    void shouldWriteNothingInTheWindow(MemoryWindowType type, Rig rig) {
        Case test = Case.of(rig, type);
        assertThat(test.write(7, 0)).isEqualTo(SUCCESS);
        test.expectUntouched();
    }

    @ParameterizedTest
    @EnumSource
    @Tag("RUT-BUF-028")
    void shouldWriteNothingOutsideTheWindow(MemoryWindowType type, Rig rig) {
        Case test = Case.of(rig, type);
        assertThat(test.write(LENGTH + 1, 0)).isEqualTo(SUCCESS);
        assertThat(test.write(-1, 0)).isEqualTo(SUCCESS);
        test.expectUntouched();
    }
}
