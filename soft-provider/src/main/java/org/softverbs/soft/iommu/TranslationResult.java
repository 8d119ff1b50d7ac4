package org.softverbs.soft.iommu;

/// What became of a device's access to addresses.
public enum TranslationResult {
    /// All of them are mapped.
    MAPPED,
    /// They were translated, but at least one only because the IOTLB was not flushed: the page
    /// table does not have it any more.
    STALE,
    /// At least one is not mapped.
    NOT_MAPPED,
    /// At least one may not be read.
    READ_REFUSED,
    /// At least one may not be written.
    WRITE_REFUSED;

    /// Whether the access goes ahead.
    public boolean isTranslated() {
        return this == MAPPED || this == STALE;
    }
}
