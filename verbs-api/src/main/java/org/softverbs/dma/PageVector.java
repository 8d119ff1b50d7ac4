package org.softverbs.dma;

import java.util.Arrays;

/// Bytes that run through whole pages one after the other: an offset into the first, and a length.
///
/// Kernel name: an array of `struct page *`, as `sg_alloc_table_from_pages` takes it.
public final class PageVector implements PhysicalVector {

    private final long[] pages;
    private final long pageBytes;
    private final long offset;
    private final long length;

    /// @param pages physical addresses of the pages, each a multiple of the page size
    /// @param size size of the pages
    /// @param offset first byte, within the first page
    /// @param length bytes, at least 1, ending within the last page
    /// @throws IllegalArgumentException for an address that is no page's, or for bytes that do not
    ///     start in the first page and end in the last
    public PageVector(long[] pages, PageSize size, long offset, long length) {
        this.pages = pages.clone();
        this.pageBytes = size.bytes();
        this.offset = offset;
        this.length = length;
        for (long page : pages) {
            if (page < 0 || page % pageBytes != 0) {
                throw new IllegalArgumentException(
                        "0x" + Long.toHexString(page) + " is no page of " + pageBytes + " bytes");
            }
        }
        if (offset < 0 || offset >= pageBytes) {
            throw new IllegalArgumentException(
                    "offset " + offset + " is not within the first page of " + pageBytes);
        }
        long capacity = pages.length * pageBytes - offset;
        if (length < 1 || length > capacity || length <= capacity - pageBytes) {
            throw new IllegalArgumentException(
                    "length "
                            + length
                            + " from offset "
                            + offset
                            + " does not end in the last of "
                            + pages.length
                            + " pages");
        }
    }

    @Override
    public int count() {
        return pages.length;
    }

    @Override
    public long address(int index) {
        return index == 0 ? pages[0] + offset : pages[index];
    }

    @Override
    public long length(int index) {
        long start = index == 0 ? 0 : index * pageBytes - offset;
        long end = (index + 1) * pageBytes - offset;
        return Math.min(end, length) - start;
    }

    @Override
    public long total() {
        return length;
    }

    @Override
    public String toString() {
        return length + " bytes from " + offset + " in " + Arrays.toString(pages);
    }
}
