package org.softverbs.soft.sanitize;

import java.util.ArrayList;
import java.util.List;
import org.softverbs.dma.DmaSegment;
import org.softverbs.soft.sanitize.PostedRequest.Element;

/// What a fast registration opens.
///
/// @param key what it was registered with
/// @param address of the first byte in the space of the key
/// @param ranges addresses of the device, in order
/// @param isLinear whether they follow one another in the space of the key; else any part of it may
///     be any part of them
record KeyedRanges(int key, long address, List<DmaSegment> ranges, boolean isLinear) {

    static final KeyedRanges NONE = new KeyedRanges(0, 0, List.of(), true);

    KeyedRanges {
        ranges = List.copyOf(ranges);
    }

    List<Element> all() {
        return ranges.stream().map(it -> new Element(it.address(), it.length())).toList();
    }

    /// The device's addresses behind a part of it.
    List<Element> behind(long first, long length) {
        if (!isLinear) {
            return all();
        }
        List<Element> found = new ArrayList<>();
        long from = first - address;
        long end = from + length;
        long before = 0;
        for (DmaSegment range : ranges) {
            long start = Math.max(from, before);
            long stop = Math.min(end, before + range.length());
            if (start < stop) {
                found.add(new Element(range.address() + start - before, stop - start));
            }
            before += range.length();
        }
        return found;
    }
}
