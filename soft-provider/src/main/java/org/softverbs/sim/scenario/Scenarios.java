package org.softverbs.sim.scenario;

import java.util.List;
import java.util.Optional;
import org.softverbs.sim.Scenario;
import org.softverbs.sim.rc.RcScenario;

/// The scenarios there are.
public final class Scenarios {

    private Scenarios() {}

    /// All of them, in the order in which they are run.
    public static List<Scenario> all() {
        return RcScenario.all();
    }

    /// The one of a name.
    public static Optional<Scenario> named(String name) {
        return all().stream().filter(scenario -> scenario.name().equals(name)).findFirst();
    }
}
