package org.softverbs.soft.sanitize;

import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.softverbs.dma.AddressSpace;
import org.softverbs.dma.DmaSegment;

/// Which bytes of bounce buffers somebody had before: what is there now may be theirs, also when it
/// is zero. It is no larger than the pools.
///
/// Guarded by the lock of the host's sanitizer.
final class SlotHistory {

    static final long SLOT = 2048;

    private final Map<Long, BitSet> used = new HashMap<>();

    /// A mapping ended.
    void ended(List<DmaSegment> segments) {
        for (DmaSegment segment : segments) {
            if (segment.space() == AddressSpace.BOUNCE) {
                add(segment.address(), segment.length());
            }
        }
    }

    private void add(long address, long length) {
        long end = address + length;
        for (long at = address; at < end; at = (at & -SLOT) + SLOT) {
            long stop = Math.min(end, (at & -SLOT) + SLOT);
            used.computeIfAbsent(at & -SLOT, any -> new BitSet())
                    .set((int) (at % SLOT), (int) ((stop - 1) % SLOT) + 1);
        }
    }

    /// Whether somebody had a byte of a range.
    boolean wasUsed(long address, long length) {
        long end = address + length;
        for (long at = address; at < end; at = (at & -SLOT) + SLOT) {
            long stop = Math.min(end, (at & -SLOT) + SLOT);
            BitSet bytes = used.get(at & -SLOT);
            if (bytes != null) {
                int next = bytes.nextSetBit((int) (at % SLOT));
                if (next >= 0 && next <= (int) ((stop - 1) % SLOT)) {
                    return true;
                }
            }
        }
        return false;
    }
}
