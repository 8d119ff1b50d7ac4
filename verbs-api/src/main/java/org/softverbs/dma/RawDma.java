package org.softverbs.dma;

import java.util.List;
import java.util.Optional;

/// The DMA layer by addresses, in the shape that the kernel has: what was mapped is named again by
/// its address, length and direction when it is synced or unmapped. For code that is ported.
///
/// Where [DmaDevice] gives handles that cannot be used wrongly, nearly every call here can be. A
/// wrong one does nothing, or what Linux would do; the sanitizer says what was wrong.
///
/// Safe to use from any thread. Source: `linux/dma-mapping.h`.
public interface RawDma {

    /// The address that says that nothing was mapped (`DMA_MAPPING_ERROR`).
    long MAPPING_ERROR = -1;

    /// Maps one run of memory (`dma_map_page`).
    ///
    /// @return the device's address, or [#MAPPING_ERROR]
    long mapPage(long physicalAddress, long length, DmaDirection direction);

    /// Maps memory by its address in the kernel (`dma_map_single`).
    ///
    /// @return the device's address, or [#MAPPING_ERROR]
    long mapSingle(long kernelAddress, long length, DmaDirection direction);

    /// Maps registers or memory of another device (`dma_map_resource`).
    ///
    /// @return the device's address, or [#MAPPING_ERROR]
    long mapResource(long physicalAddress, long length, DmaDirection direction);

    /// Whether a mapping failed (`dma_mapping_error`). To be asked of every address that a map call
    /// gave.
    boolean mappingError(long address);

    /// Undoes [#mapPage].
    void unmapPage(long address, long length, DmaDirection direction);

    /// Undoes [#mapSingle].
    void unmapSingle(long address, long length, DmaDirection direction);

    /// Undoes [#mapResource].
    void unmapResource(long address, long length, DmaDirection direction);

    /// Maps a scatter list (`dma_map_sg`).
    ///
    /// @return what the device is to be given; empty when it was refused
    List<DmaSegment> mapSg(ScatterList list, DmaDirection direction);

    /// Undoes [#mapSg].
    ///
    /// @param segments what it gave
    /// @param entries elements of the list that was mapped, not segments
    void unmapSg(List<DmaSegment> segments, int entries, DmaDirection direction);

    /// Allocates memory that the device and the CPU share (`dma_alloc_coherent`).
    ///
    /// @return nothing when there is none
    Optional<RawCoherent> allocateCoherent(long length);

    /// Gives it back (`dma_free_coherent`).
    void freeCoherent(long length, long kernelAddress, long address);

    /// Lets the CPU see what the device wrote (`dma_sync_single_for_cpu`).
    ///
    /// @param address any of a mapping
    void syncSingleForCpu(long address, long length, DmaDirection direction);

    /// Lets the device see what the CPU wrote (`dma_sync_single_for_device`).
    ///
    /// @param address any of a mapping
    void syncSingleForDevice(long address, long length, DmaDirection direction);

    /// As [#syncSingleForCpu] for a part (`dma_sync_single_range_for_cpu`).
    default void syncRangeForCpu(long address, long offset, long length, DmaDirection direction) {
        syncSingleForCpu(address + offset, length, direction);
    }

    /// As [#syncSingleForDevice] for a part (`dma_sync_single_range_for_device`).
    default void syncRangeForDevice(
            long address, long offset, long length, DmaDirection direction) {
        syncSingleForDevice(address + offset, length, direction);
    }

    /// Syncs a scatter list for the CPU (`dma_sync_sg_for_cpu`).
    ///
    /// @param entries as in [#unmapSg]
    void syncSgForCpu(List<DmaSegment> segments, int entries, DmaDirection direction);

    /// Syncs a scatter list for the device (`dma_sync_sg_for_device`).
    ///
    /// @param entries as in [#unmapSg]
    void syncSgForDevice(List<DmaSegment> segments, int entries, DmaDirection direction);

    /// Allocates I/O virtual addresses (`dma_iova_try_alloc`).
    ///
    /// @param physicalAddress of the first byte that is to be linked
    /// @param size bytes of all that is to be linked
    /// @return false when the device has none, or may have to bounce; then it is [#mapPage]
    boolean tryAllocate(IovaState state, long physicalAddress, long size);

    /// Links memory to a part of the addresses (`dma_iova_link`). Only the first part may begin,
    /// and only the last may end, inside a granule.
    ///
    /// @throws org.softverbs.verbs.VerbsException `EIO` for memory inside of a granule, or out of
    ///     reach, `EINVAL` for a part that is not allocated or is linked already
    void link(
            IovaState state, long physicalAddress, long offset, long size, DmaDirection direction);

    /// Makes what was linked known to the IOMMU (`dma_iova_sync`).
    void sync(IovaState state, long offset, long size);

    /// Takes links back (`dma_iova_unlink`).
    void unlink(IovaState state, long offset, long size);

    /// Gives the addresses back, nothing of which is linked (`dma_iova_free`).
    void free(IovaState state);

    /// Takes links and addresses back (`dma_iova_destroy`).
    ///
    /// @param mappedLength bytes that are linked, from the first
    void destroy(IovaState state, long mappedLength);
}
