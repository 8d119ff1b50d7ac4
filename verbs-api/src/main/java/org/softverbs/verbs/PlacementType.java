package org.softverbs.verbs;

import java.util.Set;

/// How far the bytes of a FLUSH must have come when it completes.
///
/// Verbs name: `ibv_placement_type` / `ib_placement_type`. Source: InfiniBand annex A19.
public enum PlacementType {
    /// Visible to whoever reads the memory.
    GLOBAL(1, AccessFlag.FLUSH_GLOBAL),
    /// Kept when the power goes: for memory that is mapped from a file.
    PERSISTENT(1 << 1, AccessFlag.FLUSH_PERSISTENT);

    private static final PlacementType[] ALL = values();

    private final int bit;
    private final AccessFlag access;

    PlacementType(int bit, AccessFlag access) {
        this.bit = bit;
        this.access = access;
    }

    /// The value of this type in the C enumeration.
    public int bit() {
        return bit;
    }

    /// The right that a queue pair's peer and its memory need for it.
    public AccessFlag access() {
        return access;
    }

    /// The C bit set of some types; allocates nothing.
    public static int bits(Set<PlacementType> types) {
        int bits = 0;
        for (PlacementType type : ALL) {
            if (types.contains(type)) {
                bits |= type.bit;
            }
        }
        return bits;
    }
}
