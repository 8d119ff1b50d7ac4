package org.softverbs.soft.iommu;

/// Takes the physical memory behind I/O virtual addresses, in order.
@FunctionalInterface
public interface TranslationSink {

    /// A run of bytes. Neighbours are joined already.
    void add(long physical, long length);
}
