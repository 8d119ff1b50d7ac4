package org.softverbs.verbs;

import java.util.List;
import java.util.OptionalInt;
import org.softverbs.dma.DmaSegment;

/// A memory region that is registered and invalidated by work requests. It is filled with the
/// segments of a DMA mapping, made valid by [SendWorkRequest.RegisterMemory], and made invalid by
/// [SendWorkRequest.LocalInvalidate] or by the peer's SEND with invalidate.
///
/// The upper 24 bits of its key are the region's for ever; the low 8 are the caller's, who counts
/// them up before each registration so that a key of the one before opens nothing.
///
/// Verbs name: `ib_mr` of `ib_alloc_mr(IB_MR_TYPE_MEM_REG)`.
public interface FastRegion extends AutoCloseable {

    ProtectionDomain protectionDomain();

    /// Pages that one registration holds at most.
    int maxPages();

    FastRegionState state();

    /// The key that it is valid under; nothing when it is not valid. While no request that names
    /// the region is under way this does not change by itself, but for a peer's invalidation.
    OptionalInt validKey();

    /// Address of the first byte of what was mapped last.
    long address();

    /// Bytes that were mapped last.
    long length();

    /// The key to register with next, or that was registered with last.
    int localKey();

    /// The same number, as a peer is told it.
    default int remoteKey() {
        return localKey();
    }

    /// Counts up the low 8 bits of the key (`ib_inc_rkey` with `ib_update_fast_reg_key`).
    ///
    /// @return the new key
    int incrementKey();

    /// Takes segments, in order, as far as they make one range of whole pages: all but the first
    /// must begin, and all but the last must end, at a page, unless they follow their predecessor
    /// without a gap. It stops at the first that does not, or that needs too many pages. What is
    /// mapped takes effect with the next registration.
    ///
    /// Verbs name: `ib_map_mr_sg`, `ib_sg_to_pages`.
    ///
    /// @param segments of a mapping of this device
    /// @param offset bytes of the first segment to leave out
    /// @param pageSize a power of two, at least 4096
    /// @return how many segments are mapped whole
    /// @throws VerbsException `EINVAL` for an offset outside the first segment, no segments, or a
    ///     page size that is none; `ENOMEM` when not even a page of the first fits
    int mapSegments(List<DmaSegment> segments, long offset, int pageSize);

    /// A part of what was mapped last as an element.
    ///
    /// @throws IllegalArgumentException when the part does not lie inside
    default Sge element(long offset, long length) {
        if (offset < 0 || length < 0 || offset > length() - length || length > 0xffff_ffffL) {
            throw new IllegalArgumentException(
                    length + " bytes at " + offset + " are no element within " + length());
        }
        return new Sge(address() + offset, (int) length, localKey());
    }

    /// Gives the region back, valid or not. When this returns nobody reaches memory through it.
    @Override
    void close();
}
