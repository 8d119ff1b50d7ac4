package org.softverbs.soft.pci;

/// How a function reaches the memory of another.
///
/// Kernel name: `enum pci_p2pdma_map_type`.
public enum PeerMapping {
    /// Not at all: the way leads through a host bridge that is not known to forward it.
    NOT_SUPPORTED,
    /// By the address on the bus; no IOMMU sees the request.
    BUS_ADDRESS,
    /// Through the host bridge, and so through the IOMMU, like memory.
    THROUGH_HOST_BRIDGE
}
