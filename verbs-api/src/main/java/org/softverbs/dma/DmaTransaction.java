package org.softverbs.dma;

import org.softverbs.verbs.VerbsException;

/// A vector on its way to be mapped: [DmaDevice#begin] looked over all of it and allocated what it
/// takes, each element is linked, [#done] makes all of it known to the device.
///
/// Elements can be linked in any order; physical neighbours are mapped as one when the last of them
/// is linked. The vector must not change meanwhile. Closed before `done`, everything is undone;
/// closed after it, nothing happens: the mapping has an end of its own.
///
/// For one thread at a time. Kernel names: `dma_iova_try_alloc`, `dma_iova_link`, `dma_iova_sync`,
/// `dma_iova_destroy`, but for any vector: peers on the bus, offsets inside and bounce buffers too.
public interface DmaTransaction extends AutoCloseable {

    /// What the look over the vector told.
    IoSummary summary();

    /// Links one element. Allocates no I/O virtual address, and tells the IOMMU nothing yet.
    ///
    /// @param index of the element in the vector
    /// @throws VerbsException when there is no bounce buffer for it; it can be tried again
    /// @throws IllegalStateException when it is linked already, or the transaction has ended
    void link(int index);

    /// Links every element that is not linked.
    ///
    /// @throws VerbsException as [#link]; those before the one that was refused stay linked
    /// @throws IllegalStateException when the transaction has ended
    void linkAll();

    /// Makes what was linked known to the IOMMU, once for all of it.
    ///
    /// @return the mapping, which the caller closes
    /// @throws IllegalStateException when an element is not linked, or the transaction has ended
    DmaMapping done();

    /// Undoes what was linked, unless [#done] was called.
    @Override
    void close();
}
