package org.softverbs.dma;

/// What addresses a device can use.
///
/// Kernel names: `dma_mask`, `dma_parms.segment_boundary_mask`, `dma_parms.max_segment_size`.
///
/// @param mask highest address that it can send out, a power of two minus one
/// @param segmentBoundary mask of the addresses that a segment must not cross, a power of two minus
///     one
/// @param maxSegment longest segment in bytes
public record DmaLimits(long mask, long segmentBoundary, long maxSegment) {

    private static final int PCI_BOUNDARY_BITS = 32;
    private static final long RDMA_MAX_SEGMENT = 1L << 31;

    /// @throws IllegalArgumentException when a mask is no power of two minus one, or segments of no
    ///     byte are asked for
    public DmaLimits {
        checkMask("mask", mask);
        checkMask("segmentBoundary", segmentBoundary);
        if (maxSegment < 1) {
            throw new IllegalArgumentException("maxSegment " + maxSegment + " is below 1");
        }
    }

    private static void checkMask(String name, long value) {
        if (value <= 0 || (value & (value + 1)) != 0) {
            throw new IllegalArgumentException(
                    name + " 0x" + Long.toHexString(value) + " is no power of two minus one");
        }
    }

    /// An RDMA adapter on PCI that sends out addresses of so many bits: segments of up to 2 GiB
    /// that do not cross 4 GiB.
    ///
    /// @param bits 1 to 63; more than 63 are as good as 63 here
    public static DmaLimits ofBits(int bits) {
        long mask = bits >= Long.SIZE - 1 ? Long.MAX_VALUE : (1L << bits) - 1;
        return new DmaLimits(mask, (1L << PCI_BOUNDARY_BITS) - 1, RDMA_MAX_SEGMENT);
    }
}
