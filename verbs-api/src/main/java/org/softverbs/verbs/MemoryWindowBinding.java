package org.softverbs.verbs;

import java.util.Optional;
import java.util.Set;

/// What a memory window is bound to.
///
/// The region must have been registered with `MW_BIND`, must not be zero-based, and must have
/// `LOCAL_WRITE` where the window gives `REMOTE_WRITE` or `REMOTE_ATOMIC`.
///
/// Verbs name: `ibv_mw_bind_info`.
///
/// @param region the region; none to bind to nothing
/// @param address first byte, in the region's address space
/// @param length bytes
/// @param access what the peer may do; with `ZERO_BASED` it says 0 for the first byte of the window
public record MemoryWindowBinding(
        Optional<MemoryRegion> region, long address, long length, Set<AccessFlag> access) {

    public MemoryWindowBinding {
        access = Set.copyOf(access);
    }

    /// A part of a region.
    public static MemoryWindowBinding of(
            MemoryRegion region, long address, long length, Set<AccessFlag> access) {
        return new MemoryWindowBinding(Optional.of(region), address, length, access);
    }

    /// The whole of a region.
    public static MemoryWindowBinding of(MemoryRegion region, Set<AccessFlag> access) {
        return of(region, region.address(), region.length(), access);
    }

    /// Nothing: ends the binding of a window of type 1.
    public static MemoryWindowBinding none() {
        return new MemoryWindowBinding(Optional.empty(), 0, 0, Set.of());
    }
}
