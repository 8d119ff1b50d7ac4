package org.softverbs.fuzz;

import java.util.List;
import org.softverbs.verbs.AccessFlag;

/// A range of the bench's memory that a key opens.
///
/// @param key what opens it
/// @param domain number of the protection domain
/// @param address first byte in the key's address space
/// @param offset where it is in the bench's memory
/// @param size bytes
/// @param bits rights
record Region(int key, int domain, long address, int offset, int size, int bits) {

    static final int DOMAIN = 1;
    static final int OTHER_DOMAIN = 2;

    private static final int LOCAL_WRITE = AccessFlag.LOCAL_WRITE.bit();
    private static final int ALL =
            LOCAL_WRITE
                    | AccessFlag.REMOTE_WRITE.bit()
                    | AccessFlag.REMOTE_READ.bit()
                    | AccessFlag.REMOTE_ATOMIC.bit()
                    | AccessFlag.FLUSH_GLOBAL.bit()
                    | AccessFlag.MW_BIND.bit();

    static final Region EXPOSED = new Region(0x0a0a_0a01, DOMAIN, 0x10_0000, 512, 4096, ALL);
    static final Region READABLE =
            new Region(0x0b0b_0b02, DOMAIN, 0x7fff_0003L, 5120, 1000, AccessFlag.REMOTE_READ.bit());
    static final Region WRITABLE =
            new Region(
                    0x0c0c_0c03,
                    DOMAIN,
                    0x2000_0001L,
                    6400,
                    777,
                    LOCAL_WRITE
                            | AccessFlag.REMOTE_WRITE.bit()
                            | AccessFlag.FLUSH_GLOBAL.bit()
                            | AccessFlag.FLUSH_PERSISTENT.bit());
    static final Region FOREIGN = new Region(0x0d0d_0d04, OTHER_DOMAIN, 0x10_0000, 7424, 512, ALL);

    /// Ends where 64 bits end.
    static final Region LAST = new Region(0x0e0e_0e05, DOMAIN, -256, 8192, 256, ALL);

    static final Region LOCAL = new Region(0x0f0f_0f06, DOMAIN, 0x30_0000, 8704, 4096, LOCAL_WRITE);

    static final List<Region> ALL_REGIONS =
            List.of(EXPOSED, READABLE, WRITABLE, FOREIGN, LAST, LOCAL);

    /// A window of type 2 onto a part of `EXPOSED`.
    static final Region WINDOW =
            new Region(
                    0x1111_1107,
                    DOMAIN,
                    EXPOSED.address + 256,
                    EXPOSED.offset + 256,
                    256,
                    AccessFlag.REMOTE_READ.bit() | AccessFlag.REMOTE_WRITE.bit());

    /// Bytes of memory that all of them lie in.
    static final int MEMORY = 13_312;

    /// Whether a range may be reached with some rights.
    boolean allows(long first, long length, int right) {
        return domain == DOMAIN
                && (bits & right) == right
                && Long.compareUnsigned(length, size) <= 0
                && Long.compareUnsigned(first - address, size - length) <= 0;
    }

    /// Where an address is in the bench's memory.
    int at(long first) {
        return (int) (offset + (first - address));
    }
}
