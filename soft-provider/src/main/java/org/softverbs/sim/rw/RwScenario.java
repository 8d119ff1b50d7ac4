package org.softverbs.sim.rw;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.softverbs.sim.FaultKind;
import org.softverbs.sim.NodeCounts;
import org.softverbs.sim.Phases;
import org.softverbs.sim.Scenario;
import org.softverbs.sim.Workload;
import org.softverbs.sim.World;

/// I/Os by `ReadWriteContext` over devices of every kind, while the network, allocations and
/// accesses fail.
public final class RwScenario implements Scenario {

    private static final Set<FaultKind> FAULTS =
            EnumSet.of(
                    FaultKind.LOSS,
                    FaultKind.DUPLICATE,
                    FaultKind.REORDER,
                    FaultKind.DELAY,
                    FaultKind.CORRUPT,
                    FaultKind.ALLOCATION_FAILURE,
                    FaultKind.IOMMU_FAULT);

    public RwScenario() {}

    @Override
    public String name() {
        return "rw";
    }

    @Override
    public String description() {
        return "READs and WRITEs of scattered memory by elements and registrations";
    }

    @Override
    public Set<FaultKind> faults() {
        return EnumSet.copyOf(FAULTS);
    }

    @Override
    public int standardNodes() {
        return 2;
    }

    /// An initiator and a target each.
    @Override
    public NodeCounts nodeCounts() {
        return new NodeCounts(2, 2);
    }

    @Override
    public void run(World world, int nodes) {
        List<Workload> workloads = new ArrayList<>();
        for (int i = 0; i < nodes / 2; i++) {
            workloads.add(workload(world));
        }
        Phases.run(world, workloads);
    }

    /// An initiator and its target, for a scenario that has more than this.
    public static Workload workload(World world) {
        return new RwWorkload(world);
    }
}
