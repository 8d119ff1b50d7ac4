package org.softverbs.soft.physical;

import org.softverbs.dma.PhysicalVector;

/// Is told what happens to physical memory.
public interface MemoryObserver {

    /// The CPU is about to touch bytes through a view that tells.
    void cpuAccess(long address, long length, boolean write);

    /// Memory was given back.
    void released(PhysicalVector memory);
}
