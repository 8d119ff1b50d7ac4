package org.softverbs.soft.sanitize;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.softverbs.dma.AddressSpace;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.PhysicalRange;
import org.softverbs.dma.PhysicalRanges;
import org.softverbs.sanitizer.Finding;

/// Addresses of a device that are linked in two steps.
public final class LinkLedger {

    private static final class Allocation {
        private final long address;
        private final long size;
        private final List<TrackedMapping> links = new ArrayList<>();
        private final Set<TrackedMapping> unsynced = new HashSet<>();

        Allocation(long address, long size) {
            this.address = address;
            this.size = size;
        }

        long linkedBytes() {
            return links.stream().mapToLong(TrackedMapping::length).sum();
        }
    }

    private final DeviceLedger ledger;
    private final TreeMap<Long, Allocation> allocations = new TreeMap<>();

    LinkLedger(DeviceLedger ledger) {
        this.ledger = ledger;
    }

    /// Addresses were allocated.
    public void allocated(long address, long size) {
        synchronized (ledger.lock()) {
            allocations.put(address, new Allocation(address, size));
        }
    }

    /// A part was linked.
    public void linked(long state, long physical, long offset, long size, DmaDirection direction) {
        synchronized (ledger.lock()) {
            Allocation allocation = allocations.get(state);
            if (allocation != null) {
                TrackedMapping mapping =
                        ledger.add(
                                MappingKind.LINK,
                                List.of(new DmaSegment(AddressSpace.IOVA, state + offset, size)),
                                PhysicalRanges.of(new PhysicalRange(physical, size)),
                                direction);
                allocation.links.add(mapping);
                allocation.unsynced.add(mapping);
            }
        }
    }

    /// The links of a part of a state were made known.
    public void synced(long state, long offset, long size) {
        synchronized (ledger.lock()) {
            Allocation allocation = allocations.get(state);
            if (allocation != null) {
                long from = state + offset;
                allocation.unsynced.removeIf(
                        it -> it.address() >= from && it.address() + it.length() <= from + size);
            }
        }
    }

    /// Links are taken back.
    public void unlinked(long state, long offset, long size) {
        synchronized (ledger.lock()) {
            Allocation allocation = allocations.get(state);
            if (allocation != null) {
                long from = state + offset;
                List<TrackedMapping> ended =
                        allocation.links.stream()
                                .filter(it -> it.address() >= from && it.address() < from + size)
                                .toList();
                allocation.links.removeAll(ended);
                ended.forEach(allocation.unsynced::remove);
                Steps.forEach(ended, ledger::remove);
            }
        }
    }

    /// Everything is to be taken back.
    ///
    /// @param mappedLength bytes that are said to be linked
    public void destroyed(long state, long mappedLength) {
        synchronized (ledger.lock()) {
            Allocation allocation = allocations.remove(state);
            if (allocation != null) {
                Steps.all(
                        () -> checkLength(allocation, mappedLength),
                        () -> Steps.forEach(allocation.links, ledger::remove));
            }
        }
    }

    private void checkLength(Allocation allocation, long mappedLength) {
        long linked = allocation.linkedBytes();
        if (linked != mappedLength) {
            report(
                    Finding.WRONG_MAPPED_LENGTH,
                    allocation,
                    linked + " bytes are linked, and it is destroyed with " + mappedLength);
        }
    }

    /// The addresses are given back, with nothing linked.
    public void freed(long state) {
        destroyed(state, 0);
    }

    private void report(Finding finding, Allocation allocation, String detail) {
        ledger.report(
                finding,
                AddressSpace.IOVA,
                allocation.address,
                allocation.size,
                allocation.links.isEmpty() ? null : allocation.links.getFirst(),
                detail);
    }

    /// Judges an access of the device.
    ///
    /// @param link what is there, if anything
    /// @return whether it was judged
    boolean access(long address, @Nullable TrackedMapping link) {
        Map.Entry<Long, Allocation> entry = allocations.floorEntry(address);
        if (entry == null || address >= entry.getKey() + entry.getValue().size) {
            return false;
        }
        if (link == null || entry.getValue().unsynced.contains(link)) {
            report(
                    Finding.NOT_LINKED_OR_SYNCED,
                    entry.getValue(),
                    "the device uses what is not " + (link == null ? "linked" : "synced"));
            return true;
        }
        return false;
    }

    void unbind() {
        List<Allocation> left = List.copyOf(allocations.values());
        allocations.clear();
        if (!left.isEmpty()) {
            report(
                    Finding.LEFT_MAPPED,
                    left.getFirst(),
                    left.size() + " ranges of I/O virtual addresses are left");
        }
    }
}
