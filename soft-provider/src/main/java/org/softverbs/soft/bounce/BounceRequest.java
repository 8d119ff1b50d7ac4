package org.softverbs.soft.bounce;

import org.softverbs.dma.DmaDirection;

/// What a buffer is wanted for.
///
/// @param original physical address of the memory it stands in for
/// @param mappingSize bytes of memory
/// @param allocSize bytes of buffer, at least as many: an IOMMU maps whole granules
/// @param minAlignMask bits of the address that the buffer must share with the memory
///     (`dma_get_min_align_mask`), a power of two minus one
/// @param allocAlignMask bits of the address that must be zero where the buffer's first slot
///     starts, a power of two minus one
/// @param boundary mask of the addresses that a buffer must not cross (`dma_get_seg_boundary`), a
///     power of two minus one
/// @param direction which way data moves
/// @param cpu number of the CPU that asks
public record BounceRequest(
        long original,
        long mappingSize,
        long allocSize,
        long minAlignMask,
        long allocAlignMask,
        long boundary,
        DmaDirection direction,
        int cpu) {

    /// Every address may be crossed.
    public static final long NO_BOUNDARY = Long.MAX_VALUE;

    /// @throws IllegalArgumentException for sizes below 1, a buffer below the mapping, a negative
    ///     CPU, or a mask that is no power of two minus one
    public BounceRequest {
        if (mappingSize < 1 || allocSize < mappingSize || cpu < 0 || original < 0) {
            throw new IllegalArgumentException(
                    "mapping of "
                            + mappingSize
                            + " bytes at 0x"
                            + Long.toHexString(original)
                            + " in a buffer of "
                            + allocSize
                            + " for CPU "
                            + cpu);
        }
        requireMask(minAlignMask);
        requireMask(allocAlignMask);
        requireMask(boundary);
    }

    /// A mapping with no wishes, for CPU 0.
    public static BounceRequest of(long original, long size, DmaDirection direction) {
        return new BounceRequest(original, size, size, 0, 0, NO_BOUNDARY, direction, 0);
    }

    /// The same in a buffer that is longer.
    public BounceRequest withAllocSize(long bytes) {
        return new BounceRequest(
                original,
                mappingSize,
                bytes,
                minAlignMask,
                allocAlignMask,
                boundary,
                direction,
                cpu);
    }

    /// The same with other masks of alignment.
    public BounceRequest withAlignment(long minimum, long allocation) {
        return new BounceRequest(
                original, mappingSize, allocSize, minimum, allocation, boundary, direction, cpu);
    }

    /// The same with a boundary.
    public BounceRequest withBoundary(long mask) {
        return new BounceRequest(
                original,
                mappingSize,
                allocSize,
                minAlignMask,
                allocAlignMask,
                mask,
                direction,
                cpu);
    }

    /// The same for another CPU.
    public BounceRequest withCpu(int number) {
        return new BounceRequest(
                original,
                mappingSize,
                allocSize,
                minAlignMask,
                allocAlignMask,
                boundary,
                direction,
                number);
    }

    private static void requireMask(long mask) {
        if (mask < 0 || (mask & (mask + 1)) != 0) {
            throw new IllegalArgumentException(
                    "0x" + Long.toHexString(mask) + " is no power of two minus one");
        }
    }
}
