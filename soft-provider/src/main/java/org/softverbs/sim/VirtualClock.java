package org.softverbs.sim;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.softverbs.soft.host.Clock;

/// The time of a [World]: it stands still but for the jumps from one event to the next.
public final class VirtualClock implements Clock {

    /// Not 0, so that a time that was never set is told from the first one.
    static final long START_NANOS = 1_000_000;

    private static final VarHandle NANOS;

    static {
        try {
            NANOS = MethodHandles.lookup().findVarHandle(VirtualClock.class, "nanos", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private long nanos = START_NANOS;

    VirtualClock() {}

    @Override
    public long nanoTime() {
        return nanos;
    }

    /// The time as another thread sees it, sooner or later.
    long seenFromOutside() {
        return (long) NANOS.getOpaque(this);
    }

    /// Jumps forward; a time that is past changes nothing.
    void advanceTo(long time) {
        if (time > nanos) {
            NANOS.setOpaque(this, time);
        }
    }
}
