package org.softverbs.dma;

import org.softverbs.verbs.VerbsException;

/// A device's side of the DMA layer: makes memory reachable for it.
///
/// Safe to use from any thread. Kernel name: `struct device` with `linux/dma-mapping.h`.
public interface DmaDevice {

    DmaAddressing addressing();

    DmaLimits limits();

    /// Maps the bytes of a vector in one transaction: one look over all of it, one allocation, one
    /// sync. Never worse than [#mapSg].
    ///
    /// @throws VerbsException `EFAULT` for what is no memory or what this device's kind of address
    ///     cannot express, `EREMOTEIO` for a peer that cannot be reached, `EIO` when memory is out
    ///     of reach and may not be bounced, `ENOMEM` when IOVAs or bounce buffers are used up
    DmaMapping map(PhysicalVector vector, DmaDirection direction);

    /// Maps a scatter list the way `dma_map_sg` does.
    ///
    /// @throws VerbsException as [#map]
    DmaMapping mapSg(ScatterList list, DmaDirection direction);

    /// Maps one run of memory the way `dma_map_page` does.
    ///
    /// @throws VerbsException as [#map]
    DmaMapping mapPage(long physicalAddress, long length, DmaDirection direction);

    /// Maps memory that has an address in the kernel's linear map.
    ///
    /// @param kernelAddress as [PhysicalMemory#kernelAddress] gives it
    /// @throws VerbsException as [#map], and `EFAULT` for an address of another space
    DmaMapping mapSingle(long kernelAddress, long length, DmaDirection direction);

    DmaStatistics statistics();
}
