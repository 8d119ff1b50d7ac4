package org.softverbs.soft.iommu;

/// When translations that were unmapped are flushed from the IOTLB.
///
/// Kernel names: `IOMMU_DOMAIN_DMA` and `IOMMU_DOMAIN_DMA_FQ`, `iommu.strict`.
public enum FlushPolicy {
    /// Before the unmap returns.
    STRICT,
    /// All at once, when the flush queue is full or 10 ms after the first. Until then a device that
    /// translated an address before can still use it.
    LAZY
}
