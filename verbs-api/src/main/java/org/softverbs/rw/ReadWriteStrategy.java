package org.softverbs.rw;

/// How the local memory of an RDMA READ or WRITE is described to the device.
///
/// Kernel name: `rdma_rw_ctx.type`.
public enum ReadWriteStrategy {
    /// One element with the local DMA key, one request. (`RDMA_RW_SINGLE_WR`)
    SINGLE,
    /// Elements with the local DMA key, as many requests as their number takes.
    /// (`RDMA_RW_MULTI_WR`)
    MULTI,
    /// The IOMMU made one range of all elements: one element, one request. (`RDMA_RW_IOVA`)
    IOVA,
    /// Fast registrations, a key of its own for each. (`RDMA_RW_MR`)
    MR,
    /// A registration that generates or checks protection information. (`RDMA_RW_SIG_MR`)
    SIGNATURE
}
