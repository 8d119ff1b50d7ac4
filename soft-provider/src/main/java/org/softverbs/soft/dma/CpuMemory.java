package org.softverbs.soft.dma;

import org.softverbs.dma.DmaAddressing;
import org.softverbs.soft.memory.AccessResult;
import org.softverbs.soft.memory.AddressedMemory;
import org.softverbs.soft.packet.RunList;
import org.softverbs.soft.physical.LinearMap;
import org.softverbs.soft.physical.SparsePhysicalMemory;

/// Memory by the CPU's own addresses: physical ones reach everything, those of the linear map no
/// high memory and no peer.
final class CpuMemory implements AddressedMemory {

    private final SparsePhysicalMemory memory;
    private final DmaAddressing addressing;

    CpuMemory(SparsePhysicalMemory memory, DmaAddressing addressing) {
        this.memory = memory;
        this.addressing = addressing;
    }

    @Override
    public AccessResult resolve(long address, long length, boolean write, RunList runs) {
        boolean isVirtual = addressing == DmaAddressing.VIRTUAL;
        if (isVirtual && !LinearMap.contains(address)) {
            return AccessResult.NOT_MAPPED;
        }
        long physical = isVirtual ? LinearMap.physical(address) : address;
        if (!memory.isMemory(physical, length)) {
            return AccessResult.NO_MEMORY;
        }
        if (isVirtual && !memory.isInLinearMap(physical, length)) {
            return AccessResult.NOT_MAPPED;
        }
        // Gone between the two looks at it, if not.
        return memory.resolve(physical, length, runs)
                ? AccessResult.GRANTED
                : AccessResult.NO_MEMORY;
    }
}
