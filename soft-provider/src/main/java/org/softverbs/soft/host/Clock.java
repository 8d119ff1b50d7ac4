package org.softverbs.soft.host;

/// Where time comes from. Engines never read it: they are told the time.
@FunctionalInterface
public interface Clock {

    /// Nanoseconds since an arbitrary origin; never goes backwards.
    long nanoTime();

    /// Nanoseconds since 1970 began. A clock that is on no wall began to run then.
    default long wallClockNanos() {
        return nanoTime();
    }
}
