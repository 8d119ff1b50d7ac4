package org.softverbs.soft.device;

import java.time.Duration;
import org.softverbs.soft.host.Clock;

/// A clock that moves when a test says so.
public final class ManualClock implements Clock {

    private long nanos = 1_000_000;

    @Override
    public long nanoTime() {
        return nanos;
    }

    public void advance(Duration duration) {
        nanos += duration.toNanos();
    }
}
