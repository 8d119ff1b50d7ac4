package org.softverbs.sim.dma;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.PhysicalRange;

/// A mapping that is there now: whose turn it is, and what its bytes must be.
final class Transfer {

    final DmaMapping mapping;
    final DmaDirection direction;
    final List<PhysicalRange> ranges;
    /// What its owner must find.
    final MemorySegment content;
    boolean ownedByDevice = true;

    Transfer(
            DmaMapping mapping,
            DmaDirection direction,
            List<PhysicalRange> ranges,
            MemorySegment content) {
        this.mapping = mapping;
        this.direction = direction;
        this.ranges = ranges;
        this.content = content;
    }

    boolean mayDeviceRead() {
        return direction != DmaDirection.FROM_DEVICE;
    }

    boolean mayDeviceWrite() {
        return direction != DmaDirection.TO_DEVICE;
    }

    @Override
    public String toString() {
        return direction + " " + ranges + " as " + mapping.segments();
    }
}
