package org.softverbs.sim;

/// Hashes that are the same in every JVM.
final class StableHash {

    private StableHash() {}

    /// Spreads all bits of a number over all bits of another (the finalizer of SplitMix64).
    static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xbf58_476d_1ce4_e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d0_49bb_1331_11ebL;
        return z ^ (z >>> 31);
    }

    /// Adds a number to a running hash; the order counts.
    static long add(long hash, long value) {
        return Long.rotateLeft((hash ^ value) * 0x9e37_79b9_7f4a_7c15L, 29)
                + 0x632b_e59b_d9b4_e019L;
    }
}
