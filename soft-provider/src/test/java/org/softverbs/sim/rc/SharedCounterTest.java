package org.softverbs.sim.rc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.softverbs.sim.FaultPlan;
import org.softverbs.sim.InvariantViolation;
import org.softverbs.sim.World;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.ProtectionDomain;

/// What additions of several queue pairs may give: M9.
class SharedCounterTest {

    private final DeviceContext context = new World(1, FaultPlan.none()).addHost().openDevice();
    private final ProtectionDomain domain = context.allocateProtectionDomain();
    private final MemorySegment memory = Arena.ofAuto().allocate(SharedCounter.BYTES, 4096);
    private final SharedCounter counter = new SharedCounter("n1", memory);

    SharedCounterTest() {
        counter.open(domain);
    }

    @AfterEach
    void close() {
        counter.close();
        domain.close();
        context.close();
    }

    private void complete(long index, long least) {
        counter.completed(index * SharedCounter.STEP, least);
    }

    /// So many were carried out.
    private void hold(long count) {
        memory.set(ValueLayout.JAVA_LONG, 0, count * SharedCounter.STEP);
    }

    private static void requireBroken(Runnable action) {
        assertThatThrownBy(action::run)
                .isInstanceOf(InvariantViolation.class)
                .hasMessageStartingWith("M9");
    }

    @Test
    void shouldLetAdditionsGiveMultiplesInAnyOrder() {
        counter.post();
        counter.post();
        assertThat(counter.post()).isZero();
        hold(3);
        assertThatCode(
                        () -> {
                            complete(1, 0);
                            complete(0, 0);
                        })
                .doesNotThrowAnyException();
        assertThat(counter.post()).isEqualTo(2);
    }

    @Test
    void shouldFindTwoAdditionsThatGaveTheSame() {
        counter.post();
        counter.post();
        hold(2);
        complete(1, 0);
        requireBroken(() -> complete(1, 0));
    }

    @Test
    void shouldFindAnAdditionThatIsLost() {
        counter.post();
        counter.post();
        hold(1);
        complete(0, 0);
        requireBroken(() -> complete(1, 1));
    }

    @Test
    void shouldFindAnAdditionThatGaveWhatWasThereLongBefore() {
        long first = counter.post();
        hold(1);
        complete(0, first);
        long second = counter.post();
        hold(2);
        requireBroken(() -> complete(0, second));
    }

    @Test
    void shouldFindMoreThanWasPosted() {
        counter.post();
        hold(2);
        requireBroken(counter::check);
    }

    @Test
    void shouldFindHalfOfAnAddition() {
        counter.post();
        hold(1);
        requireBroken(() -> counter.completed(1, 0));
    }
}
