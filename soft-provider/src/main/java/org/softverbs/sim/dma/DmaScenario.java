package org.softverbs.sim.dma;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.softverbs.sim.FaultKind;
import org.softverbs.sim.Scenario;
import org.softverbs.sim.World;

/// Devices of every kind map, read, write and unmap memory, while allocations and accesses fail.
public final class DmaScenario implements Scenario {

    private static final Set<FaultKind> FAULTS =
            EnumSet.of(FaultKind.ALLOCATION_FAILURE, FaultKind.IOMMU_FAULT);

    @Override
    public String name() {
        return "dma";
    }

    @Override
    public String description() {
        return "mappings of memory for devices of every kind; allocations and accesses fail";
    }

    @Override
    public Set<FaultKind> faults() {
        return EnumSet.copyOf(FAULTS);
    }

    @Override
    public int standardNodes() {
        return 2;
    }

    @Override
    public void run(World world, int nodes) {
        List<DmaWorkload> workloads = new ArrayList<>();
        for (int i = 0; i < nodes; i++) {
            DmaWorkload workload = new DmaWorkload(world, world.addHost());
            workload.start();
            workloads.add(workload);
        }
        DmaWorkload.run(world);
        workloads.forEach(DmaWorkload::requireFinished);
    }

    public DmaScenario() {}
}
