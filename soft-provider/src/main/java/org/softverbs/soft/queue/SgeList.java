package org.softverbs.soft.queue;

/// The elements of one work request in arrays of fixed size.
public final class SgeList {

    private final long[] addresses;
    private final int[] lengths;
    private final int[] localKeys;
    private int count;
    private long total;

    public SgeList(int capacity) {
        addresses = new long[capacity];
        lengths = new int[capacity];
        localKeys = new int[capacity];
    }

    public int capacity() {
        return addresses.length;
    }

    public int count() {
        return count;
    }

    /// Bytes of all elements together.
    public long total() {
        return total;
    }

    public long address(int index) {
        return addresses[index];
    }

    public long length(int index) {
        return Integer.toUnsignedLong(lengths[index]);
    }

    public int localKey(int index) {
        return localKeys[index];
    }

    public void clear() {
        count = 0;
        total = 0;
    }

    /// Adds an element.
    ///
    /// @return false when there is no room
    public boolean add(long address, int length, int localKey) {
        if (count == addresses.length) {
            return false;
        }
        addresses[count] = address;
        lengths[count] = length;
        localKeys[count] = localKey;
        count++;
        total += Integer.toUnsignedLong(length);
        return true;
    }

    /// Becomes a copy of another list, which fits.
    public void set(SgeList other) {
        count = other.count;
        total = other.total;
        System.arraycopy(other.addresses, 0, addresses, 0, count);
        System.arraycopy(other.lengths, 0, lengths, 0, count);
        System.arraycopy(other.localKeys, 0, localKeys, 0, count);
    }
}
