package org.softverbs.soft.dma;

import org.softverbs.dma.AddressSpace;
import org.softverbs.dma.SegmentConsumer;

/// Joins runs of addresses into segments as long as the device allows.
///
/// A run that does not fit into the open segment as a whole starts one of its own; only a run that
/// is longer than any segment is cut.
final class SegmentJoiner {

    private final long boundary;
    private final long maxSegment;
    private SegmentConsumer sink = (where, address, length) -> {};
    private AddressSpace space = AddressSpace.PHYSICAL;
    private long start;
    private long length;
    private int count;

    /// @param boundary mask of the addresses that a segment must not cross
    /// @param maxSegment longest segment in bytes
    SegmentJoiner(long boundary, long maxSegment) {
        this.boundary = boundary;
        this.maxSegment = maxSegment;
    }

    SegmentJoiner begin(SegmentConsumer target) {
        sink = target;
        length = 0;
        count = 0;
        return this;
    }

    /// Adds a run of addresses.
    void add(AddressSpace where, long address, long runLength) {
        if (where != space || !isJoined(address, runLength)) {
            close();
        }
        space = where;
        long from = address;
        long rest = runLength;
        while (rest > 0) {
            if (length == maxSegment || (length > 0 && (from & boundary) == 0)) {
                close();
            }
            if (length == 0) {
                start = from;
            }
            long toBoundary = boundary - (from & boundary);
            long part = Math.min(Math.min(rest, maxSegment - length) - 1, toBoundary) + 1;
            length += part;
            from += part;
            rest -= part;
        }
    }

    private boolean isJoined(long address, long runLength) {
        return length > 0
                && start + length == address
                && (length + runLength <= maxSegment || runLength > maxSegment);
    }

    /// Ends the open segment: what comes next is not joined to it, even if it is its neighbour.
    void split() {
        close();
    }

    /// @return how many segments there were
    int end() {
        close();
        return count;
    }

    private void close() {
        if (length > 0) {
            sink.segment(space, start, length);
            count++;
            length = 0;
        }
    }
}
