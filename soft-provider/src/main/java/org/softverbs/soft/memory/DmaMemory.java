package org.softverbs.soft.memory;

import org.softverbs.soft.packet.RunList;

/// A registration of addresses that the device uses: some ranges of them, or all.
///
/// @param key the 32-bit key
/// @param domain number of the protection domain
/// @param address first byte in the key's address space
/// @param size bytes, unsigned
/// @param memory the bytes, by their offset from `address`
/// @param accessBits granted [org.softverbs.verbs.AccessFlag]s
public record DmaMemory(
        int key, int domain, long address, long size, AddressedMemory memory, int accessBits)
        implements RegionMemory {

    /// The size of a registration of all addresses: 2^64 - 1.
    public static final long EVERYTHING = -1;

    @Override
    public DmaMemory changed(int newDomain, int newAccessBits) {
        return new DmaMemory(key, newDomain, address, size, memory, newAccessBits);
    }

    @Override
    public AccessResult bytes(long first, long length, boolean write, RunList runs) {
        return contains(first, length)
                ? memory.resolve(first - address, length, write, runs)
                : AccessResult.OUT_OF_BOUNDS;
    }
}
