package org.softverbs.soft.memory;

import org.softverbs.soft.packet.RunList;

/// What a fast registration makes valid: bytes at addresses from one on.
public sealed interface RegionMapping permits FastMapping, SignatureMapping {

    /// Address of the first byte in the space of the key.
    long address();

    long length();

    /// Finds the bytes at an offset, which lie inside.
    ///
    /// @param memory what the device sees
    /// @param runs unchanged when it is refused
    AccessResult resolve(
            AddressedMemory memory, long offset, long size, boolean write, RunList runs);
}
