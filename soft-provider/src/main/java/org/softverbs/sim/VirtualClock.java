package org.softverbs.sim;

import org.softverbs.soft.host.Clock;

/// The time of a [World]: it stands still but for the jumps from one event to the next.
public final class VirtualClock implements Clock {

    /// Not 0, so that a time that was never set is told from the first one.
    static final long START_NANOS = 1_000_000;

    private long nanos = START_NANOS;

    VirtualClock() {}

    @Override
    public long nanoTime() {
        return nanos;
    }

    /// Jumps forward; a time that is past changes nothing.
    void advanceTo(long time) {
        nanos = Math.max(nanos, time);
    }
}
