package org.softverbs.soft.iommu;

/// How a device picks its addresses from an allocator that knows page frames only: in bytes, under
/// the device's mask, low addresses first.
///
/// Low addresses are tried without flushing caches, and only for devices that reach further; then
/// all that the mask allows is tried with everything the allocator has. Addresses are aligned to
/// their size.
///
/// One for each device: it remembers when 4 GiB were not enough. Safe to use from any thread.
///
/// Kernel name: `iommu_dma_alloc_iova`.
public final class IovaPolicy {

    private static final long LAST_BELOW_4_GIB = (1L << 32) - 1;

    /// What becomes of addresses below 4 GiB, which a PCI device sends in a shorter header.
    public enum LowAddresses {
        /// Preferred each time: PCI devices, up to Linux 6.1 at least.
        ALWAYS_FIRST,
        /// Preferred until they are used up once: PCI devices in later kernels.
        FIRST_UNTIL_FULL,
        /// As good as any other: no PCI device, or `iommu.forcedac`.
        NOT_PREFERRED
    }

    private final IovaAllocator allocator;
    private final int shift;
    private final boolean stopsWhenFull;
    private volatile boolean lowFirst;

    /// @param granule bytes of the allocator's page frames, a power of two
    public IovaPolicy(IovaAllocator allocator, long granule, LowAddresses low) {
        if (Long.bitCount(granule) != 1) {
            throw new IllegalArgumentException("granule " + granule);
        }
        this.allocator = allocator;
        shift = Long.numberOfTrailingZeros(granule);
        stopsWhenFull = low == LowAddresses.FIRST_UNTIL_FULL;
        lowFirst = low != LowAddresses.NOT_PREFERRED;
    }

    /// Takes addresses.
    ///
    /// @param length bytes, rounded up to whole page frames
    /// @param lastAddress the last address that device, bus and IOMMU all reach
    /// @return the first address, or [IovaAllocator#NONE]
    public long allocate(long length, long lastAddress) {
        long pages = pages(length);
        long pfn = IovaAllocator.NONE;
        if (lowFirst && lastAddress > LAST_BELOW_4_GIB) {
            pfn = allocator.tryAllocate(pages, LAST_BELOW_4_GIB >> shift, true);
            if (pfn == IovaAllocator.NONE && stopsWhenFull) {
                lowFirst = false;
            }
        }
        if (pfn == IovaAllocator.NONE) {
            pfn = allocator.allocate(pages, lastPfn(lastAddress), true);
        }
        return pfn == IovaAllocator.NONE ? IovaAllocator.NONE : pfn << shift;
    }

    /// The last page frame that lies below an address entirely.
    private long lastPfn(long lastAddress) {
        return (lastAddress - (1L << shift) + 1) >> shift;
    }

    /// Gives addresses back.
    ///
    /// @param length what was asked for
    public void free(long iova, long length) {
        allocator.free(iova >> shift, pages(length));
    }

    private long pages(long length) {
        return ((length - 1) >> shift) + 1;
    }
}
