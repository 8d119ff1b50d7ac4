package org.softverbs.sim.rc;

import java.util.ArrayDeque;
import org.softverbs.sim.World;

/// Whether a requester may have used up its retries: as many packets must have come to harm since
/// its last progress, or one of the nodes must have stood still.
final class Harm {

    /// A packet that is late does its harm up to so long after it was sent.
    private static final long LATEST_NANOS = 10_000_000;

    private record Count(long nanos, long packets, long interruptions) {}

    private final End end;
    private final RcSettings settings;
    private final ArrayDeque<Count> counts = new ArrayDeque<>();

    Harm(End end, RcSettings settings) {
        this.end = end;
        this.settings = settings;
    }

    void reset() {
        counts.clear();
        counts.addLast(count());
    }

    private Count count() {
        Node here = end.node();
        Node there = end.peer().node();
        World world = here.world();
        return new Count(
                world.clock().nanoTime(),
                world.network().harmed(here.host().node(), there.host().node()),
                here.host().interruptions() + there.host().interruptions());
    }

    /// A request of the end completed.
    void onProgress() {
        counts.addLast(count());
        long old = counts.getLast().nanos() - LATEST_NANOS;
        // The first one stays that is from before what can still do harm.
        while (counts.size() > 2 && second().nanos() <= old) {
            counts.removeFirst();
        }
    }

    private Count second() {
        Count first = counts.removeFirst();
        Count second = counts.getFirst();
        counts.addFirst(first);
        return second;
    }

    /// Whether one of the nodes has nothing of the connection any more, so that packets have no way
    /// to the other.
    boolean isOutOfReach() {
        return !end.peer().isSound() || !end.isReached() || !end.peer().isReached();
    }

    /// Whether as many packets came to harm as there are retries, and one more.
    boolean isEnough() {
        if (counts.isEmpty()) {
            return true;
        }
        Count now = count();
        Count before = counts.getFirst();
        return now.interruptions() > before.interruptions()
                || now.packets() - before.packets() > settings.retryCount();
    }
}
