package org.softverbs.soft.iommu;

/// What became of a request to map. Nothing is mapped unless all of it is.
public enum MapResult {
    MAPPED,
    /// An address or a length is not a multiple of the smallest page, or a length is 0.
    MISALIGNED,
    /// Something is mapped there.
    OCCUPIED,
    /// The addresses touch a reserved window.
    RESERVED,
    /// The page table does not reach so far.
    OUT_OF_RANGE
}
