package org.softverbs.verbs;

import java.lang.foreign.MemorySegment;
import java.util.Set;

/// Registered memory.
///
/// Verbs name: `ibv_mr` / `ib_mr`.
public interface MemoryRegion extends AutoCloseable {

    ProtectionDomain protectionDomain();

    /// The memory itself.
    MemorySegment segment();

    /// Address of the first byte in this region's address space; not the address of the segment.
    long address();

    long length();

    /// The key that elements of work requests carry (`lkey`).
    int localKey();

    /// The key that a peer names this memory with (`rkey`).
    int remoteKey();

    Set<AccessFlag> access();

    /// The whole region as one element.
    ///
    /// @throws IllegalArgumentException when the region is longer than an element can be
    default Sge element() {
        return element(0, length());
    }

    /// A part of the region as an element.
    ///
    /// @throws IllegalArgumentException when the part does not lie inside the region or is longer
    ///     than 2^32 - 1 bytes
    default Sge element(long offset, long length) {
        if (offset < 0 || length < 0 || offset > length() - length) {
            throw new IllegalArgumentException(
                    "bytes "
                            + offset
                            + " to "
                            + (offset + length)
                            + " are not inside the region of "
                            + length());
        }
        if (length > 0xffff_ffffL) {
            throw new IllegalArgumentException("an element holds at most 4294967295 bytes");
        }
        return new Sge(address() + offset, (int) length, localKey());
    }

    /// Ends the registration. When this returns, nobody reads or writes the memory any more;
    /// requests that still name it fail.
    @Override
    void close();
}
