package org.softverbs.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Finds the faults that matter for a failure: runs the scenario again with parts of them left out,
/// and keeps what still breaks the same invariant (delta debugging, Zeller 2002).
public final class Shrinker {

    private final Simulation simulation;
    private final Scenario scenario;
    private final long seed;
    private final int nodes;
    private final int mostRuns;
    private int runs;

    /// @param mostRuns how often to run the scenario at most
    public Shrinker(Simulation simulation, Scenario scenario, long seed, int nodes, int mostRuns) {
        this.simulation = simulation;
        this.scenario = scenario;
        this.seed = seed;
        this.nodes = nodes;
        this.mostRuns = mostRuns;
    }

    /// Shrinks what was done in a run that failed.
    ///
    /// @return faults that still break the same invariant; all of them when fewer do not
    public List<Fault> shrink(Simulation.Result failed) {
        InvariantViolation violation = Objects.requireNonNull(failed.violation());
        List<Fault> kept = failed.done();
        if (fails(List.of(), violation)) {
            return List.of();
        }
        if (!fails(kept, violation)) {
            return kept;
        }
        int parts = 2;
        while (kept.size() > 1 && runs < mostRuns) {
            List<Fault> smaller = leaveOut(kept, parts, violation);
            if (smaller != null) {
                kept = smaller;
                parts = Math.max(parts - 1, 2);
            } else if (parts < kept.size()) {
                parts = Math.min(parts * 2, kept.size());
            } else {
                break;
            }
        }
        return kept;
    }

    private @Nullable List<Fault> leaveOut(
            List<Fault> faults, int parts, InvariantViolation violation) {
        int size = (faults.size() + parts - 1) / parts;
        for (int from = 0; from < faults.size() && runs < mostRuns; from += size) {
            List<Fault> rest = new ArrayList<>(faults.subList(0, from));
            rest.addAll(faults.subList(Math.min(from + size, faults.size()), faults.size()));
            if (fails(rest, violation)) {
                return rest;
            }
        }
        return null;
    }

    private boolean fails(List<Fault> faults, InvariantViolation violation) {
        runs++;
        InvariantViolation found =
                simulation.run(scenario, seed, nodes, new ListedPlan(faults), false).violation();
        return found != null && found.invariant().equals(violation.invariant());
    }

    /// How often the scenario was run.
    public int runs() {
        return runs;
    }
}
