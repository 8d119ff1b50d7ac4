package org.softverbs.sim.scenario;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.softverbs.sim.FaultKind;
import org.softverbs.sim.NodeCounts;
import org.softverbs.sim.Phases;
import org.softverbs.sim.Scenario;
import org.softverbs.sim.World;
import org.softverbs.sim.rc.RcScenario;
import org.softverbs.sim.rw.RwScenario;

/// Everything at once: programs over reliable connections and I/Os of kernel code share a network,
/// and all that can go wrong does.
final class MixedScenario implements Scenario {

    private static final int RW_NODES = 2;

    @Override
    public String name() {
        return "mixed";
    }

    @Override
    public String description() {
        return "connections, I/Os, and all that can go wrong, in one world";
    }

    @Override
    public Set<FaultKind> faults() {
        EnumSet<FaultKind> all = EnumSet.copyOf(RcScenario.mixedFaults());
        all.add(FaultKind.IOMMU_FAULT);
        return all;
    }

    @Override
    public int standardNodes() {
        return 4;
    }

    @Override
    public NodeCounts nodeCounts() {
        return new NodeCounts(RW_NODES + 2, 1);
    }

    @Override
    public void run(World world, int nodes) {
        Phases.run(
                world,
                List.of(RcScenario.mixed(world, nodes - RW_NODES), RwScenario.workload(world)));
    }
}
