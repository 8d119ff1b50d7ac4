package org.softverbs.ulp.store;

/// How large a store is.
///
/// @param blockSize bytes of a block, a power of two from 512 to 4096
/// @param blocks how many there are
public record StoreGeometry(int blockSize, long blocks) {

    private static final int SMALLEST = 512;
    private static final int LARGEST = 4096;

    /// @throws IllegalArgumentException for another block size, or no blocks
    public StoreGeometry {
        if (blockSize < SMALLEST || blockSize > LARGEST || Integer.bitCount(blockSize) != 1) {
            throw new IllegalArgumentException(
                    "block size " + blockSize + " is no power of two from 512 to 4096");
        }
        if (blocks < 1 || blocks > Long.MAX_VALUE / blockSize) {
            throw new IllegalArgumentException("blocks " + blocks + " is out of range");
        }
    }

    /// Bytes of all blocks.
    public long bytes() {
        return blocks * blockSize;
    }

    /// Whether so many blocks from a first one on are all there.
    boolean contains(long firstBlock, long count) {
        return firstBlock >= 0 && firstBlock <= blocks - count;
    }
}
