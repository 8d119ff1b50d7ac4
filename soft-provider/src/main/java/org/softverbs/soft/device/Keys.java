package org.softverbs.soft.device;

import org.softverbs.soft.memory.KeyTable;

/// The two parts of a key: what says whose it is, and what its user changes.
final class Keys {

    private static final int VARIANT_MASK = (1 << KeyTable.VARIANT_BITS) - 1;

    private Keys() {}

    /// The key with its user's part counted up (`ib_inc_rkey`).
    static int increment(int key) {
        return (key & ~VARIANT_MASK) | ((key + 1) & VARIANT_MASK);
    }

    /// Whether two keys differ in their user's part at most.
    static boolean areOfTheSame(int key, int other) {
        return ((key ^ other) & ~VARIANT_MASK) == 0;
    }
}
