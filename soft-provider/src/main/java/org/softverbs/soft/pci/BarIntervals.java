package org.softverbs.soft.pci;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// BARs by their addresses. They do not overlap, so that an array in order is their interval tree.
public final class BarIntervals implements BarInfoIndex {

    private static final long IS_BAR = 1;

    private long[] starts = new long[0];
    private BarInfo[] bars = new BarInfo[0];

    /// An empty index.
    public BarIntervals() {}

    @Override
    public int bits() {
        return 1;
    }

    @Override
    public boolean add(BarInfo bar) {
        int above = -Arrays.binarySearch(starts, bar.first()) - 1;
        boolean overlapsAbove =
                above >= 0
                        && above < bars.length
                        && bars[above].first() - bar.first() < bar.length();
        if (above < 0 || overlapsAbove || at(bar.first()) != null) {
            throw new IllegalArgumentException(bar + " overlaps another BAR");
        }
        long[] newStarts = Arrays.copyOf(starts, starts.length + 1);
        BarInfo[] newBars = Arrays.copyOf(bars, bars.length + 1);
        System.arraycopy(starts, above, newStarts, above + 1, starts.length - above);
        System.arraycopy(bars, above, newBars, above + 1, bars.length - above);
        newStarts[above] = bar.first();
        newBars[above] = bar;
        starts = newStarts;
        bars = newBars;
        return true;
    }

    @Override
    public long token(long physicalAddress) {
        return at(physicalAddress) == null ? NONE : IS_BAR;
    }

    @Override
    public @Nullable BarInfo find(long token, long physicalAddress) {
        return token == NONE ? null : at(physicalAddress);
    }

    @Nullable BarInfo at(long physicalAddress) {
        int found = Arrays.binarySearch(starts, physicalAddress);
        int index = found >= 0 ? found : -found - 2;
        return index >= 0 && bars[index].contains(physicalAddress) ? bars[index] : null;
    }
}
