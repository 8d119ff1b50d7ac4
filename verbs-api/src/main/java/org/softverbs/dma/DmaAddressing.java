package org.softverbs.dma;

/// What the address of an [org.softverbs.verbs.Sge] with the local DMA key means to a device.
public enum DmaAddressing {
    /// A CPU physical address: a software device as it could be. High memory is no hindrance.
    PHYSICAL,
    /// A kernel virtual address: a software device as Linux rxe and siw are. Refuses high memory.
    VIRTUAL,
    /// An address that the device's IOMMU or its bus translates: hardware.
    IOVA
}
