package org.softverbs.verbs;

import java.util.EnumSet;
import java.util.Set;

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
    REMOTE_ATOMIC(1 << 3),
    /// Memory windows may be bound to the region.
    MW_BIND(1 << 4),
    /// Addresses are offsets: the first byte has the address 0.
    ZERO_BASED(1 << 5),
    /// Pages come in when they are accessed, and may be taken away again.
    ON_DEMAND(1 << 6),
    /// A peer may ask that what it wrote is visible to all (FLUSH).
    FLUSH_GLOBAL(1 << 8),
    /// A peer may ask that what it wrote is persistent (FLUSH); of memory mapped from a file. It is
    /// so when the mapping is shared and the file on a disk, which the JVM does not tell.
    FLUSH_PERSISTENT(1 << 9),
    /// Bytes that a peer writes may be placed in any order; what the completion of a receive tells
    /// of is there. A permission: a device of this provider makes use of it only where its profile
    /// says so (`RELAXED_WRITES_PLACED_LATE`).
    RELAXED_ORDERING(1 << 20);

    private static final AccessFlag[] ALL = values();

    private final int bit;

    AccessFlag(int bit) {
        this.bit = bit;
    }

    /// The value of this flag in the C enumeration.
    public int bit() {
        return bit;
    }

    /// The flags of a C bit set; other bits are left out.
    public static Set<AccessFlag> setOf(int bits) {
        Set<AccessFlag> flags = EnumSet.noneOf(AccessFlag.class);
        for (AccessFlag flag : ALL) {
            if ((bits & flag.bit) != 0) {
                flags.add(flag);
            }
        }
        return flags;
    }

    /// The C bit set of some flags.
    public static int bits(Iterable<AccessFlag> flags) {
        int bits = 0;
        for (AccessFlag flag : flags) {
            bits |= flag.bit;
        }
        return bits;
    }

    /// The C bit set of some flags; allocates nothing.
    public static int bits(Set<AccessFlag> flags) {
        int bits = 0;
        for (AccessFlag flag : ALL) {
            if (flags.contains(flag)) {
                bits |= flag.bit;
            }
        }
        return bits;
    }
}
