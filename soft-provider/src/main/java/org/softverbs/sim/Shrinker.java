package org.softverbs.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Finds the faults that matter for a failure: runs the scenario again with parts of them left out,
/// and keeps what still breaks the same invariant (delta debugging, Zeller 2002).
public final class Shrinker {

    private final Simulation simulation;
    private final Scenario scenario;
    private final long seed;
    private final int nodes;
    private final BooleanSupplier inTime;

    /// How it ended.
    public enum End {
        /// No part of the faults can be left out.
        DONE,
        /// There was no time to try all parts.
        OUT_OF_TIME,
        /// The faults of the run, listed one by one, do not break the invariant again.
        NOT_AGAIN
    }

    /// What is left.
    ///
    /// @param faults they still break the same invariant, unless it ended with `NOT_AGAIN`
    /// @param end how it ended
    public record Shrunk(List<Fault> faults, End end) {}

    /// @param inTime whether to go on; asked before each run
    public Shrinker(
            Simulation simulation,
            Scenario scenario,
            long seed,
            int nodes,
            BooleanSupplier inTime) {
        this.simulation = simulation;
        this.scenario = scenario;
        this.seed = seed;
        this.nodes = nodes;
        this.inTime = inTime;
    }

    /// Shrinks what was done in a run that failed.
    public Shrunk shrink(Simulation.Result failed) {
        InvariantViolation violation = Objects.requireNonNull(failed.violation());
        List<Fault> kept = failed.done();
        if (fails(List.of(), violation)) {
            return new Shrunk(List.of(), End.DONE);
        }
        if (!fails(kept, violation)) {
            return new Shrunk(kept, End.NOT_AGAIN);
        }
        int parts = 2;
        while (kept.size() > 1 && inTime.getAsBoolean()) {
            List<Fault> smaller = leaveOut(kept, parts, violation);
            if (smaller != null) {
                kept = smaller;
                parts = Math.max(parts - 1, 2);
            } else if (parts < kept.size()) {
                parts = Math.min(parts * 2, kept.size());
            } else if (inTime.getAsBoolean()) {
                return new Shrunk(kept, End.DONE);
            }
        }
        return new Shrunk(kept, kept.size() > 1 ? End.OUT_OF_TIME : End.DONE);
    }

    private @Nullable List<Fault> leaveOut(
            List<Fault> faults, int parts, InvariantViolation violation) {
        int size = (faults.size() + parts - 1) / parts;
        for (int from = 0; from < faults.size() && inTime.getAsBoolean(); from += size) {
            List<Fault> rest = new ArrayList<>(faults.subList(0, from));
            rest.addAll(faults.subList(Math.min(from + size, faults.size()), faults.size()));
            if (fails(rest, violation)) {
                return rest;
            }
        }
        return null;
    }

    private boolean fails(List<Fault> faults, InvariantViolation violation) {
        InvariantViolation found =
                simulation.run(scenario, seed, nodes, new ListedPlan(faults), false).violation();
        return found != null && found.invariant().equals(violation.invariant());
    }
}
