package org.softverbs.soft.sanitize;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.soft.packet.RunList;
import org.softverbs.soft.physical.SparsePhysicalMemory;

/// Whose turn it is, for each cache line of a mapping, and a digest of what the line held when it
/// was handed over. What the CPU does to raw memory shows by comparison.
///
/// Mappings longer than 16 MiB have no digest.
final class Ownership {

    static final int LINE = 64;
    private static final long MOST_BYTES = 16L << 20;
    private static final int[] NOTHING = {};
    private static final long MIX = 0x9e37_79b9_7f4a_7c15L;

    private final long length;

    /// Lines that the CPU owns; the device owns the others.
    private final BitSet cpuOwns = new BitSet(0);

    private final BitSet cpuWrote = new BitSet(0);
    private final BitSet deviceWrote = new BitSet(0);
    private int[] digest = NOTHING;

    Ownership(long length) {
        this.length = length;
    }

    private static int line(long offset) {
        return (int) (offset / LINE);
    }

    private static int endLine(long offset, long size) {
        return line(offset + size - 1) + 1;
    }

    /// Whether a line of a part is the device's.
    boolean deviceOwns(long offset, long size) {
        return cpuOwns.nextClearBit(line(offset)) < endLine(offset, size);
    }

    /// Whether the device wrote a line of a part since the last sync.
    boolean deviceWrote(long offset, long size) {
        return isAnySet(deviceWrote, offset, size);
    }

    /// Whether the CPU wrote a line of a part that it owns.
    boolean cpuWrote(long offset, long size) {
        return isAnySet(cpuWrote, offset, size);
    }

    private static boolean isAnySet(BitSet lines, long offset, long size) {
        int next = lines.nextSetBit(line(offset));
        return next >= 0 && next < endLine(offset, size);
    }

    void noteCpuWrite(long offset, long size) {
        cpuWrote.set(line(offset), endLine(offset, size));
    }

    void noteDeviceWrite(long offset, long size) {
        deviceWrote.set(line(offset), endLine(offset, size));
    }

    /// Tells the lines of a part that the device wrote since the last sync, in runs.
    void forEachWritten(long offset, long size, DmaSanitizer.Part told) {
        long end = offset + size;
        long from = offset;
        while (from < end && deviceWrote(from, end - from)) {
            int first = deviceWrote.nextSetBit(line(from));
            long start = Math.max(from, (long) first * LINE);
            long stop = Math.min(end, (long) deviceWrote.nextClearBit(first) * LINE);
            told.part(start, stop - start);
            from = stop;
        }
    }

    /// The CPU has a part now.
    void giveToCpu(long offset, long size, SparsePhysicalMemory memory, PhysicalVector ranges) {
        handOver(offset, size, memory, ranges);
        cpuOwns.set(line(offset), endLine(offset, size));
    }

    /// The device has a part now.
    void giveToDevice(long offset, long size, SparsePhysicalMemory memory, PhysicalVector ranges) {
        handOver(offset, size, memory, ranges);
        cpuOwns.clear(line(offset), endLine(offset, size));
    }

    private void handOver(
            long offset, long size, SparsePhysicalMemory memory, PhysicalVector ranges) {
        cpuWrote.clear(line(offset), endLine(offset, size));
        deviceWrote.clear(line(offset), endLine(offset, size));
        int[] now = digests(memory, ranges);
        if (digest.length != now.length) {
            digest = now;
        } else if (now.length > 0) {
            int first = line(offset);
            System.arraycopy(now, first, digest, first, endLine(offset, size) - first);
        }
    }

    /// The first line of a part that is not what it was when it was handed over, though the device
    /// did not write it; -1 when there is none.
    ///
    /// @param ownedByDevice whose lines to look at
    long firstChanged(
            long offset,
            long size,
            boolean ownedByDevice,
            SparsePhysicalMemory memory,
            PhysicalVector ranges) {
        int[] now = digest.length == 0 ? NOTHING : digests(memory, ranges);
        if (now.length != digest.length) {
            return -1;
        }
        for (int i = line(offset); i < Math.min(now.length, endLine(offset, size)); i++) {
            if (now[i] != digest[i] && cpuOwns.get(i) != ownedByDevice && !deviceWrote.get(i)) {
                return (long) i * LINE;
            }
        }
        return -1;
    }

    private int[] digests(SparsePhysicalMemory memory, PhysicalVector ranges) {
        if (length > MOST_BYTES) {
            return NOTHING;
        }
        RunList runs = new RunList();
        for (int i = 0; i < ranges.count(); i++) {
            if (!memory.resolve(ranges.address(i), ranges.length(i), runs)) {
                return NOTHING;
            }
        }
        MemorySegment bytes = MemorySegment.ofArray(new byte[(int) length]);
        if (!runs.copyTo(bytes, 0)) {
            return NOTHING;
        }
        int[] lines = new int[endLine(0, length)];
        for (int i = 0; i < lines.length; i++) {
            lines[i] = digest(bytes, (long) i * LINE, Math.min(length, (i + 1L) * LINE));
        }
        return lines;
    }

    private static int digest(MemorySegment bytes, long from, long end) {
        long hash = 1;
        long at = from;
        for (; at + Long.BYTES <= end; at += Long.BYTES) {
            hash = (hash ^ bytes.get(ValueLayout.JAVA_LONG_UNALIGNED, at)) * MIX;
            hash ^= hash >>> 29;
        }
        for (; at < end; at++) {
            hash = (hash ^ bytes.get(ValueLayout.JAVA_BYTE, at)) * MIX;
        }
        return (int) (hash ^ (hash >>> 32));
    }
}
