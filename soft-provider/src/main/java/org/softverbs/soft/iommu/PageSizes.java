package org.softverbs.soft.iommu;

/// Sizes of pages that an IOMMU knows.
///
/// Kernel names: `pgsize_bitmap`, `iommu_pgsize`.
///
/// @param bitmap a bit for each size: 4096 is bit 12
public record PageSizes(long bitmap) {

    private static final long SMALLEST = 1L << 12;
    private static final long LARGEST = 1L << 47;

    /// @throws IllegalArgumentException without a size, or when one is below 4096 or above 2^47
    public PageSizes {
        if (bitmap == 0 || (bitmap & -SMALLEST & (2 * LARGEST - 1)) != bitmap) {
            throw new IllegalArgumentException("page sizes 0x" + Long.toHexString(bitmap));
        }
    }

    /// What x86 and Arm with pages of 4 KiB know: 4 KiB, 2 MiB, 1 GiB.
    public static PageSizes standard() {
        return new PageSizes((1L << 12) | (1L << 21) | (1L << 30));
    }

    /// The smallest of them, to which everything must be aligned.
    public long granule() {
        return Long.lowestOneBit(bitmap);
    }

    /// Whether addresses and lengths, joined by or, are multiples of the granule.
    public boolean isAligned(long bits) {
        return (bits & (granule() - 1)) == 0;
    }

    /// The largest size that is not more than a length and divides both addresses.
    public long largest(long iova, long physical, long length) {
        long alignment = Long.lowestOneBit(iova | physical | Long.highestOneBit(length));
        return Long.highestOneBit(bitmap & (2 * alignment - 1));
    }

    /// How many bytes to map with pages of the size that [#largest] chose, before a larger size
    /// takes over: the next larger one does where both addresses are at its boundary, if they ever
    /// are, and if enough is left there.
    public long run(long iova, long physical, long length, long size) {
        long next = Long.lowestOneBit(bitmap & -(2 * size));
        long whole = length & -size;
        if (next == 0 || ((iova ^ physical) & (next - 1)) != 0) {
            return whole;
        }
        long boundary = next - (iova & (next - 1));
        return boundary <= length - next ? boundary : whole;
    }
}
