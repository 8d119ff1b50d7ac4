package org.softverbs.soft.device;

import org.softverbs.soft.memory.AccessResult;
import org.softverbs.soft.memory.AddressedMemory;
import org.softverbs.soft.packet.RunList;
import org.softverbs.soft.physical.LinearMap;
import org.softverbs.soft.physical.SparsePhysicalMemory;

/// What a device sees whose data the CPU moves: the CPU's own memory.
///
/// @param memory physical memory
/// @param virtual whether addresses are those of the kernel's linear map; else physical ones
record CpuMemory(SparsePhysicalMemory memory, boolean virtual) implements AddressedMemory {

    @Override
    public AccessResult resolve(long address, long length, boolean write, RunList runs) {
        long physical = address;
        if (virtual) {
            physical = LinearMap.physical(address);
            if (!LinearMap.contains(address) || !memory.isInLinearMap(physical, length)) {
                return AccessResult.NOT_MAPPED;
            }
        }
        return memory.resolve(physical, length, runs)
                ? AccessResult.GRANTED
                : AccessResult.NOT_MAPPED;
    }
}
