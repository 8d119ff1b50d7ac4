package org.softverbs.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.softverbs.sim.scenario.Scenarios;
import org.softverbs.soft.trace.TraceKind;

/// What becomes of runs that go wrong in ways that no invariant names.
class CampaignTest {

    /// Has no stack left in one of its runs.
    private static final class Deep implements Scenario {

        private static final long BAD_SEED = 5;

        @Override
        public String name() {
            return "deep";
        }

        @Override
        public String description() {
            return "calls itself for ever";
        }

        @Override
        public int standardNodes() {
            return 1;
        }

        @Override
        public Set<FaultKind> faults() {
            return Set.of();
        }

        @Override
        public void run(World world, int nodes) {
            if (world.seed() == BAD_SEED) {
                throw new StackOverflowError("as if an engine had called itself");
            }
        }
    }

    @Test
    void shouldCallARunWithoutStackAFailure() throws InterruptedException {
        Campaign campaign = new Campaign(List.of(new Deep()), 1, 1000, 0);
        campaign.run(2);
        Campaign.Summary summary = campaign.summary();
        assertThat(summary.violations()).isEqualTo(1);
        Simulation.Result result = summary.failure().orElseThrow().result();
        assertThat(result.seed()).isEqualTo(Deep.BAD_SEED);
        assertThat(result.violation()).hasMessageContaining("StackOverflowError");
    }

    @Test
    void shouldWaitForALongRunWhoseClockMoves() {
        Patience patience = new Patience(3);
        for (long nanos = 0; nanos < 100; nanos++) {
            assertThat(patience.isOver(7, nanos)).isFalse();
            assertThat(patience.isOver(7, nanos)).isFalse();
        }
    }

    @Test
    void shouldGiveUpARunWhoseClockStands() {
        Patience patience = new Patience(3);
        assertThat(patience.isOver(7, 5)).isFalse();
        assertThat(patience.isOver(7, 5)).isFalse();
        assertThat(patience.isOver(8, 5)).isFalse();
        assertThat(patience.isOver(8, 5)).isFalse();
        assertThat(patience.isOver(8, 5)).isFalse();
        assertThat(patience.isOver(8, 5)).isTrue();
    }

    @Test
    void shouldCountEveryRunOnce() throws InterruptedException {
        Campaign campaign =
                new Campaign(List.of(Scenarios.named("rc-clean").orElseThrow()), 7, 10, 0);
        campaign.run(3);
        assertThat(campaign.summary().runs()).isEqualTo(10);
        assertThat(campaign.summary().failure()).isEmpty();
    }

    /// A fault that does nothing would only excuse what goes wrong.
    @Test
    void shouldLosePacketsOfNarrowPathsInScenarios() {
        Scenario rc = Scenarios.named("rc").orElseThrow();
        FaultPlan narrow = new DrawnPlan(1, Map.of(FaultKind.MTU_CHANGE, 0.05));
        long lost = 0;
        for (long seed = 1; seed <= 5; seed++) {
            Simulation.Result result = new Simulation().run(rc, seed, 2, narrow, true);
            assertThat(result.violation()).isNull();
            lost +=
                    result.trace().records().stream()
                            .filter(record -> record.kind() == TraceKind.LOST)
                            .filter(record -> record.text().contains("above the MTU"))
                            .count();
        }
        assertThat(lost).isPositive();
    }
}
