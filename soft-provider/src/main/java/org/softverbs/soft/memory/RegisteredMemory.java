package org.softverbs.soft.memory;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.packet.RunList;

/// What a key stands for: a range of an address space, its bytes, its domain and its rights.
///
/// @param key the 32-bit key
/// @param domain number of the protection domain
/// @param address first byte in the key's address space
/// @param segment the bytes
/// @param accessBits granted [org.softverbs.verbs.AccessFlag]s
public record RegisteredMemory(
        int key, int domain, long address, MemorySegment segment, int accessBits) {

    AccessResult resolve(int asking, long first, long length, AccessRight right, RunList runs) {
        if (asking != domain) {
            return AccessResult.WRONG_DOMAIN;
        }
        if ((accessBits & right.accessBit()) != right.accessBit()) {
            return AccessResult.MISSING_RIGHT;
        }
        // Offset and length are compared unsigned and never added: nothing can wrap.
        long offset = first - address;
        long size = segment.byteSize();
        if (Long.compareUnsigned(offset, size) > 0
                || Long.compareUnsigned(length, size - offset) > 0) {
            return AccessResult.OUT_OF_BOUNDS;
        }
        if (!segment.scope().isAlive()) {
            return AccessResult.MEMORY_GONE;
        }
        runs.add(segment, offset, length);
        return AccessResult.GRANTED;
    }
}
