package org.softverbs.sim.rc;

import org.softverbs.sim.Baseline;

/// Whether a requester may have used up its retries: as many packets must have come to harm since
/// its last progress, or one of the nodes must have stood still.
final class Harm {

    private record Count(long packets, long interruptions) {}

    private final End end;
    private final RcSettings settings;
    private final Baseline<Count> baseline = new Baseline<>();

    Harm(End end, RcSettings settings) {
        this.end = end;
        this.settings = settings;
    }

    void reset() {
        baseline.reset(now(), count());
    }

    private long now() {
        return end.node().world().clock().nanoTime();
    }

    private Count count() {
        Node here = end.node();
        Node there = end.peer().node();
        return new Count(
                here.world().network().harmed(here.host().node(), there.host().node()),
                here.host().interruptions() + there.host().interruptions());
    }

    /// A request of the end completed.
    void onProgress() {
        baseline.progress(now(), count());
    }

    /// Whether one of the nodes has nothing of the connection any more, so that packets have no way
    /// to the other.
    boolean isOutOfReach() {
        return !end.peer().isSound() || !end.isReached() || !end.peer().isReached();
    }

    /// Whether as many packets came to harm as there are retries, and one more.
    boolean isEnough() {
        Count before = baseline.value();
        if (before == null) {
            return true;
        }
        Count now = count();
        return now.interruptions() > before.interruptions()
                || now.packets() - before.packets() > settings.retryCount();
    }
}
