package org.softverbs.soft.host;

import java.time.Instant;

/// The clocks of the system.
public final class SystemClock implements Clock {

    private static final long NANOS_PER_SECOND = 1_000_000_000;

    /// A view of them.
    public SystemClock() {}

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public long wallClockNanos() {
        Instant now = Instant.now();
        return now.getEpochSecond() * NANOS_PER_SECOND + now.getNano();
    }
}
