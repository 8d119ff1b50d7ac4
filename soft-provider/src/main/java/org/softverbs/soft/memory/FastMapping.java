package org.softverbs.soft.memory;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.softverbs.dma.DmaSegment;
import org.softverbs.soft.packet.RunList;

/// Whole pages of a device's addresses as one range: what a fast registration makes valid.
///
/// Source: `ib_sg_to_pages` of Linux (`drivers/infiniband/core/verbs.c`).
public final class FastMapping implements RegionMapping {

    private final long[] pages;
    private final long pageSize;
    private final long address;
    private final long length;
    private final int consumed;

    private FastMapping(long[] pages, long pageSize, long address, long length, int consumed) {
        this.pages = pages;
        this.pageSize = pageSize;
        this.address = address;
        this.length = length;
        this.consumed = consumed;
    }

    /// Takes segments as far as they make one range.
    ///
    /// @param offset bytes of the first segment to leave out, fewer than it has
    /// @param pageSize a power of two
    /// @return nothing when not even a page of the first fits behind its first
    public static Optional<FastMapping> of(
            List<DmaSegment> segments, long offset, long pageSize, int maxPages) {
        Builder builder = new Builder(pageSize, maxPages);
        int taken = 0;
        boolean fits = true;
        while (fits && taken < segments.size()) {
            DmaSegment segment = segments.get(taken);
            long skipped = taken == 0 ? offset : 0;
            fits = builder.take(segment.address() + skipped, segment.length() - skipped);
            taken += fits ? 1 : 0;
        }
        return builder.length == 0
                ? Optional.empty()
                : Optional.of(builder.mapping(segments.getFirst().address() + offset, taken));
    }

    private static final class Builder {

        private final long pageSize;
        private final long[] pages;
        private int count;
        private long end;
        private long length;

        Builder(long pageSize, int maxPages) {
            this.pageSize = pageSize;
            this.pages = new long[maxPages];
        }

        /// Takes a segment; one that needs too many pages is taken up to the start of the last page
        /// that fits, as Linux does.
        ///
        /// @return false when it begins behind a gap or was not taken whole
        boolean take(long first, long size) {
            long page = first & -pageSize;
            if (count > 0 && ((end & (pageSize - 1)) != 0 || page != first)) {
                if (end != first) {
                    return false;
                }
                page += pageSize;
            }
            long mapped = first;
            for (; page - (first + size) < 0; page += pageSize) {
                if (count == pages.length) {
                    length += Math.max(0, mapped - first);
                    return false;
                }
                pages[count++] = page;
                mapped = page;
            }
            length += size;
            end = first + size;
            return true;
        }

        FastMapping mapping(long address, int consumed) {
            return new FastMapping(
                    Arrays.copyOf(pages, count), pageSize, address, length, consumed);
        }
    }

    /// Segments that were taken whole.
    public int consumed() {
        return consumed;
    }

    /// Address of the first byte, also in the space of the key.
    @Override
    public long address() {
        return address;
    }

    @Override
    public long length() {
        return length;
    }

    /// The pages in order.
    public List<Long> pages() {
        return Arrays.stream(pages).boxed().toList();
    }

    /// Finds the bytes at an offset, which lie inside. Neighbouring pages are found together.
    @Override
    public AccessResult resolve(
            AddressedMemory memory, long offset, long size, boolean write, RunList runs) {
        int before = runs.count();
        long at = (address & (pageSize - 1)) + offset;
        long rest = size;
        while (rest > 0) {
            int page = (int) (at / pageSize);
            long within = at % pageSize;
            long part = Math.min(rest, pageSize - within);
            for (int next = page; part < rest && pages[next + 1] == pages[next] + pageSize; ) {
                next++;
                part = Math.min(rest, part + pageSize);
            }
            AccessResult result = memory.resolve(pages[page] + within, part, write, runs);
            if (result != AccessResult.GRANTED) {
                runs.truncate(before);
                return result;
            }
            at += part;
            rest -= part;
        }
        return AccessResult.GRANTED;
    }
}
