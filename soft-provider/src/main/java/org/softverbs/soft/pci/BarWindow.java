package org.softverbs.soft.pci;

import com.google.common.collect.Range;
import com.google.common.collect.RangeSet;
import com.google.common.collect.TreeRangeSet;
import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;
import org.softverbs.dma.PhysicalAllocation;

/// A BAR that shows memory which its device gives out, in whole pages, and which of them are free.
///
/// Safe to use from any thread.
final class BarWindow {

    private static final long PAGE = 4096;

    private final PhysicalAllocation bar;
    private final RangeSet<Long> free = TreeRangeSet.create();

    /// @param bar all of it is free
    BarWindow(PhysicalAllocation bar) {
        this.bar = bar;
        free.add(Range.closedOpen(0L, bar.total() & -PAGE));
    }

    /// Takes the first free pages that are enough.
    ///
    /// @param length bytes
    /// @return their physical address; nothing when no run of free pages is that long
    synchronized OptionalLong take(long length) {
        for (Range<Long> run : free.asRanges()) {
            long first = run.lowerEndpoint();
            if (length <= run.upperEndpoint() - first) {
                free.remove(Range.closedOpen(first, first + pages(length)));
                return OptionalLong.of(bar.address(0) + first);
            }
        }
        return OptionalLong.empty();
    }

    /// Takes back what [#take] gave.
    synchronized void giveBack(long address, long length) {
        long first = address - bar.address(0);
        free.add(Range.closedOpen(first, first + pages(length)));
    }

    MemorySegment bytes(long address, long length) {
        return bar.segment().asSlice(address - bar.address(0), length);
    }

    private static long pages(long length) {
        return (length + PAGE - 1) & -PAGE;
    }
}
