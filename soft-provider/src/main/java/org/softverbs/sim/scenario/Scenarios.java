package org.softverbs.sim.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.softverbs.sim.Scenario;
import org.softverbs.sim.dma.DmaScenario;
import org.softverbs.sim.rc.RcScenario;
import org.softverbs.sim.rw.RwScenario;

/// The scenarios there are.
public final class Scenarios {

    private Scenarios() {}

    /// All of them, in the order in which they are run.
    public static List<Scenario> all() {
        List<Scenario> all = new ArrayList<>(RcScenario.all());
        all.add(new DmaScenario());
        all.add(new RwScenario());
        all.add(new MixedScenario());
        return List.copyOf(all);
    }

    /// The one of a name.
    public static Optional<Scenario> named(String name) {
        return all().stream().filter(scenario -> scenario.name().equals(name)).findFirst();
    }
}
