package org.softverbs.sim;

import java.time.Duration;
import java.util.Set;

/// A scenario with a wrong judge: it finds fault with every run after a while.
///
/// @param inner what is run
/// @param after when the judge speaks
/// @param message what it says
public record MisjudgedScenario(Scenario inner, Duration after, String message)
        implements Scenario {

    @Override
    public String name() {
        return inner.name();
    }

    @Override
    public String description() {
        return "finds fault with every run";
    }

    @Override
    public int standardNodes() {
        return inner.standardNodes();
    }

    @Override
    public Set<FaultKind> faults() {
        return inner.faults();
    }

    @Override
    public void run(World world, int nodes) {
        world.after(
                after,
                () -> {
                    throw new InvariantViolation("T1", message);
                });
        inner.run(world, nodes);
    }
}
