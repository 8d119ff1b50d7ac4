package org.softverbs.sim;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.script.EngineScript;
import org.softverbs.soft.script.EngineScripts;

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

        static Result givenUp(long seed, String why) {
            return new Result(
                    seed,
                    0,
                    0,
                    0,
                    Map.of(),
                    List.of(),
                    new Trace(new VirtualClock(), false),
                    new InvariantViolation("S1", why));
        }
    }

    /// A run with all that is kept of it.
    ///
    /// @param result how it went, with its trace line by line
    /// @param scripts what happened to each queue pair
    public record Recorded(Result result, EngineScripts scripts) {

        /// The queue pair that the violation is about: the first that its message names, else the
        /// one to which something happened last.
        public Optional<EngineScript> suspect() {
            InvariantViolation violation = result.violation();
            String message = violation == null ? "" : String.valueOf(violation.getMessage());
            return scripts.all().stream()
                    .filter(script -> position(message, script.name()) >= 0)
                    .min(Comparator.comparingInt(script -> position(message, script.name())))
                    .or(scripts::latest);
        }

        private static int position(String message, String name) {
            Matcher matcher = Pattern.compile("\\b" + name + "\\b").matcher(message);
            return matcher.find() ? matcher.start() : -1;
        }
    }

    private final WirePacket.Pool pool = new WirePacket.Pool();
    private volatile @Nullable VirtualClock running;

    public Simulation() {}

    /// Time of the world that runs now or ran last; for another thread that wants to know whether
    /// it goes on.
    long virtualNanos() {
        VirtualClock clock = running;
        return clock == null ? 0 : clock.seenFromOutside();
    }

    /// Runs a scenario with the faults that its seed draws.
    public Result run(Scenario scenario, long seed, int nodes, boolean keepTrace) {
        return run(scenario, seed, nodes, drawn(scenario, seed), keepTrace);
    }

    /// The faults that a seed draws.
    public static FaultPlan drawn(Scenario scenario, long seed) {
        World empty = new World(seed, FaultPlan.none());
        return DrawnPlan.swarm(seed, scenario.faults(), empty.newRandom("faults"));
    }

    /// Runs a scenario with a plan.
    public Result run(Scenario scenario, long seed, int nodes, FaultPlan plan, boolean keepTrace) {
        return run(scenario, seed, nodes, new World(seed, plan, keepTrace, pool));
    }

    /// Runs a scenario with a plan, and keeps its trace and a packet script of each queue pair.
    public Recorded record(Scenario scenario, long seed, int nodes, FaultPlan plan) {
        World world = new World(seed, plan, true, pool);
        EngineScripts scripts = world.writeScripts();
        return new Recorded(run(scenario, seed, nodes, world), scripts);
    }

    private Result run(Scenario scenario, long seed, int nodes, World world) {
        running = world.clock();
        InvariantViolation violation = null;
        try {
            scenario.run(world, nodes);
        } catch (InvariantViolation found) {
            violation = found;
        } catch (RuntimeException | Error bug) {
            // Also an engine that has no stack or no memory left.
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
