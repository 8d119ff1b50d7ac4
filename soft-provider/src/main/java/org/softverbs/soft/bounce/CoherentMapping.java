package org.softverbs.soft.bounce;

import org.softverbs.dma.PhysicalAllocation;

/// Memory that the CPU and a device share without copying.
///
/// @param iova where the device has it
/// @param memory the memory, in one run
public record CoherentMapping(long iova, PhysicalAllocation memory) {}
