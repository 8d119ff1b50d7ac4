package org.softverbs.soft.pci;

import java.util.Optional;
import java.util.OptionalLong;
import org.softverbs.dma.PhysicalAllocation;

/// What the driver of a device does with the pages that the device keeps for itself.
///
/// Kernel name: `struct dev_pagemap_ops`.
public interface DevicePagemapOperations {

    /// Moves a folio to system memory, with the device's own DMA. When it returns, all bytes are
    /// there.
    ///
    /// Kernel name: `migrate_to_ram`.
    ///
    /// @param target as long as the folio
    /// @throws org.softverbs.verbs.VerbsException when it cannot be moved now; it stays where it is
    void migrateToRam(DevicePrivateFolio folio, PhysicalAllocation target);

    /// Where another device reaches a folio as peer-to-peer memory.
    ///
    /// Kernel name: `get_dma_pfn_for_device`, of "GPU Direct RDMA (P2P DMA) for Device Private
    /// Pages", linux-mm, 2024; not merged.
    ///
    /// @param client who asks; nothing for a device whose data the CPU moves
    /// @return a physical address in one of the owner's BARs, or nothing when it has no such
    OptionalLong dmaAddressForDevice(DevicePrivateFolio folio, Optional<PciFunction> client);
}
