package org.softverbs.soft.dma;

/// When memory is replaced by a bounce buffer.
public enum BouncePolicy {
    /// Never: what the device cannot reach is refused.
    OFF,
    /// Where the device cannot reach the memory.
    WHERE_NEEDED,
    /// Always (`swiotlb=force`, `force_bounce`).
    ALWAYS
}
