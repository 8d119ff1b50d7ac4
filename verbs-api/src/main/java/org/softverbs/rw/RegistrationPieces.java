package org.softverbs.rw;

import java.util.ArrayList;
import java.util.List;
import org.softverbs.dma.DmaSegment;

/// Cuts segments into pieces that fit into one registration each: no gap inside a page, and no more
/// pages than it holds.
///
/// Linux refuses an I/O with a gap inside a page (`EINVAL`); here it takes one registration more.
final class RegistrationPieces {

    /// Size of the pages of a registration.
    static final int PAGE = 4096;

    private final int maxPages;
    private final List<List<DmaSegment>> pieces = new ArrayList<>();
    private List<DmaSegment> open = new ArrayList<>();
    private int pages;
    private long end;

    private RegistrationPieces(int maxPages) {
        this.maxPages = maxPages;
    }

    /// @param maxPages pages of one registration
    static List<List<DmaSegment>> of(List<DmaSegment> segments, int maxPages) {
        RegistrationPieces cutter = new RegistrationPieces(maxPages);
        segments.forEach(cutter::add);
        cutter.finish();
        return cutter.pieces;
    }

    private void add(DmaSegment segment) {
        long address = segment.address();
        long rest = segment.length();
        while (rest > 0) {
            boolean follows = !open.isEmpty() && address == end;
            if (!open.isEmpty() && !follows && ((end | address) & (PAGE - 1)) != 0) {
                finish();
            }
            // A segment that follows inside a page needs no page for the bytes up to its end.
            long paid = follows ? -address & (PAGE - 1) : 0;
            long offset = follows && paid > 0 ? 0 : address & (PAGE - 1);
            long room = paid + (long) (maxPages - pages) * PAGE - offset;
            if (room <= 0) {
                finish();
                continue;
            }
            long part = Math.min(rest, room);
            open.add(new DmaSegment(segment.space(), address, part));
            pages += (int) Math.ceilDiv(Math.max(part - paid, 0) + offset, PAGE);
            address += part;
            rest -= part;
            end = address;
        }
    }

    private void finish() {
        if (!open.isEmpty()) {
            pieces.add(open);
            open = new ArrayList<>();
            pages = 0;
        }
    }
}
