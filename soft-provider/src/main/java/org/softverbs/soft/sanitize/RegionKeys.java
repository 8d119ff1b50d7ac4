package org.softverbs.soft.sanitize;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The keys that a region was registered with, in the order in which that was posted.
///
/// @param newest registration
/// @param ends by key, how many requests had been posted when a registration with it was followed
///     by the next
record RegionKeys(KeyedRanges newest, Map<Integer, Long> ends) {

    private static final RegionKeys NONE = new RegionKeys(KeyedRanges.NONE, Map.of());

    RegionKeys {
        ends = Map.copyOf(ends);
    }

    static RegionKeys orNone(@Nullable RegionKeys region) {
        return region == null ? NONE : region;
    }

    /// The same with one more registration.
    ///
    /// @param sequence requests that were posted before it
    RegionKeys with(KeyedRanges registered, long sequence) {
        Map<Integer, Long> newEnds = new HashMap<>(ends);
        if (!newest.ranges().isEmpty()) {
            newEnds.put(newest.key(), sequence);
        }
        return new RegionKeys(registered, newEnds);
    }

    /// Whether a request that was posted then with a key meant an older registration with it.
    boolean isOlder(int key, long sequence) {
        return sequence < ends.getOrDefault(key, 0L);
    }
}
