package org.softverbs.soft.sanitize;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.softverbs.dma.AddressSpace;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.PhysicalRanges;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.sanitizer.CallSite;

/// A mapping as the sanitizer remembers it.
public final class TrackedMapping {

    private final MappingKind kind;
    private final String device;
    private final List<DmaSegment> segments;
    private final int entries;
    private final long length;
    private PhysicalVector memory;
    private final DmaDirection direction;
    private final CallSite site;
    private Ownership ownership;

    /// The handle's end, seen by the garbage collector; kept so that it is seen.
    @Nullable LostHandle handle;

    boolean errorChecked;

    TrackedMapping(
            MappingKind kind,
            String device,
            List<DmaSegment> segments,
            PhysicalVector memory,
            DmaDirection direction,
            CallSite site,
            Ownership ownership) {
        this.kind = kind;
        this.device = device;
        this.segments = segments;
        this.entries = memory.count();
        this.length = memory.total();
        this.memory = memory;
        this.direction = direction;
        this.site = site;
        this.ownership = ownership;
    }

    MappingKind kind() {
        return kind;
    }

    List<DmaSegment> segments() {
        return segments;
    }

    /// It ended: only what a report tells is kept.
    void retire() {
        memory = PhysicalRanges.of();
        ownership = new Ownership(0);
    }

    /// The memory as it was given, also the number of entries; nothing when it has ended.
    PhysicalVector memory() {
        return memory;
    }

    DmaDirection direction() {
        return direction;
    }

    CallSite site() {
        return site;
    }

    Ownership ownership() {
        return ownership;
    }

    long address() {
        return segments.getFirst().address();
    }

    AddressSpace space() {
        return segments.getFirst().space();
    }

    long length() {
        return length;
    }

    /// Where in the mapping a device's address is; -1 when it is in no segment.
    long offsetOf(long deviceAddress) {
        long before = 0;
        for (DmaSegment segment : segments) {
            long within = deviceAddress - segment.address();
            if (within >= 0 && within < segment.length()) {
                return before + within;
            }
            before += segment.length();
        }
        return -1;
    }

    /// Bytes from an offset to the end of its segment.
    long runFrom(long offset) {
        long end = 0;
        for (DmaSegment segment : segments) {
            end += segment.length();
            if (offset < end) {
                return end - offset;
            }
        }
        return 0;
    }

    @Override
    public String toString() {
        return device
                + ": "
                + length()
                + " bytes "
                + direction
                + " in "
                + entries
                + " entries by "
                + kind.function()
                + " at "
                + space()
                + " 0x"
                + Long.toHexString(address());
    }
}
