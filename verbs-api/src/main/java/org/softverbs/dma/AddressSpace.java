package org.softverbs.dma;

/// Whose address it is that a device is given.
public enum AddressSpace {
    /// The CPU's physical memory.
    PHYSICAL,
    /// The program's own.
    USER,
    /// The kernel's linear map.
    VIRTUAL,
    /// The IOMMU translates it.
    IOVA,
    /// A peer's BAR on the same PCI bus: no IOMMU sees it.
    BUS,
    /// A bounce buffer that stands in for memory which the device cannot reach.
    BOUNCE
}
