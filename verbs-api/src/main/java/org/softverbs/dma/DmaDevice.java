package org.softverbs.dma;

import java.util.List;
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
    ///     of reach and may not be bounced, or device-private and may not be moved or reached,
    ///     `EBUSY` when it is to be moved while another device reaches it, `ENOMEM` when IOVAs,
    ///     bounce buffers or memory to move to are used up
    DmaMapping map(PhysicalVector vector, DmaDirection direction);

    /// Begins to map a vector in two steps: looks over all of it once, and allocates its I/O
    /// virtual addresses, at most one range.
    ///
    /// @throws VerbsException as [#map]; nothing is left allocated
    DmaTransaction begin(PhysicalVector vector, DmaDirection direction);

    /// Maps a scatter list the way `dma_map_sg` does.
    ///
    /// @throws VerbsException as [#map]
    DmaMapping mapSg(ScatterList list, DmaDirection direction);

    /// Maps one run of memory the way `dma_map_page` does.
    ///
    /// @throws VerbsException as [#map]
    DmaMapping mapPage(long physicalAddress, long length, DmaDirection direction);

    /// Maps a vector page by page, as a loop over `dma_map_page` does: an address, a sync and later
    /// a flush for each page of 4 KiB, and no two of them joined. It is here to be compared with:
    /// [#map] does the same in one go.
    ///
    /// @throws VerbsException as [#map]; nothing is left mapped
    DmaMapping mapPages(PhysicalVector vector, DmaDirection direction);

    /// Maps registers or memory of another device by their physical address, pages or not, the way
    /// `dma_map_resource` does. Never bounced, and never a bus address.
    ///
    /// @throws VerbsException `EINVAL` for ordinary memory, `EREMOTEIO` for what this device cannot
    ///     reach, `ENOMEM` when I/O virtual addresses are used up
    DmaMapping mapResource(long physicalAddress, long length, DmaDirection direction);

    /// Allocates memory that this device and the CPU share.
    ///
    /// @param length bytes, at least 1
    /// @throws VerbsException `ENOMEM` when there is no memory that the device reaches, or I/O
    ///     virtual addresses are used up
    CoherentMemory allocateCoherent(long length);

    /// Maps memory that has an address in the kernel's linear map.
    ///
    /// @param kernelAddress as [PhysicalMemory#kernelAddress] gives it
    /// @throws VerbsException as [#map], and `EFAULT` for an address of another space
    DmaMapping mapSingle(long kernelAddress, long length, DmaDirection direction);

    /// Undoes mappings of this device together: behind an IOMMU with one flush of the IOTLB for all
    /// of them. Those that are closed are left out.
    void unmapAll(List<DmaMapping> mappings);

    DmaStatistics statistics();

    /// The same by addresses, in the kernel's own shape.
    RawDma raw();
}
