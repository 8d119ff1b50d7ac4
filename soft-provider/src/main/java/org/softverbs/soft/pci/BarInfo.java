package org.softverbs.soft.pci;

/// What the DMA layer has to know of a BAR to reach it: whose it is, where it lies, and what it is
/// called on the bus.
///
/// Source: "bar info" of "Removing struct page from P2PDMA", linux-block, June 2019; today's
/// `struct p2pdma_provider`.
///
/// @param owner whose BAR it is
/// @param first physical address of its first byte
/// @param length bytes
/// @param busOffset what to add to a physical address for the address on the bus
public record BarInfo(PciFunction owner, long first, long length, long busOffset) {

    boolean contains(long physicalAddress) {
        long offset = physicalAddress - first;
        return offset >= 0 && offset < length;
    }
}
