package org.softverbs.soft.iommu;

/// What an [IommuDomain] did so far.
///
/// @param maps runs of physical memory that were mapped
/// @param unmaps ranges that were unmapped
/// @param syncMaps times that the IOMMU was told of new mappings (`iotlb_sync_map`)
/// @param iotlbFlushes ranges that were invalidated in the IOTLB (`iotlb_sync`)
/// @param globalFlushes times that the whole IOTLB was invalidated (`flush_iotlb_all`)
/// @param iotlbEntriesFlushed translations that these two dropped
/// @param iotlbHits pages that the IOTLB knew
/// @param iotlbMisses pages that it had to look up
/// @param staleHits pages that it knew and should not have
/// @param bytesMapped what is mapped now
public record IommuStatistics(
        long maps,
        long unmaps,
        long syncMaps,
        long iotlbFlushes,
        long globalFlushes,
        long iotlbEntriesFlushed,
        long iotlbHits,
        long iotlbMisses,
        long staleHits,
        long bytesMapped) {}
