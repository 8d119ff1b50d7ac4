package org.softverbs.sim.rw;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import java.util.OptionalInt;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.softverbs.sim.InvariantViolation;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionOpcode;
import org.softverbs.verbs.WorkCompletionStatus;

/// Which completions may come of I/Os once one failed: C1, C2.
class FlushModelTest {

    private final FlushModel model = new FlushModel();

    FlushModelTest() {
        model.posted(1, 2);
        model.posted(2, 3);
        model.posted(3, 2);
        model.succeeded(1);
    }

    private void end(long id, WorkCompletionStatus status, int times) {
        for (int i = 0; i < times; i++) {
            model.ended(
                    new WorkCompletion(
                            id,
                            status,
                            WorkCompletionOpcode.RDMA_WRITE,
                            0,
                            0,
                            OptionalInt.empty(),
                            OptionalInt.empty(),
                            7,
                            Optional.empty(),
                            Optional.empty()));
        }
    }

    private void fail(long id) {
        end(id, WorkCompletionStatus.RETRY_EXC_ERR, 1);
    }

    private void flush(long id, int times) {
        end(id, WorkCompletionStatus.WR_FLUSH_ERR, times);
    }

    private static void requireBroken(String invariant, ThrowingCallable action) {
        assertThatThrownBy(action)
                .isInstanceOf(InvariantViolation.class)
                .hasMessageStartingWith(invariant);
    }

    @Test
    void shouldLetRequestsOfTheFirstSucceedInSilence() {
        fail(2);
        flush(2, 1);
        flush(3, 2);
        assertThatCode(model::drained).doesNotThrowAnyException();
    }

    @Test
    void shouldFindARequestThatIsNotFlushed() {
        fail(2);
        flush(2, 2);
        flush(3, 1);
        requireBroken("C1", model::drained);
    }

    @Test
    void shouldFindARequestThatIsFlushedTwice() {
        fail(2);
        flush(2, 3);
        flush(3, 2);
        requireBroken("C1", model::drained);
    }

    @Test
    void shouldFindAFailureThatIsNotOfTheOldest() {
        requireBroken("C2", () -> fail(3));
    }

    @Test
    void shouldFindASecondFailure() {
        fail(2);
        requireBroken("C2", () -> fail(3));
    }

    @Test
    void shouldFindAFlushOutOfOrder() {
        fail(2);
        flush(3, 1);
        requireBroken("C2", () -> flush(2, 1));
    }

    @Test
    void shouldFindACompletionOfWhatIsDone() {
        requireBroken("C1", () -> fail(1));
    }
}
