package org.softverbs.dma;

/// A run of bytes in physical memory.
///
/// Kernel name: `struct phys_vec`.
///
/// @param address physical address of the first byte
/// @param length bytes, at least 1
public record PhysicalRange(long address, long length) {

    /// @throws IllegalArgumentException for a range that is empty or wraps around 2^63
    public PhysicalRange {
        if (address < 0 || length < 1 || address > Long.MAX_VALUE - length) {
            throw new IllegalArgumentException(
                    "physical range of " + length + " bytes at 0x" + Long.toHexString(address));
        }
    }

    /// The address behind the last byte.
    public long end() {
        return address + length;
    }

    @Override
    public String toString() {
        return "0x" + Long.toHexString(address) + "+" + length;
    }
}
