package org.softverbs.soft.physical;

import org.softverbs.verbs.Errno;
import org.softverbs.verbs.VerbsException;

/// The kernel's linear map: every byte of physical memory but high memory has a virtual address at
/// a fixed distance.
///
/// Source: `page_offset_base` of x86-64 without randomisation.
public final class LinearMap {

    private static final long BASE = 0xffff_8880_0000_0000L;
    private static final long SIZE = 1L << 46;

    private LinearMap() {}

    public static long virtual(long physical) {
        return BASE + physical;
    }

    /// Whether an address is one of the linear map.
    public static boolean contains(long virtual) {
        return Long.compareUnsigned(virtual - BASE, SIZE) < 0;
    }

    public static long physical(long virtual) {
        return virtual - BASE;
    }

    /// The physical address of a kernel virtual one.
    ///
    /// @throws VerbsException `EFAULT` for an address that is not of the linear map
    public static long require(long virtual) {
        if (!contains(virtual)) {
            throw new VerbsException(
                    Errno.EFAULT,
                    "mapSingle",
                    "0x" + Long.toHexString(virtual) + " is not in the kernel's linear map");
        }
        return physical(virtual);
    }
}
