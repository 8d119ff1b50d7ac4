package org.softverbs.soft.device;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.Set;
import org.softverbs.dma.DmaMapping;
import org.softverbs.verbs.AccessFlag;

/// What a memory region holds besides its entry in the key table.
///
/// @param segment its bytes, where it is of a segment
/// @param access what it may be used for
/// @param mapped whether its address is one of the host's, given back with it
/// @param mapping the DMA mapping that is undone with it
record RegionParts(
        Optional<MemorySegment> segment,
        Set<AccessFlag> access,
        boolean mapped,
        Optional<DmaMapping> mapping) {

    RegionParts {
        access = Set.copyOf(access);
    }
}
