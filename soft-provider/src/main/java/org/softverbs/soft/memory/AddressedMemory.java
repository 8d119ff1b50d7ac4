package org.softverbs.soft.memory;

import org.softverbs.soft.packet.RunList;

/// Memory as a device sees it at the addresses that it sends out: physical or kernel virtual ones,
/// addresses on the bus, or those that an IOMMU translates.
///
/// For one thread at a time. Allocates nothing in steady state.
public interface AddressedMemory {

    /// Resolves a range.
    ///
    /// @param address first byte, as the device sends it out
    /// @param length number of bytes, at least 1
    /// @param write whether the device writes
    /// @param runs where the runs are added; unchanged when the access is refused
    AccessResult resolve(long address, long length, boolean write, RunList runs);
}
