package org.softverbs.ulp.store;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// How long a transfer may take: ten seconds, and a second for each mebibyte that its connection
/// has under way. A client that is slower keeps memory that the others want.
final class TransferBound {

    /// For a path that loses packets, and a client that is held up.
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final long BYTES_PER_SECOND = 1 << 20;

    private long bytesUnderWay;

    TransferBound() {}

    /// Counts a transfer in.
    ///
    /// @return when it must have ended
    long begin(long bytes, long nowNanos) {
        bytesUnderWay += bytes;
        return nowNanos
                + PATIENCE.toNanos()
                + TimeUnit.SECONDS.toNanos(1) / BYTES_PER_SECOND * bytesUnderWay;
    }

    /// Counts a transfer out.
    void end(long bytes) {
        bytesUnderWay -= bytes;
    }
}
