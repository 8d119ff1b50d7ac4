package org.softverbs.soft.packet;

import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// A reusable list of runs of bytes, each a part of a [MemorySegment]: how a payload lies in
/// memory. Grows as needed and then allocates nothing.
public final class RunList {

    private static final MemorySegment NOTHING = MemorySegment.NULL;

    private MemorySegment[] segments = new MemorySegment[4];
    private long[] offsets = new long[4];
    private long[] lengths = new long[4];
    private int count;
    private long total;

    public RunList() {
        Arrays.fill(segments, NOTHING);
    }

    public int count() {
        return count;
    }

    /// Bytes in all runs together.
    public long total() {
        return total;
    }

    public MemorySegment segment(int run) {
        return segments[run];
    }

    public long offset(int run) {
        return offsets[run];
    }

    public long length(int run) {
        return lengths[run];
    }

    /// Whether the memory of every run is still there.
    public boolean isAlive() {
        for (int run = 0; run < count; run++) {
            if (!segments[run].scope().isAlive()) {
                return false;
            }
        }
        return true;
    }

    /// Forgets all runs.
    public void clear() {
        count = 0;
        total = 0;
    }

    /// Forgets the runs behind the first so many, if there are any.
    public void truncate(int runs) {
        while (count > runs) {
            count--;
            total -= lengths[count];
        }
    }

    /// Adds a run; one of no bytes is left out.
    public void add(MemorySegment segment, long offset, long length) {
        if (length == 0) {
            return;
        }
        if (count == segments.length) {
            grow();
        }
        segments[count] = segment;
        offsets[count] = offset;
        lengths[count] = length;
        count++;
        total += length;
    }

    /// Becomes a copy of another list; the bytes stay where they are.
    public void set(RunList other) {
        clear();
        for (int run = 0; run < other.count; run++) {
            add(other.segments[run], other.offsets[run], other.lengths[run]);
        }
    }

    /// Copies all bytes to one place.
    ///
    /// @return false when memory of a run is gone, its arena closed or the file behind it cut off;
    ///     some bytes may have been copied
    public boolean copyTo(MemorySegment target, long targetOffset) {
        try {
            long at = targetOffset;
            for (int run = 0; run < count; run++) {
                MemorySegment.copy(segments[run], offsets[run], target, at, lengths[run]);
                at += lengths[run];
            }
            return true;
        } catch (IllegalStateException | InternalError gone) {
            return false;
        }
    }

    /// Writes runs that are mapped from a file to it.
    ///
    /// @return how many bytes; -1 when memory is gone, or the file does not take them
    public long force() {
        long forced = 0;
        try {
            for (int run = 0; run < count; run++) {
                if (segments[run].isMapped()) {
                    segments[run].asSlice(offsets[run], lengths[run]).force();
                    forced += lengths[run];
                }
            }
            return forced;
        } catch (IllegalStateException | UncheckedIOException | InternalError gone) {
            return -1;
        }
    }

    /// Copies the bytes of this list into the runs of another, which has room for them.
    ///
    /// @return false when memory of either is gone; some bytes may have been copied
    public boolean copyTo(RunList target) {
        try {
            copyRuns(target);
            return true;
        } catch (IllegalStateException | InternalError gone) {
            return false;
        }
    }

    private void copyRuns(RunList target) {
        int to = 0;
        long toOffset = 0;
        for (int run = 0; run < count; run++) {
            long done = 0;
            while (done < lengths[run]) {
                long length = Math.min(lengths[run] - done, target.lengths[to] - toOffset);
                MemorySegment.copy(
                        segments[run],
                        offsets[run] + done,
                        target.segments[to],
                        target.offsets[to] + toOffset,
                        length);
                done += length;
                toOffset += length;
                if (toOffset == target.lengths[to]) {
                    to++;
                    toOffset = 0;
                }
            }
        }
    }

    /// The byte at a position counted over all runs.
    public byte byteAt(long position) {
        long rest = position;
        for (int run = 0; run < count; run++) {
            if (rest < lengths[run]) {
                return segments[run].get(ValueLayout.JAVA_BYTE, offsets[run] + rest);
            }
            rest -= lengths[run];
        }
        throw new IndexOutOfBoundsException("byte " + position + " of " + total);
    }

    /// Sets the byte at a position counted over all runs.
    public void setByteAt(long position, byte value) {
        long rest = position;
        for (int run = 0; run < count; run++) {
            if (rest < lengths[run]) {
                segments[run].set(ValueLayout.JAVA_BYTE, offsets[run] + rest, value);
                return;
            }
            rest -= lengths[run];
        }
        throw new IndexOutOfBoundsException("byte " + position + " of " + total);
    }

    private void grow() {
        int larger = segments.length * 2;
        int old = segments.length;
        segments = Arrays.copyOf(segments, larger);
        Arrays.fill(segments, old, larger, NOTHING);
        offsets = Arrays.copyOf(offsets, larger);
        lengths = Arrays.copyOf(lengths, larger);
    }
}
