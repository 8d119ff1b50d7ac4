package org.softverbs.soft.explain;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Parts of a stream of bytes: which of them are moved.
final class StreamRanges {

    /// So many bytes from a position on.
    record Part(long start, long length) {
        long end() {
            return start + length;
        }
    }

    /// Parts in order of which no two touch.
    record Union(List<Part> parts) {
        long bytes() {
            return parts.stream().mapToLong(Part::length).sum();
        }
    }

    private final List<Part> ranges = new ArrayList<>();
    private long position;

    /// Adds the first and the last bytes of the next piece of the stream.
    ///
    /// @param most how many of each
    void addEnds(long length, long most) {
        long part = Math.min(length, most);
        ranges.add(new Part(position, part));
        ranges.add(new Part(position + length - part, part));
        position += length;
    }

    /// Starts from the front of the stream again, with what there is.
    void restart() {
        position = 0;
    }

    Union union() {
        List<Part> sorted = ranges.stream().sorted(Comparator.comparingLong(Part::start)).toList();
        List<Part> parts = new ArrayList<>();
        long start = 0;
        long end = 0;
        for (Part next : sorted) {
            if (next.start() > end) {
                addPart(parts, start, end);
                start = next.start();
            }
            end = Math.max(end, next.end());
        }
        addPart(parts, start, end);
        return new Union(List.copyOf(parts));
    }

    private static void addPart(List<Part> parts, long start, long end) {
        if (end > start) {
            parts.add(new Part(start, end - start));
        }
    }
}
