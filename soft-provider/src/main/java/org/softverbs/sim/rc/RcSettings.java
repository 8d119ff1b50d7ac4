package org.softverbs.sim.rc;

import java.time.Duration;
import java.util.SplittableRandom;
import org.softverbs.verbs.Mtu;

/// What one world's connections are like, drawn from its seed.
///
/// @param mtu payload of a full packet
/// @param timeout code of the ACK timeout
/// @param retryCount tries after a timeout
/// @param rnrRetry tries after an RNR NAK, 7 without end
/// @param rnrTimer code of the RNR timer
/// @param reads READs and atomics outstanding, in either direction
/// @param slotBytes the longest message
/// @param receives receives that are posted at most
/// @param gapNanos time between two turns of a node, on average
/// @param burst requests posted in a turn at most
/// @param requests requests posted by each end before the world is healed
record RcSettings(
        Mtu mtu,
        int timeout,
        int retryCount,
        int rnrRetry,
        int rnrTimer,
        int reads,
        int slotBytes,
        int receives,
        long gapNanos,
        int burst,
        int requests) {

    /// What the codes of the RNR timer stand for (InfiniBand table 45), as far as they are drawn.
    private static final int[] RNR_NANOS = {
        655_360_000,
        10_000,
        20_000,
        30_000,
        40_000,
        60_000,
        80_000,
        120_000,
        160_000,
        240_000,
        320_000,
        480_000,
        640_000,
        960_000,
        1_280_000,
        1_920_000,
        2_560_000
    };

    private static final long ACK_UNIT_NANOS = 4096;
    private static final int LONGEST_TIMEOUT = 4;
    private static final int TIMEOUTS_TO_RECOVER = 3;
    private static final int LONGEST_RNR_TIMER = 0;

    private static final int[] SLOTS = {256, 1024, 4096, 12_288};

    /// How long requests that are under way may take when nothing goes wrong any more: three
    /// timeouts, each of up to four times its value as InfiniBand 9.7.6.1.3 allows, and for each
    /// request one wait for a receive, which a program posts in its next turn.
    ///
    /// @param gapNanos between two turns of a program at most, on average
    /// @param hopeless whether requests may wait for what never comes, so that all retries must be
    ///     used up
    /// @param forged whether the last RNR NAK may have asked for the longest wait there is
    Duration longestRest(long gapNanos, boolean hopeless, boolean forged) {
        long waits =
                End.OUTSTANDING * (RNR_NANOS[rnrTimer] + 2 * gapNanos)
                        + (forged ? RNR_NANOS[LONGEST_RNR_TIMER] : 0);
        long timeouts = hopeless ? retryCount + 1 : TIMEOUTS_TO_RECOVER;
        return Duration.ofNanos(timeouts * LONGEST_TIMEOUT * (ACK_UNIT_NANOS << timeout) + waits);
    }

    static RcSettings draw(SplittableRandom random) {
        boolean patient = random.nextInt(4) != 0;
        return new RcSettings(
                Mtu.values()[random.nextInt(Mtu.values().length)],
                8 + random.nextInt(6),
                random.nextInt(4) == 0 ? 1 + random.nextInt(6) : 7,
                patient ? 7 : 1 + random.nextInt(6),
                1 + random.nextInt(16),
                1 + random.nextInt(random.nextBoolean() ? 4 : 16),
                SLOTS[random.nextInt(SLOTS.length)],
                // Who does not wait for receives finds as many as it sends in the end.
                patient ? 1 + random.nextInt(End.RECEIVES) : End.RECEIVES,
                1000L << random.nextInt(8),
                1 + random.nextInt(8),
                10 + random.nextInt(60));
    }
}
