package org.softverbs.soft.bounce;

import java.util.BitSet;

/// A window with a bit for each page, searched from the bottom: all that a window of some thousand
/// pages needs, as Robin Murphy remarked on VDUSE.
public final class BitmapWindow implements IovaWindow {

    private final long first;
    private final int size;
    private final BitSet used;

    /// @param first number of the first page
    /// @param last number of the last page
    public BitmapWindow(long first, long last) {
        this.first = first;
        this.size = Math.toIntExact(last - first + 1);
        this.used = new BitSet(size);
    }

    @Override
    public long allocate(int pages) {
        int at = used.nextClearBit(0);
        while (at <= size - pages) {
            int blocked = used.nextSetBit(at);
            if (blocked < 0 || blocked >= at + pages) {
                used.set(at, at + pages);
                return first + at;
            }
            at = used.nextClearBit(blocked);
        }
        return NONE;
    }

    @Override
    public void free(long firstPage, int pages) {
        int at = (int) (firstPage - first);
        used.clear(at, at + pages);
    }
}
