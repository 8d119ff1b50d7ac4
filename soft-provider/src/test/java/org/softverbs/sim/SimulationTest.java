package org.softverbs.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.softverbs.cli.Softverbs;
import org.softverbs.junit.Provokes;
import org.softverbs.sanitizer.Finding;
import org.softverbs.sim.scenario.Scenarios;
import org.softverbs.soft.trace.TraceKind;

/// Runs from seeds: the same again each time, and none breaks an invariant.
@Provokes(
        value = {
            Finding.DEVICE_AGAINST_DIRECTION,
            Finding.DEVICE_USE_AFTER_UNMAP,
            Finding.SEND_BUFFER_CHANGED,
            Finding.FAST_KEY_MISUSED
        },
        because =
                "devices reach for what they may not, messages that are too long run into"
                        + " another's bytes, and keys that were lent are used after their end",
        perhaps = true)
class SimulationTest {

    private static final int SEEDS = 40;

    /// Scenarios whose programs do nothing wrong, nor does anybody to them.
    private static final Set<String> RIGHT = Set.of("rc", "rc-clean", "rc-atomics");

    static List<Scenario> scenarios() {
        return Scenarios.all();
    }

    static List<Scenario> rightOnes() {
        return scenarios().stream().filter(it -> RIGHT.contains(it.name())).toList();
    }

    static List<Scenario> otherOnes() {
        return scenarios().stream().filter(it -> !RIGHT.contains(it.name())).toList();
    }

    @ParameterizedTest
    @MethodSource("otherOnes")
    void shouldBreakNoInvariant(Scenario scenario) {
        requireNoViolation(scenario);
    }

    /// With the sanitizer on it reports nothing.
    @ParameterizedTest
    @MethodSource("rightOnes")
    @Provokes(
            value = {},
            because = "these programs do nothing wrong")
    void shouldBreakNoInvariantWhereProgramsAreRight(Scenario scenario) {
        requireNoViolation(scenario);
    }

    private static void requireNoViolation(Scenario scenario) {
        Simulation simulation = new Simulation();
        EnumSet<FaultKind> done = EnumSet.noneOf(FaultKind.class);
        for (long seed = 1; seed <= SEEDS; seed++) {
            Simulation.Result result =
                    simulation.run(scenario, seed, scenario.standardNodes(), false);
            if (result.violation() != null) {
                throw new AssertionError("seed " + seed, result.violation());
            }
            done.addAll(result.faults().keySet());
        }
        assertThat(done).isEqualTo(scenario.faults().isEmpty() ? Set.of() : scenario.faults());
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void shouldGiveTheSameTraceTwice(Scenario scenario) {
        for (long seed = 1; seed <= 3; seed++) {
            Simulation.Result first = run(scenario, seed);
            Simulation.Result second = run(scenario, seed);
            assertThat(second.trace().records()).isEqualTo(first.trace().records());
            assertThat(second.traceHash()).isEqualTo(first.traceHash());
        }
    }

    /// Memory of the JVM lies elsewhere in each run, which no packet may tell.
    @ParameterizedTest
    @MethodSource("scenarios")
    void shouldGiveTheSameTraceWhereverMemoryLies(Scenario scenario) {
        Simulation simulation = new Simulation();
        int nodes = scenario.standardNodes();
        for (long seed = 4; seed <= 10; seed++) {
            long first = simulation.run(scenario, seed, nodes, false).traceHash();
            assertThat(simulation.run(scenario, seed, nodes, false).traceHash())
                    .as("seed " + seed)
                    .isEqualTo(first);
        }
    }

    private static Simulation.Result run(Scenario scenario, long seed) {
        return new Simulation().run(scenario, seed, scenario.standardNodes(), true);
    }

    @Test
    void shouldGiveTheSameTraceInTwoJvms(@TempDir Path directory)
            throws IOException, InterruptedException {
        Path one = directory.resolve("one");
        Path other = directory.resolve("other");
        for (Path file : List.of(one, other)) {
            Process jvm =
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "--enable-native-access=ALL-UNNAMED",
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    Softverbs.class.getName(),
                                    "simulate",
                                    "--scenario",
                                    "rc-teardown",
                                    "--replay",
                                    "7",
                                    "--record",
                                    file.toString())
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
            assertThat(jvm.waitFor()).isZero();
        }
        assertThat(Files.size(one)).isGreaterThan(10_000);
        assertThat(Files.mismatch(one, other)).isEqualTo(-1);
    }

    /// All that a network can do, each as often as it is ever drawn.
    @Test
    void shouldDeliverOnceAndInOrderThroughTheWorstNetwork() {
        Map<FaultKind, Double> rates = new EnumMap<>(FaultKind.class);
        for (FaultKind kind : FaultKind.values()) {
            if (kind.isOfPacket() && kind != FaultKind.FORGE) {
                rates.put(kind, kind.highestRate());
            }
        }
        Scenario scenario = Scenarios.named("rc").orElseThrow();
        Simulation simulation = new Simulation();
        for (long seed = 1; seed <= SEEDS; seed++) {
            Simulation.Result result =
                    simulation.run(scenario, seed, 2, new DrawnPlan(seed, rates), false);
            if (result.violation() != null) {
                throw new AssertionError("seed " + seed, result.violation());
            }
        }
    }

    /// A queue pair is destroyed once, however often the plan says so.
    @Test
    void shouldCountOnlyFaultsThatChangedSomething() {
        Scenario scenario = Scenarios.named("rc-teardown").orElseThrow();
        Place node = Place.node(1);
        Fault first = Fault.once(FaultKind.QUEUE_PAIR_DESTROY, node, 5, 2);
        Fault again = Fault.once(FaultKind.QUEUE_PAIR_DESTROY, node, 6, 2);
        FaultPlan plan = new ListedPlan(List.of(first, again));
        Simulation.Result result = new Simulation().run(scenario, 1, 3, plan, true);
        assertThat(result.done()).containsExactly(first);
        assertThat(result.faults()).containsExactly(Map.entry(FaultKind.QUEUE_PAIR_DESTROY, 1L));
        assertThat(result.trace().records())
                .filteredOn(it -> it.kind() == TraceKind.FAULT)
                .hasSize(1);
    }

    @Test
    void shouldShrinkAPlanToWhatMatters() {
        Scenario broken = new NeedsTwo();
        Simulation simulation = new Simulation();
        List<Fault> many =
                LongStream.rangeClosed(1, 40)
                        .mapToObj(n -> Fault.once(FaultKind.PAUSE, Place.node(1), n, n))
                        .toList();
        Simulation.Result failed = simulation.run(broken, 1, 1, new ListedPlan(many), false);
        assertThat(failed.violation()).isNotNull();
        Shrinker.Shrunk shrunk = shrink(broken, () -> true, failed);
        assertThat(shrunk.end()).isEqualTo(Shrinker.End.DONE);
        assertThat(shrunk.faults())
                .containsExactly(
                        Fault.once(FaultKind.PAUSE, Place.node(1), 13, 13),
                        Fault.once(FaultKind.PAUSE, Place.node(1), 29, 29));
    }

    private static Shrinker.Shrunk shrink(
            Scenario broken, BooleanSupplier inTime, Simulation.Result failed) {
        return new Shrinker(new Simulation(), broken, 1, 1, inTime).shrink(failed);
    }

    @Test
    void shouldSayThatThereWasNoTimeToShrink() {
        Scenario broken = new NeedsTwo();
        List<Fault> many =
                LongStream.rangeClosed(1, 40)
                        .mapToObj(n -> Fault.once(FaultKind.PAUSE, Place.node(1), n, n))
                        .toList();
        Simulation.Result failed = new Simulation().run(broken, 1, 1, new ListedPlan(many), false);
        Shrinker.Shrunk shrunk = shrink(broken, () -> false, failed);
        assertThat(shrunk.end()).isEqualTo(Shrinker.End.OUT_OF_TIME);
        assertThat(shrunk.faults()).hasSize(40);
    }

    @Test
    void shouldSayThatListedFaultsDoNotBreakItAgain() {
        Simulation.Result failed =
                failedBy(List.of(Fault.once(FaultKind.PAUSE, Place.node(1), 1, 1)));
        Shrinker.Shrunk shrunk = shrink(new NeedsTwo(), () -> true, failed);
        assertThat(shrunk.end()).isEqualTo(Shrinker.End.NOT_AGAIN);
        assertThat(shrunk.faults()).isEqualTo(failed.done());
    }

    private static Simulation.Result failedBy(List<Fault> done) {
        return new Simulation.Result(
                1,
                1,
                1,
                1,
                Map.of(),
                done,
                new World(1, FaultPlan.none()).trace(),
                new InvariantViolation("T1", "said to be broken"));
    }

    @Test
    void shouldFindTheFaultsOfAnOccasionAtOnce() {
        List<Fault> many =
                LongStream.rangeClosed(1, 20_000)
                        .mapToObj(n -> Fault.once(FaultKind.LOSS, Place.path(1, 2), 3 * n, 0))
                        .toList();
        ListedPlan plan = new ListedPlan(many);
        int lost = 0;
        for (long packet = 1; packet <= 60_000; packet++) {
            lost += plan.decide(FaultKind.LOSS, Place.path(1, 2), packet, null) == 0 ? 1 : 0;
        }
        assertThat(lost).isEqualTo(20_000);
        assertThat(plan.idle()).isEmpty();
    }

    /// Breaks when two faults of many happen.
    private static final class NeedsTwo implements Scenario {

        @Override
        public String name() {
            return "needs-two";
        }

        @Override
        public String description() {
            return "fails by the 13th and the 29th pause together";
        }

        @Override
        public Set<FaultKind> faults() {
            return EnumSet.of(FaultKind.PAUSE);
        }

        @Override
        public int standardNodes() {
            return 1;
        }

        @Override
        public void run(World world, int nodes) {
            world.addHost();
            boolean first = false;
            boolean second = false;
            for (int turn = 1; turn <= 40; turn++) {
                boolean happens = world.faults().decide(FaultKind.PAUSE, Place.node(1), turn) >= 0;
                first |= happens && turn == 13;
                second |= happens && turn == 29;
            }
            InvariantViolation.require(!(first && second), "X1", () -> "both");
        }
    }
}
