package org.softverbs.verbs;

import java.util.OptionalInt;
import java.util.Set;
import org.softverbs.dma.PhysicalVector;

/// A protection domain of kernel code.
///
/// Verbs name: `ib_pd` without a user context.
public interface PrivilegedDomain extends ProtectionDomain {

    @Override
    PrivilegedContext context();

    /// The local DMA key (`local_dma_lkey`; IBA: reserved L_Key; IETF: STag of zero). An element
    /// with it has an address as [org.softverbs.dma.DmaDevice] maps it, and no bounds but the
    /// memory's. It is for local access only, is no remote key, and cannot be invalidated, bound or
    /// registered. Software devices take 0 as the same.
    int localDmaLkey();

    /// The remote key to all memory, when the domain was asked for with
    /// [ProtectionDomainFlag#UNSAFE_GLOBAL_RKEY].
    OptionalInt unsafeGlobalRemoteKey();

    /// Registers all addresses that the device can use (`get_dma_mr`). The region has no segment;
    /// its addresses begin at 0 and are those of DMA mappings.
    ///
    /// @throws VerbsException `EINVAL` for an illegal set of flags, `ENOMEM` at the device's limit
    MemoryRegion registerDma(Set<AccessFlag> access);

    /// Registers physical memory. It is mapped for the device, and kept as ranges and not as pages.
    /// The region has no segment.
    ///
    /// @param memory the memory, in order
    /// @param address the first byte's address in the region's address space
    /// @param access what it may be used for
    /// @throws VerbsException `EINVAL` for an illegal set of flags or a region that would wrap
    ///     around 2^64, `ENOMEM` at the device's limit, and as
    ///     [org.softverbs.dma.DmaDevice#map(PhysicalVector, org.softverbs.dma.DmaDirection)]
    MemoryRegion registerPhysical(PhysicalVector memory, long address, Set<AccessFlag> access);

    /// Makes a region for registration by work requests.
    ///
    /// @param maxPages pages that one registration can hold
    /// @throws VerbsException `EINVAL` when `maxPages` is below 1 or above the device's limit,
    ///     `ENOMEM` at the device's limit of regions
    FastRegion allocateFastRegion(int maxPages);

    /// Makes a region for registration by work requests that generates, checks or strips protection
    /// information.
    ///
    /// @param maxPages pages of data, and as many of tuples, that one registration can hold
    /// @throws VerbsException as [#allocateFastRegion]
    SignatureRegion allocateSignatureRegion(int maxPages);
}
