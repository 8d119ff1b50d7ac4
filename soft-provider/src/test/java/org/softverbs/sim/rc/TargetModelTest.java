package org.softverbs.sim.rc;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.softverbs.sim.DataBank;
import org.softverbs.sim.InvariantViolation;

/// The judge is judged: it takes what the order of WRITEs can give, and nothing else.
class TargetModelTest {

    private final MemorySegment memory = Arena.ofAuto().allocate(256, 8);
    private TargetModel model = new TargetModel("memory", memory);

    @BeforeEach
    void begin() {
        memory.fill(DataBank.POISON);
        model = new TargetModel("memory", memory);
    }

    private void write(long request, int offset, int length) {
        DataBank.fill(memory, offset, request, length);
    }

    @Test
    void shouldTakeWritesUpToAnyOneAndPartOfTheNext() {
        model.posted(1, 0, 100);
        model.posted(2, 50, 100);
        model.check();
        write(1, 0, 30);
        model.check();
        write(1, 0, 100);
        model.check();
        write(2, 50, 10);
        model.check();
        write(2, 50, 100);
        assertThatCode(model::check).doesNotThrowAnyException();
    }

    @Test
    void shouldNotTakeAWriteThatComesBack() {
        model.posted(1, 0, 100);
        model.posted(2, 0, 100);
        write(1, 0, 100);
        write(2, 0, 100);
        model.executed(2);
        write(1, 0, 100);
        assertBroken();
    }

    @Test
    void shouldNotTakeASecondWriteBeforeTheFirst() {
        model.posted(1, 0, 100);
        model.posted(2, 100, 100);
        write(2, 100, 100);
        assertBroken();
    }

    @Test
    void shouldNotTakeASuccessWithoutTheData() {
        model.posted(1, 0, 100);
        write(1, 0, 99);
        assertThatThrownBy(() -> model.executed(1)).isInstanceOf(InvariantViolation.class);
    }

    @Test
    void shouldNotTakeAByteThatNobodyWrote() {
        model.posted(1, 0, 100);
        write(1, 0, 100);
        memory.set(ValueLayout.JAVA_BYTE, 200, (byte) 1);
        assertBroken();
    }

    @Test
    void shouldNotTakeWhatComesAfterTheEnd() {
        model.posted(1, 0, 100);
        model.abandon();
        write(1, 0, 100);
        assertBroken();
    }

    @Test
    void shouldLetAReadSeeLaterWritesUpToAFence() {
        model.posted(1, 0, 100);
        byte[] expected = model.snapshot(0, 100);
        model.posted(3, 0, 50);
        write(1, 0, 100);
        write(3, 0, 50);
        assertThatCode(() -> model.checkRead(2, 4, memory, 0, expected, 0))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> model.checkRead(2, 3, memory, 0, expected, 0))
                .isInstanceOf(InvariantViolation.class)
                .hasMessageStartingWith("T14");
    }

    private void assertBroken() {
        assertThatThrownBy(model::check)
                .isInstanceOf(InvariantViolation.class)
                .hasMessageStartingWith("T1");
    }
}
