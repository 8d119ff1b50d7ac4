package org.softverbs.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.softverbs.sim.scenario.Scenarios;
import org.softverbs.soft.device.SoftDevice;
import org.softverbs.soft.device.TestNode;
import org.softverbs.soft.script.EngineScript;
import org.softverbs.soft.script.EngineScripts;
import org.softverbs.soft.script.RpktException;
import org.softverbs.soft.script.RpktOutcome;
import org.softverbs.soft.script.RpktRunner;
import org.softverbs.soft.script.RpktScript;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest.RdmaWrite;
import org.softverbs.verbs.WorkCompletion;

/// What happened to one queue pair of a world happens again to an engine by itself.
class EngineScriptsTest {

    private static Scenario scenario(String name) {
        return Scenarios.named(name).orElseThrow();
    }

    private static Simulation.Recorded record(String name, long seed) {
        Simulation simulation = new Simulation();
        Scenario scenario = scenario(name);
        FaultPlan plan =
                name.equals("rc-clean")
                        ? FaultPlan.none()
                        : new ListedPlan(
                                simulation
                                        .run(scenario, seed, scenario.standardNodes(), false)
                                        .done());
        return simulation.record(scenario, seed, scenario.standardNodes(), plan);
    }

    private static RpktOutcome run(EngineScript script, String sentence) {
        try {
            return RpktRunner.run(RpktScript.parse(script.name(), script.text(sentence)));
        } catch (RpktException wrong) {
            return new RpktOutcome.Failed(0, String.valueOf(wrong.getMessage()));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "rc-clean, 40",
        "rc, 5",
        "rc-atomics, 3",
        "rc-errors, 5",
        "rc-teardown, 5",
        "rc-hostile, 5"
    })
    void shouldGiveTheSameOfEveryQueuePairInAnEngineByItself(String name, int seeds) {
        List<String> failures = new ArrayList<>();
        int passed = 0;
        for (long seed = 1; seed <= seeds; seed++) {
            Simulation.Recorded recorded = record(name, seed);
            assertThat(recorded.result().violation()).isNull();
            for (EngineScript script : recorded.scripts().all()) {
                assertThat(script.obstacle()).as("%s seed %d", name, seed).isEmpty();
                if (run(script, "Seed " + seed) instanceof RpktOutcome.Failed failed) {
                    failures.add(name + " seed " + seed + " " + failed.message());
                } else {
                    passed++;
                }
            }
        }
        assertThat(failures).isEmpty();
        assertThat(passed).isGreaterThanOrEqualTo(2 * seeds);
    }

    @Test
    void shouldNotChangeTheRun() {
        Scenario rc = scenario("rc");
        Simulation.Result without = new Simulation().run(rc, 17, 2, FaultPlan.none(), false);
        Simulation.Recorded with = new Simulation().record(rc, 17, 2, FaultPlan.none());
        assertThat(with.result().traceHash()).isEqualTo(without.traceHash());
        assertThat(with.scripts().all()).isNotEmpty();
    }

    @Test
    void shouldWriteHowMuchRoomASlowLinkHad() {
        World world = new World(1, FaultPlan.none());
        world.network()
                .standard(
                        new PathSettings(Duration.ofNanos(900), Duration.ZERO, 100_000_000, 9000));
        EngineScripts scripts = world.writeScripts();
        try (TestNode left = new TestNode(world.addHost().openDevice(), 100_000);
                TestNode right = new TestNode(world.addHost().openDevice(), 100_000)) {
            TestNode.connect(left, right, Mtu.MTU_1024);
            left.queuePair.postSend(
                    new RdmaWrite(
                            1,
                            List.of(left.region.element()),
                            right.region.address(),
                            right.region.remoteKey(),
                            EnumSet.of(SendFlag.SIGNALED)));
            world.run(Duration.ofSeconds(1));
            assertThat(left.sends.poll(1)).first().matches(WorkCompletion::isSuccess);
        }
        EngineScript sender = scripts.all().getFirst();
        assertThat(sender.text("x"))
                .containsPattern("\nroom [1-9]\\d*\nturn\n> WRITE_")
                .contains("\nroom all\n");
        for (EngineScript script : scripts.all()) {
            assertThat(run(script, "x")).isEqualTo(new RpktOutcome.Passed());
        }
    }

    @Test
    void shouldSayWhyAQueuePairOfKernelCodeHasNoScript() {
        assertThat(record("rw", 1).scripts().all())
                .flatExtracting(script -> script.obstacle().stream().toList())
                .first()
                .asString()
                .contains("kernel code");
    }

    private static Simulation.Recorded broken(String message) {
        Scenario broken =
                new MisjudgedScenario(scenario("rc-clean"), Duration.ofNanos(400_000), message);
        return new Simulation().record(broken, 3, 2, FaultPlan.none());
    }

    @Test
    void shouldFindTheQueuePairThatTheMessageNames() {
        for (EngineScript script : broken("somewhere").scripts().all()) {
            Simulation.Recorded again = broken("at " + script.name() + ", request 1, of n1 qp 1");
            assertThat(again.suspect().orElseThrow().name()).isEqualTo(script.name());
        }
    }

    @Test
    void shouldSuspectTheLastQueuePairWhenTheMessageNamesNone() {
        Simulation.Recorded recorded = broken("somewhere");
        assertThat(recorded.suspect()).isEqualTo(recorded.scripts().latest()).isPresent();
    }

    @Test
    void shouldGoAsFarAsTheViolation() {
        EngineScript whole = record("rc-clean", 3).scripts().all().getFirst();
        EngineScript part = broken("somewhere").scripts().all().getFirst();
        List<String> lines = part.text("x").lines().toList();
        assertThat(run(part, "x")).isEqualTo(new RpktOutcome.Passed());
        assertThat(whole.text("x").lines().toList())
                .hasSizeGreaterThan(lines.size())
                .startsWith(lines.subList(0, lines.size() - 1).toArray(String[]::new));
    }

    @Test
    void shouldRefuseASecondObserverOfADevice() {
        World world = new World(1, FaultPlan.none());
        EngineScripts scripts = world.writeScripts();
        SoftDevice device = world.addHost().openDevice();
        assertThatThrownBy(() -> device.observe(scripts.watch("n9", world.clock())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("device sim1 is observed already");
    }
}
