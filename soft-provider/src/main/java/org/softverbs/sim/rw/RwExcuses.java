package org.softverbs.sim.rw;

import java.util.ArrayDeque;
import java.util.List;
import org.softverbs.sim.Fault;
import org.softverbs.sim.FaultKind;
import org.softverbs.sim.Place;
import org.softverbs.sim.World;
import org.softverbs.verbs.WorkCompletionStatus;

/// What went wrong between two nodes that is reason enough for an I/O to fail.
final class RwExcuses {

    /// A packet that is late does its harm up to so long after it was sent.
    private static final long LATEST_NANOS = 10_000_000;

    private record Progress(long nanos, long harmed) {}

    private final World world;
    private final int node;
    private final int targetNode;
    private final int retries;
    private final ArrayDeque<Progress> history = new ArrayDeque<>();
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
        history.clear();
        faultsBefore = world.faults().done().size();
        progressed();
    }

    /// An I/O succeeded.
    void progressed() {
        long now = world.clock().nanoTime();
        history.addLast(new Progress(now, harmed()));
        // The first one stays that is from before what can still do harm.
        Progress first = history.removeFirst();
        while (!history.isEmpty() && history.getFirst().nanos() <= now - LATEST_NANOS) {
            first = history.removeFirst();
        }
        history.addFirst(first);
    }

    boolean isReason(WorkCompletionStatus status) {
        return switch (status) {
            case RETRY_EXC_ERR -> harmed() - history.getFirst().harmed() > retries;
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
