package org.softverbs.sim.rw;

import java.util.List;
import org.softverbs.sim.Baseline;
import org.softverbs.sim.Fault;
import org.softverbs.sim.FaultKind;
import org.softverbs.sim.Place;
import org.softverbs.sim.World;
import org.softverbs.verbs.WorkCompletionStatus;

/// What went wrong between two nodes that is reason enough for an I/O to fail.
final class RwExcuses {

    private final World world;
    private final int node;
    private final int targetNode;
    private final int retries;
    private final Baseline<Long> harmedBefore = new Baseline<>();
    private int faultsBefore;

    RwExcuses(World world, int node, int targetNode, int retries) {
        this.world = world;
        this.node = node;
        this.targetNode = targetNode;
        this.retries = retries;
    }

    private long harmed() {
        return world.network().harmed(node, targetNode);
    }

    void connected() {
        faultsBefore = world.faults().done().size();
        harmedBefore.reset(world.clock().nanoTime(), harmed());
    }

    /// An I/O succeeded.
    void progressed() {
        harmedBefore.progress(world.clock().nanoTime(), harmed());
    }

    private boolean isHarmEnough() {
        Long before = harmedBefore.value();
        return before != null && harmed() - before > retries;
    }

    boolean isReason(WorkCompletionStatus status) {
        return switch (status) {
            case RETRY_EXC_ERR -> isHarmEnough();
            // Memory is read ahead of what is acknowledged: also before the last progress.
            case LOC_PROT_ERR -> hasAccessFailed();
            default -> false;
        };
    }

    private boolean hasAccessFailed() {
        List<Fault> done = world.faults().done();
        return done.subList(faultsBefore, done.size()).stream()
                .anyMatch(
                        fault ->
                                fault.kind() == FaultKind.IOMMU_FAULT
                                        && fault.place().equals(Place.node(node)));
    }
}
