package org.softverbs.soft.memory;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.packet.RunList;

/// A registration of a segment.
///
/// @param key the 32-bit key
/// @param domain number of the protection domain
/// @param address first byte in the key's address space
/// @param segment the bytes
/// @param accessBits granted [org.softverbs.verbs.AccessFlag]s
public record RegisteredMemory(
        int key, int domain, long address, MemorySegment segment, int accessBits)
        implements RegionMemory {

    @Override
    public long size() {
        return segment.byteSize();
    }

    @Override
    public RegisteredMemory changed(int newDomain, int newAccessBits) {
        return new RegisteredMemory(key, newDomain, address, segment, newAccessBits);
    }

    @Override
    public AccessResult bytes(long first, long length, boolean write, RunList runs) {
        if (!contains(first, length)) {
            return AccessResult.OUT_OF_BOUNDS;
        }
        if (!segment.scope().isAlive()) {
            return AccessResult.MEMORY_GONE;
        }
        runs.add(segment, first - address, length);
        return AccessResult.GRANTED;
    }
}
