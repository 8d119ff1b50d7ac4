package org.softverbs.dma;

import java.util.Arrays;
import java.util.Objects;

/// Elements of a page, an offset and a length, as block and network layers keep them. What a
/// mapping makes of it is kept by the mapping: the list itself never changes by being mapped.
///
/// Not safe to change while it is in use. Kernel name: `struct scatterlist`, `struct sg_table`.
public final class ScatterList implements PhysicalVector {

    private static final int FIRST_CAPACITY = 8;

    private long[] addresses = new long[FIRST_CAPACITY];
    private long[] lengths = new long[FIRST_CAPACITY];
    private int count;

    /// An empty list.
    public ScatterList() {}

    /// Adds an element.
    ///
    /// @param page physical address of a page
    /// @param offset first byte, counted from the page's; may lie beyond it
    /// @param length bytes, at least 1
    /// @throws IllegalArgumentException for bytes that are no physical range
    public ScatterList add(long page, long offset, long length) {
        PhysicalRange range = new PhysicalRange(page + offset, length);
        if (count == addresses.length) {
            addresses = Arrays.copyOf(addresses, count * 2);
            lengths = Arrays.copyOf(lengths, count * 2);
        }
        addresses[count] = range.address();
        lengths[count] = range.length();
        count++;
        return this;
    }

    /// Adds a range as one element.
    public ScatterList add(PhysicalRange range) {
        return add(range.address(), 0, range.length());
    }

    /// The elements of another vector, one by one.
    public static ScatterList of(PhysicalVector vector) {
        ScatterList list = new ScatterList();
        for (int i = 0; i < vector.count(); i++) {
            list.add(vector.address(i), 0, vector.length(i));
        }
        return list;
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public long address(int index) {
        return addresses[checkIndex(index)];
    }

    @Override
    public long length(int index) {
        return lengths[checkIndex(index)];
    }

    private int checkIndex(int index) {
        return Objects.checkIndex(index, count);
    }
}
