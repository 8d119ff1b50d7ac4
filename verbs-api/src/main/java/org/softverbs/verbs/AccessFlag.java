package org.softverbs.verbs;

/// What a memory region, or the peer of a queue pair, may be used for.
///
/// Local reads are always allowed. A region that grants `REMOTE_WRITE` or `REMOTE_ATOMIC` must
/// grant `LOCAL_WRITE` too.
///
/// Verbs name: `ibv_access_flags` / `ib_access_flags`.
public enum AccessFlag {
    LOCAL_WRITE(1),
    REMOTE_WRITE(1 << 1),
    REMOTE_READ(1 << 2),
    REMOTE_ATOMIC(1 << 3);

    private final int bit;

    AccessFlag(int bit) {
        this.bit = bit;
    }

    /// The value of this flag in the C enumeration.
    public int bit() {
        return bit;
    }

    /// The C bit set of some flags.
    public static int bits(Iterable<AccessFlag> flags) {
        int bits = 0;
        for (AccessFlag flag : flags) {
            bits |= flag.bit;
        }
        return bits;
    }
}
