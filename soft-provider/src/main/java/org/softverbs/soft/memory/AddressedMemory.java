package org.softverbs.soft.memory;

import org.softverbs.soft.packet.RunList;

/// Memory as a device sees it at the addresses that it sends out.
public interface AddressedMemory {

    /// Finds the bytes at an address.
    ///
    /// @param address first byte, unsigned
    /// @param length bytes, at least 1
    /// @param write whether the device writes
    /// @param runs where the runs are added; unchanged when the access is refused
    AccessResult resolve(long address, long length, boolean write, RunList runs);
}
