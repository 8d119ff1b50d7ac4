package org.softverbs.soft.memory;

import java.util.Arrays;
import java.util.List;
import org.softverbs.dma.DmaSegment;
import org.softverbs.soft.packet.RunList;

/// Ranges of addresses that a device uses, side by side: kept as ranges, however long they are.
public final class DmaRanges implements AddressedMemory {

    private final AddressedMemory memory;
    private final long[] addresses;

    /// Where each range begins, and where the last ends.
    private final long[] offsets;

    /// @param memory what the addresses are of
    /// @param segments the ranges in order
    public DmaRanges(AddressedMemory memory, List<DmaSegment> segments) {
        this.memory = memory;
        addresses = new long[segments.size()];
        offsets = new long[segments.size() + 1];
        for (int i = 0; i < addresses.length; i++) {
            addresses[i] = segments.get(i).address();
            offsets[i + 1] = offsets[i] + segments.get(i).length();
        }
    }

    /// Bytes of all ranges together.
    public long size() {
        return offsets[addresses.length];
    }

    /// Finds the bytes at an offset, counted over all ranges.
    @Override
    public AccessResult resolve(long offset, long length, boolean write, RunList runs) {
        if (!RegionMemory.isInside(offset, length, size())) {
            return AccessResult.OUT_OF_BOUNDS;
        }
        int before = runs.count();
        long at = offset;
        long rest = length;
        for (int range = rangeOf(offset); rest > 0; range++) {
            long part = Math.min(rest, offsets[range + 1] - at);
            AccessResult result =
                    memory.resolve(addresses[range] + (at - offsets[range]), part, write, runs);
            if (result != AccessResult.GRANTED) {
                runs.truncate(before);
                return result;
            }
            at += part;
            rest -= part;
        }
        return AccessResult.GRANTED;
    }

    private int rangeOf(long offset) {
        int found = Arrays.binarySearch(offsets, offset);
        return found >= 0 ? found : -found - 2;
    }
}
