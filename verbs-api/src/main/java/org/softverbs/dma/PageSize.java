package org.softverbs.dma;

/// Sizes of the pages that physical memory is given out in.
public enum PageSize {
    SIZE_4K(1L << 12),
    SIZE_2M(1L << 21),
    SIZE_1G(1L << 30);

    private final long bytes;

    PageSize(long bytes) {
        this.bytes = bytes;
    }

    public long bytes() {
        return bytes;
    }
}
