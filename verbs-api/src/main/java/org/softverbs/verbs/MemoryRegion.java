package org.softverbs.verbs;

import java.lang.foreign.MemorySegment;
import java.util.Set;

/// Registered memory.
///
/// Verbs name: `ibv_mr` / `ib_mr`.
public interface MemoryRegion extends AutoCloseable {

    ProtectionDomain protectionDomain();

    /// The memory itself.
    ///
    /// @throws IllegalStateException for a region of physical or DMA addresses, which has none
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

    /// Changes memory, domain or rights, all that is asked for or nothing. Other memory gets new
    /// keys and, unless the region is zero-based, a new address; else the keys stay.
    ///
    /// Verbs name: `ibv_rereg_mr`.
    ///
    /// @throws VerbsException `EINVAL` for what [ProtectionDomain#registerMemory] refuses, for no
    ///     bytes or a domain of another context, `EBUSY` when memory windows are bound to it,
    ///     `EOPNOTSUPP` for new memory of a region of physical or DMA addresses; nothing changed
    void reregister(Reregistration changes);

    /// Takes pages away, all that have a byte of a range, as a kernel does with pages that it
    /// needs. An access brings them in again.
    ///
    /// Kernel name: `ib_umem_odp_unmap_dma_pages`.
    ///
    /// @throws VerbsException `EINVAL` when the region is not [AccessFlag#ON_DEMAND], `EFAULT` for
    ///     bytes outside
    void dropPages(long offset, long length);

    /// Ends the registration. When this returns, nobody reads or writes the memory any more;
    /// requests that still name it fail.
    ///
    /// @throws VerbsException `EBUSY` when memory windows are bound to it; it lists them
    @Override
    void close();
}
