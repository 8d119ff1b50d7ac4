package org.softverbs.soft.bounce;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/// Counts for [BounceStatistics]; the pools of one device share them.
final class BounceCounters {

    private final LongAdder mappings = new LongAdder();
    private final LongAdder copiedIn = new LongAdder();
    private final LongAdder copiedOut = new LongAdder();
    private final LongAdder searched = new LongAdder();
    private final AtomicLong used = new AtomicLong();
    private final AtomicLong highWaterMark = new AtomicLong();
    private final AtomicLongArray refusals = new AtomicLongArray(BounceRefusal.values().length);

    void mapped(long slots) {
        mappings.increment();
        long now = used.addAndGet(slots);
        highWaterMark.accumulateAndGet(now, Math::max);
    }

    void unmapped(long slots) {
        used.addAndGet(-slots);
    }

    void copiedIn(long bytes) {
        copiedIn.add(bytes);
    }

    void copiedOut(long bytes) {
        copiedOut.add(bytes);
    }

    void searched(long slots) {
        searched.add(slots);
    }

    /// Counts a refusal and passes every result on.
    BounceResult count(BounceResult result) {
        if (result instanceof BounceResult.Refused refused) {
            refusals.incrementAndGet(refused.reason().ordinal());
        }
        return result;
    }

    BounceStatistics statistics() {
        Map<BounceRefusal, Long> byReason = new EnumMap<>(BounceRefusal.class);
        for (BounceRefusal reason : BounceRefusal.values()) {
            long count = refusals.get(reason.ordinal());
            if (count > 0) {
                byReason.put(reason, count);
            }
        }
        return new BounceStatistics(
                mappings.sum(),
                copiedIn.sum(),
                copiedOut.sum(),
                used.get(),
                highWaterMark.get(),
                searched.sum(),
                byReason);
    }
}
