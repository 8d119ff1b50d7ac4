package org.softverbs.verbs;

/// A scatter/gather element: `length` bytes at `address` in the address space that `localKey`
/// names.
///
/// With the key of a [MemoryRegion] the address is one of that region's own address space. The
/// length is unsigned: [#lengthAsLong()].
///
/// Verbs name: `ibv_sge` / `ib_sge`.
///
/// @param address 64-bit address, unsigned
/// @param length number of bytes, unsigned 32 bit
/// @param localKey key of the memory the address lies in
public record Sge(long address, int length, int localKey) {

    /// The length, 0 to 2^32 - 1.
    public long lengthAsLong() {
        return Integer.toUnsignedLong(length);
    }
}
