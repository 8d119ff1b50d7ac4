package org.softverbs.dma;

/// One run of addresses for a device, as it stands in an element of its scatter/gather list.
///
/// @param space whose address it is
/// @param address the first
/// @param length bytes, at least 1
public record DmaSegment(AddressSpace space, long address, long length) {}
