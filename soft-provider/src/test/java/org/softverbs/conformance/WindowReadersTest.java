package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.conformance.Requests.SIGNALED;
import static org.softverbs.verbs.WorkCompletionStatus.MW_BIND_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.REM_ACCESS_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.RETRY_EXC_ERR;
import static org.softverbs.verbs.WorkCompletionStatus.SUCCESS;
import static org.softverbs.verbs.WorkCompletionStatus.WR_FLUSH_ERR;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.MemoryWindow;
import org.softverbs.verbs.MemoryWindowBinding;
import org.softverbs.verbs.MemoryWindowType;
import org.softverbs.verbs.WorkCompletionStatus;

/// Rows RUT-MW about readers that go on while something happens to the window they read through.
///
/// A window of type 2 belongs to the queue pair it was bound on: each reader has its own, over the
/// same memory.
@Conformance
class WindowReadersTest {

    private static final int READERS = 8;
    private static final int READS = 40;
    private static final int SIZE = 1 << 12;

    /// A reader, its memory, and the window it reads through.
    private record Reader(Pair pair, Buffer own, MemoryWindow window, int key) {}

    private static Reader start(Rig rig, Buffer exposed) {
        Pair pair = rig.connect();
        MemoryWindow window = rig.right().window(MemoryWindowType.TYPE_2);
        assertThat(pair.right().bind(window, binding(exposed))).isEqualTo(SUCCESS);
        Buffer own = rig.left().buffer(SIZE);
        return new Reader(pair, own, window, window.remoteKey());
    }

    private static MemoryWindowBinding binding(Buffer exposed) {
        return MemoryWindowBinding.of(exposed.region(), EnumSet.of(AccessFlag.REMOTE_READ));
    }

    private static List<Reader> readers(Rig rig, Buffer exposed) {
        List<Reader> readers = new ArrayList<>();
        for (int i = 0; i < READERS; i++) {
            readers.add(start(rig, exposed));
        }
        for (Reader reader : readers) {
            for (int i = 0; i < READS; i++) {
                reader.pair
                        .left()
                        .post(SIGNALED.read(i, reader.own.all(), exposed.address(), reader.key));
            }
        }
        // All are under way, none is at its end.
        readers.forEach(reader -> assertThat(reader.pair.left().awaitSent(1)).hasSize(1));
        return readers;
    }

    @Test
    @Tag("RUT-MW-035")
    void shouldServeManyReadersToTheEnd(Rig rig) {
        Buffer exposed = rig.right().buffer(SIZE).fill(1);
        for (Reader reader : readers(rig, exposed)) {
            assertThat(reader.pair.left().sentStatuses()).hasSize(READS - 1).containsOnly(SUCCESS);
            assertThat(reader.own.equalsBytes(exposed)).isTrue();
        }
    }

    /// Some reads of each succeed, one fails, and those behind it are flushed.
    private static void shouldEndWith(WorkCompletionStatus error, List<Reader> readers) {
        for (Reader reader : readers) {
            List<WorkCompletionStatus> done = reader.pair.left().sentStatuses();
            assertThat(done).hasSize(READS - 1).contains(error);
            int failed = done.indexOf(error);
            assertThat(done.subList(0, failed)).allMatch(status -> status == SUCCESS);
            assertThat(done.subList(failed + 1, READS - 1))
                    .allMatch(status -> status == WR_FLUSH_ERR);
        }
    }

    @Test
    @Tag("RUT-MW-036")
    @Deviates(
            "a bind that fails takes its queue pair to ERR, where it answers nothing: readers end"
                    + " with RETRY_EXC_ERR")
    void shouldRefuseToBindAgainUnderReaders(Rig rig) {
        Buffer exposed = rig.right().buffer(SIZE).fill(1);
        List<Reader> readers = readers(rig, exposed);
        for (Reader reader : readers) {
            reader.pair.right().postBind(reader.window, binding(exposed));
        }
        for (Reader reader : readers) {
            assertThat(reader.pair.right().sentStatuses()).containsExactly(MW_BIND_ERR);
        }
        shouldEndWith(RETRY_EXC_ERR, readers);
    }

    @Test
    @Tag("RUT-MW-037")
    void shouldFailReadersWhenInvalidated(Rig rig) {
        List<Reader> readers = readers(rig, rig.right().buffer(SIZE).fill(1));
        for (Reader reader : readers) {
            reader.pair.right().post(SIGNALED.invalidate(1, reader.key));
        }
        for (Reader reader : readers) {
            assertThat(reader.pair.right().sentStatuses()).containsExactly(SUCCESS);
        }
        shouldEndWith(REM_ACCESS_ERR, readers);
    }

    @Test
    @Tag("RUT-MW-038")
    void shouldFailReadersWhenGivenBack(Rig rig) {
        List<Reader> readers = readers(rig, rig.right().buffer(SIZE).fill(1));
        readers.forEach(reader -> reader.window.close());
        shouldEndWith(REM_ACCESS_ERR, readers);
    }
}
