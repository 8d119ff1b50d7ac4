package org.softverbs.soft.bounce;

import org.softverbs.dma.DmaDirection;

/// Gives out buffers that a device uses in place of memory, and copies between the two.
///
/// Safe to use from any thread; a mapping is used by one thread at a time. Nothing of this throws
/// for what a driver does wrong: the answer says what it was.
public interface BouncePool extends AutoCloseable {

    /// Finds a buffer and copies the memory into it. Pools in the manner of SWIOTLB do so for every
    /// direction: what the device does not write must come back as it was, and must not be the
    /// bytes of another. [VduseDomain] copies only when the device reads.
    BounceResult map(BounceRequest request);

    /// Copies back what the device wrote, and takes the buffer back.
    ///
    /// @param address first byte of the buffer
    /// @param mappingSize bytes that are copied
    /// @param skipSync whether the CPU does not want the bytes (`DMA_ATTR_SKIP_CPU_SYNC`)
    BounceCheck unmap(long address, long mappingSize, DmaDirection direction, boolean skipSync);

    /// Shows the device what the CPU wrote. Copies nothing when the device does not read.
    ///
    /// @param address any byte of the buffer
    /// @param length bytes from there on
    BounceCheck syncForDevice(long address, long length, DmaDirection direction);

    /// Shows the CPU what the device wrote. Copies nothing when the device does not write.
    ///
    /// @param address any byte of the buffer
    /// @param length bytes from there on
    BounceCheck syncForCpu(long address, long length, DmaDirection direction);

    /// Whether an address is one of the pool's memory.
    boolean contains(long address);

    /// Bytes of the longest mapping that an empty pool takes.
    ///
    /// @param minAlignMask bits of the address that the buffer must share with the memory
    long largestMapping(long minAlignMask);

    /// What has been done so far.
    BounceStatistics statistics();

    /// Gives the memory back, with all that is mapped.
    @Override
    void close();
}
