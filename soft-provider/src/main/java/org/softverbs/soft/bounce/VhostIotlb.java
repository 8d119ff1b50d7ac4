package org.softverbs.soft.bounce;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.softverbs.dma.PhysicalRange;

/// The maps from IOVAs to addresses that a vhost device looks its accesses up in. Maps may overlap:
/// the one with the lowest start counts. All addresses are unsigned.
///
/// Not safe to use from two threads at once. Source: `drivers/vhost/iotlb.c`.
public final class VhostIotlb {

    /// As many maps as VDUSE lets a user have.
    public static final int DEFAULT_LIMIT = 2048;

    private static final long MAX = -1L;

    private final int limit;
    private final boolean retires;
    private final IntervalTree tree = new IntervalTree();

    /// In the order in which they came.
    private final Set<IotlbMap> maps = new LinkedHashSet<>();

    private long lookups;

    /// @param limit most maps when the oldest are retired; 0 for no limit
    /// @param retires whether the oldest map makes room for one that is too many
    ///     (`VHOST_IOTLB_FLAG_RETIRE`); without it, as in Linux, the limit means nothing
    public VhostIotlb(int limit, boolean retires) {
        this.limit = limit;
        this.retires = retires;
    }

    /// Adds a map. All addresses there are become two maps, as the size of one would not be a
    /// number.
    ///
    /// @return false when the start lies behind the last: `EFAULT`
    public boolean add(long start, long last, long address, IotlbPermission permission) {
        if (Long.compareUnsigned(start, last) > 0) {
            return false;
        }
        if (start == 0 && last == MAX) {
            long middle = last >>> 1;
            add(0, middle, address, permission);
            return add(middle + 1, last, address + middle + 1, permission);
        }
        if (retires && limit > 0 && maps.size() == limit) {
            remove(maps.iterator().next());
        }
        IotlbMap map = new IotlbMap(start, last, address, permission);
        tree.insert(map);
        maps.add(map);
        return true;
    }

    /// Removes every map that overlaps a range, all of it: none is cut.
    public void deleteRange(long start, long last) {
        Optional<IotlbMap> found = tree.first(start, last);
        while (found.isPresent()) {
            remove(found.get());
            found = tree.first(start, last);
        }
    }

    /// Removes one map.
    ///
    /// @return false when it is not there
    public boolean remove(IotlbMap map) {
        if (!maps.remove(map)) {
            return false;
        }
        tree.remove(map);
        return true;
    }

    /// The map with the lowest start of those that overlap a range.
    ///
    /// Kernel name: `vhost_iotlb_itree_first`.
    public Optional<IotlbMap> first(long start, long last) {
        lookups++;
        return tree.first(start, last);
    }

    /// The map behind another of those that overlap the same range.
    ///
    /// Kernel name: `vhost_iotlb_itree_next`.
    public Optional<IotlbMap> next(IotlbMap map, long start, long last) {
        return maps.contains(map) ? tree.next(map, start, last) : Optional.empty();
    }

    /// Where a range leads: one lookup for each map that it runs through.
    ///
    /// @param length bytes, at least 1
    /// @return empty when a part has no map, or one that does not permit the access
    public Optional<List<PhysicalRange>> translate(long iova, long length, IotlbPermission access) {
        List<PhysicalRange> ranges = new ArrayList<>();
        long last = iova + length - 1;
        long at = iova;
        long rest = length;
        while (rest > 0) {
            IotlbMap map = first(at, last).orElse(null);
            if (map == null || !map.startsAtOrBelow(at) || !map.permission().permits(access)) {
                return Optional.empty();
            }
            // As unsigned: what is behind this byte in the map may be more than a long holds.
            long behind = map.last() - at;
            long run = Long.compareUnsigned(behind, rest - 1) < 0 ? behind + 1 : rest;
            ranges.add(new PhysicalRange(map.address() + at - map.start(), run));
            at += run;
            rest -= run;
        }
        return Optional.of(ranges);
    }

    /// How many maps there are.
    public int size() {
        return maps.size();
    }

    /// How often the tree was asked for a map.
    public long lookups() {
        return lookups;
    }
}
