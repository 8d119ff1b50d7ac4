package org.softverbs.dma;

import java.lang.foreign.MemorySegment;

/// Memory that the CPU and a device share, by addresses.
///
/// @param kernelAddress where the kernel has it
/// @param address where the device has it
/// @param bytes the memory, zeros at first
public record RawCoherent(long kernelAddress, long address, MemorySegment bytes) {}
