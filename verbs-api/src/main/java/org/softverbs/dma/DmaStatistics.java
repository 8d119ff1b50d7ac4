package org.softverbs.dma;

/// What a device's DMA layer did so far. Each count only grows.
///
/// @param maps mappings made
/// @param unmaps mappings undone
/// @param iovaAllocations ranges of IOVA allocated
/// @param iovaFrees ranges of IOVA freed
/// @param iovaBytes bytes of all ranges of IOVA allocated, in whole granules
/// @param iotlbSyncs times that new translations were made known to the IOMMU
/// @param iotlbFlushes times that old translations were taken out of the IOTLB
/// @param bouncedBytes bytes that stood in bounce buffers
/// @param copiedBytes bytes copied into and out of bounce buffers
public record DmaStatistics(
        long maps,
        long unmaps,
        long iovaAllocations,
        long iovaFrees,
        long iovaBytes,
        long iotlbSyncs,
        long iotlbFlushes,
        long bouncedBytes,
        long copiedBytes) {

    /// What was done since an earlier reading.
    public DmaStatistics since(DmaStatistics earlier) {
        return new DmaStatistics(
                maps - earlier.maps,
                unmaps - earlier.unmaps,
                iovaAllocations - earlier.iovaAllocations,
                iovaFrees - earlier.iovaFrees,
                iovaBytes - earlier.iovaBytes,
                iotlbSyncs - earlier.iotlbSyncs,
                iotlbFlushes - earlier.iotlbFlushes,
                bouncedBytes - earlier.bouncedBytes,
                copiedBytes - earlier.copiedBytes);
    }
}
