package org.softverbs.sim;

import static org.softverbs.sim.InvariantViolation.require;

import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;

/// Leads workloads through a world's three phases: chaos, healing, check.
public final class Phases {

    private static final Duration LONGEST_CHAOS = Duration.ofSeconds(30);
    private static final long MOST_STEPS = 3_000_000;

    private final World world;
    private final List<Workload> workloads;
    private long steps;

    private Phases(World world, List<Workload> workloads) {
        this.world = world;
        this.workloads = List.copyOf(workloads);
    }

    /// Runs them to their end.
    ///
    /// @throws InvariantViolation when something is not as it must be
    public static void run(World world, List<? extends Workload> workloads) {
        new Phases(world, List.copyOf(workloads)).run();
    }

    private void run() {
        workloads.forEach(Workload::start);
        go(Workload::hasHadEnough, LONGEST_CHAOS);
        world.heal();
        workloads.forEach(Workload::heal);
        rest();
        workloads.forEach(Workload::postLast);
        rest();
        workloads.forEach(Workload::finish);
    }

    private void rest() {
        Duration limit =
                workloads.stream().map(Workload::longestRest).reduce(Duration.ZERO, Phases::max);
        boolean rested = go(Workload::isAtRest, limit);
        require(rested, "T3", () -> "no rest within " + limit + " after healing: " + workloads);
    }

    private static Duration max(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    private boolean go(Predicate<Workload> over, Duration limit) {
        return world.runUntil(
                () -> {
                    workloads.forEach(Workload::poll);
                    require(++steps < MOST_STEPS, "T3", () -> "no end: " + workloads);
                    return areAll(over);
                },
                limit);
    }

    /// A loop: a stream for each step was three parts in a hundred of a run.
    private boolean areAll(Predicate<Workload> over) {
        for (Workload workload : workloads) {
            if (!over.test(workload)) {
                return false;
            }
        }
        return true;
    }
}
