package org.softverbs.sim;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Runs scenarios, each from a seed. Keeps memory between runs; for one thread.
public final class Simulation {

    /// How one run went.
    ///
    /// @param seed where it started from
    /// @param events lines of its trace
    /// @param virtualNanos how long it took by its own clock
    /// @param traceHash hash of its trace
    /// @param faults how often each kind was done
    /// @param done all that was done, in order
    /// @param trace its trace
    /// @param violation what was wrong, null when nothing was
    public record Result(
            long seed,
            long events,
            long virtualNanos,
            long traceHash,
            Map<FaultKind, Long> faults,
            List<Fault> done,
            Trace trace,
            @Nullable InvariantViolation violation) {

        static Result endless(long seed, Duration waited) {
            return new Result(
                    seed,
                    0,
                    0,
                    0,
                    Map.of(),
                    List.of(),
                    new Trace(new VirtualClock(), false),
                    new InvariantViolation(
                            "S1", "a step does not end; waited for " + waited.toSeconds() + " s"));
        }
    }

    private final WirePacket.Pool pool = new WirePacket.Pool();

    public Simulation() {}

    /// Runs a scenario with the faults that its seed draws.
    public Result run(Scenario scenario, long seed, int nodes, boolean keepTrace) {
        return run(scenario, seed, nodes, drawn(scenario, seed), keepTrace);
    }

    private static FaultPlan drawn(Scenario scenario, long seed) {
        World empty = new World(seed, FaultPlan.none());
        return DrawnPlan.swarm(seed, scenario.faults(), empty.newRandom("faults"));
    }

    /// Runs a scenario with a plan.
    public Result run(Scenario scenario, long seed, int nodes, FaultPlan plan, boolean keepTrace) {
        World world = new World(seed, plan, keepTrace, pool);
        InvariantViolation violation = null;
        try {
            scenario.run(world, nodes);
        } catch (InvariantViolation found) {
            violation = found;
        } catch (RuntimeException | AssertionError bug) {
            violation = new InvariantViolation("S1", "something threw: " + bug);
            violation.initCause(bug);
        }
        Trace trace = world.trace();
        return new Result(
                seed,
                trace.count(),
                world.clock().nanoTime() - VirtualClock.START_NANOS,
                trace.hash(),
                world.faults().counts(),
                world.faults().done(),
                trace,
                violation);
    }
}
