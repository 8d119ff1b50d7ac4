package org.softverbs.sim.rw;

import java.util.List;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.PhysicalRange;
import org.softverbs.rw.ReadWriteContext;

/// An I/O that is under way.
///
/// @param id its number, and that of the bytes it moves
/// @param slot which part of the peer's memory it uses
/// @param ranges the local memory
/// @param length bytes
/// @param direction `FROM_DEVICE` for a READ
/// @param context what carries it out
record Io(
        long id,
        int slot,
        List<PhysicalRange> ranges,
        int length,
        DmaDirection direction,
        ReadWriteContext context) {

    boolean isRead() {
        return direction == DmaDirection.FROM_DEVICE;
    }

    @Override
    public String toString() {
        return (isRead() ? "READ " : "WRITE ")
                + id
                + " of "
                + length
                + " bytes by "
                + context.decision().strategy();
    }
}
