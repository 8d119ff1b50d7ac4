package org.softverbs.dma;

import java.util.EnumSet;
import java.util.Set;

/// What physical memory is asked for.
///
/// @param length bytes, at least 1
/// @param pageSize size and alignment of the pages it comes in
/// @param contiguous whether all pages lie side by side; else no two do
/// @param below address that every byte must lie below; [#ANYWHERE] for no limit
/// @param flags [PageFlag#HIGHMEM] and [PageFlag#PRIVATE] as wanted
public record PhysicalMemoryRequest(
        long length, PageSize pageSize, boolean contiguous, long below, Set<PageFlag> flags) {

    /// No limit to the address.
    public static final long ANYWHERE = Long.MAX_VALUE;

    /// @throws IllegalArgumentException when length or limit are below 1, or the flags hold
    ///     `DEVICE` or `DEVICE_PRIVATE`: that memory belongs to a PCI function
    public PhysicalMemoryRequest {
        flags = Set.copyOf(flags);
        if (length < 1) {
            throw new IllegalArgumentException("length " + length + " is below 1");
        }
        if (below < 1) {
            throw new IllegalArgumentException("below " + below + " is below 1");
        }
        if (flags.contains(PageFlag.DEVICE) || flags.contains(PageFlag.DEVICE_PRIVATE)) {
            throw new IllegalArgumentException("DEVICE memory is a PCI function's, not allocated");
        }
    }

    /// One run of bytes in pages of 4 KiB.
    public static PhysicalMemoryRequest contiguous(long length) {
        return new PhysicalMemoryRequest(length, PageSize.SIZE_4K, true, ANYWHERE, Set.of());
    }

    /// Pages of 4 KiB of which no two are neighbours.
    public static PhysicalMemoryRequest scattered(long length) {
        return new PhysicalMemoryRequest(length, PageSize.SIZE_4K, false, ANYWHERE, Set.of());
    }

    /// The same in pages of another size.
    public PhysicalMemoryRequest withPageSize(PageSize size) {
        return new PhysicalMemoryRequest(length, size, contiguous, below, flags);
    }

    /// The same with every byte below an address.
    public PhysicalMemoryRequest withBelow(long limit) {
        return new PhysicalMemoryRequest(length, pageSize, contiguous, limit, flags);
    }

    /// The same with a flag more.
    public PhysicalMemoryRequest withFlag(PageFlag flag) {
        EnumSet<PageFlag> more = EnumSet.of(flag);
        more.addAll(flags);
        return new PhysicalMemoryRequest(length, pageSize, contiguous, below, more);
    }
}
