package org.softverbs.sim.rc;

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

    private static final int[] SLOTS = {256, 1024, 4096, 12_288};

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
