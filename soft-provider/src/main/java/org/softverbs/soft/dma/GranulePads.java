package org.softverbs.soft.dma;

import org.softverbs.dma.PhysicalVector;
import org.softverbs.soft.packet.RunList;
import org.softverbs.soft.physical.SparsePhysicalMemory;

/// What lies around the bytes of a bounce buffer in its granules: the device reaches it too, so it
/// must not hold what was there before.
final class GranulePads {

    private GranulePads() {}

    /// Fills with zeros what is not the mapping's.
    ///
    /// @param buffer from the mapping's first byte to the end of its last granule
    /// @param before bytes before the buffer in its first granule
    /// @param size bytes of the mapping
    static void clear(SparsePhysicalMemory memory, PhysicalVector buffer, long before, long size) {
        clear(memory, buffer.address(0) - before, before);
        long position = 0;
        for (int i = 0; i < buffer.count(); i++) {
            long length = buffer.length(i);
            long kept = Math.clamp(size - position, 0, length);
            clear(memory, buffer.address(i) + kept, length - kept);
            position += length;
        }
    }

    private static void clear(SparsePhysicalMemory memory, long address, long length) {
        RunList runs = new RunList();
        if (length > 0 && memory.resolve(address, length, runs)) {
            for (int run = 0; run < runs.count(); run++) {
                runs.segment(run).asSlice(runs.offset(run), runs.length(run)).fill((byte) 0);
            }
        }
    }
}
