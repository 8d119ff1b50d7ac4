package org.softverbs.soft.memory;

/// A registration whose pages come in when they are accessed, and may be taken away.
public sealed interface PageableMemory extends RegionMemory permits OnDemandMemory, ImplicitMemory {

    /// Whether there is memory at all of some addresses.
    boolean covers(long first, long length);

    /// Takes away the pages of a range that it covers.
    void drop(long first, long length);

    /// Brings in the pages of a range that it covers.
    void prefetch(long first, long length);
}
