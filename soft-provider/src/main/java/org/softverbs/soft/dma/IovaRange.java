package org.softverbs.soft.dma;

/// A range of I/O virtual addresses, and the holes in it where nothing is mapped: padding for a
/// segment boundary, usually none.
///
/// @param start first address
/// @param length bytes in whole granules; 0 for no range
/// @param holes in order, as offset and length in turn
@SuppressWarnings("ArrayRecordComponent") // package-private, never compared
record IovaRange(long start, long length, long[] holes) {

    /// No addresses.
    static final IovaRange NONE = new IovaRange(0, 0, new long[0]);

    boolean isEmpty() {
        return length == 0;
    }
}
