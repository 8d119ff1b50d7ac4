package org.softverbs.soft.bounce;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.packet.RunList;
import org.softverbs.soft.physical.SparsePhysicalMemory;

/// Copies between memory and buffers, and counts the bytes. The memory is looked up anew for each
/// copy, by its physical address: it may be high memory, and it may be gone.
final class BounceCopier {

    private final SparsePhysicalMemory memory;
    private final BounceCounters counters;

    BounceCopier(SparsePhysicalMemory memory, BounceCounters counters) {
        this.memory = memory;
        this.counters = counters;
    }

    /// Copies memory into a buffer.
    ///
    /// @return false when there is no such memory; nothing was copied
    boolean copyIn(long original, MemorySegment buffer, long offset, long length) {
        RunList runs = new RunList();
        if (!memory.resolve(original, length, runs)) {
            return false;
        }
        runs.copyTo(buffer, offset);
        counters.copiedIn(length);
        return true;
    }

    /// Copies a buffer into memory.
    ///
    /// @return false when there is no such memory; nothing was copied
    boolean copyOut(long original, MemorySegment buffer, long offset, long length) {
        RunList runs = new RunList();
        if (!memory.resolve(original, length, runs)) {
            return false;
        }
        RunList source = new RunList();
        source.add(buffer, offset, length);
        source.copyTo(runs);
        counters.copiedOut(length);
        return true;
    }
}
