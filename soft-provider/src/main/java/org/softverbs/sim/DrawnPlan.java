package org.softverbs.sim;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.wire.roce.RoceOpcode;

/// Faults drawn from a seed: each occasion by a hash of its own, so that one may be left out and no
/// other moves.
public final class DrawnPlan implements FaultPlan {

    private static final int FRACTION_BITS = 53;
    private static final long ARGUMENTS = 0x9e37_79b9_7f4a_7c15L;
    private static final int KINDS = FaultKind.values().length;

    private final long seed;
    private final long[] thresholds = new long[KINDS];
    private final long[] largest = new long[KINDS];

    /// Draws with fixed rates, each from 0 to 1.
    public DrawnPlan(long seed, Map<FaultKind, Double> rates) {
        this.seed = seed;
        rates.forEach(
                (kind, rate) -> {
                    if (!(rate >= 0 && rate <= 1)) {
                        throw new IllegalArgumentException(
                                "rate " + rate + " of " + kind + " is not within 0 and 1");
                    }
                    thresholds[index(kind)] = (long) (rate * (1L << FRACTION_BITS));
                });
        for (FaultKind kind : FaultKind.values()) {
            largest[index(kind)] = kind.largestArgument();
        }
    }

    /// Draws which of the kinds happen in this world, about half of them, and how often: many
    /// faults hide each other, so that each seed has a few.
    ///
    /// @param seed of the occasions
    /// @param kinds those that may happen
    /// @param random decides about kinds and rates
    public static DrawnPlan swarm(long seed, Set<FaultKind> kinds, RandomGenerator random) {
        Map<FaultKind, Double> rates = new EnumMap<>(FaultKind.class);
        for (FaultKind kind : FaultKind.values()) {
            boolean chosen = random.nextBoolean();
            // Low rates are as telling as high ones: a fault that is alone is easier survived
            // wrongly.
            double rate = kind.highestRate() * Math.pow(random.nextDouble(), 2);
            if (chosen && kinds.contains(kind)) {
                rates.put(kind, rate);
            }
        }
        return new DrawnPlan(seed, rates);
    }

    @SuppressWarnings("EnumOrdinal")
    private static int index(FaultKind kind) {
        return kind.ordinal();
    }

    @Override
    public boolean has(FaultKind kind) {
        return thresholds[index(kind)] > 0;
    }

    @Override
    public long decide(FaultKind kind, Place place, long occasion, @Nullable RoceOpcode opcode) {
        int at = index(kind);
        long where = place.from() * 65_536L + place.to() * 256L + at;
        long hash = StableHash.mix(seed + StableHash.mix(where + (occasion << 24)));
        if (hash >>> (Long.SIZE - FRACTION_BITS) >= thresholds[at]) {
            return NOTHING;
        }
        return largest[at] == 0
                ? 0
                : 1 + Long.remainderUnsigned(StableHash.mix(hash + ARGUMENTS), largest[at]);
    }

    @Override
    public String toString() {
        return "drawn from seed " + seed + " " + Arrays.toString(thresholds);
    }
}
