package org.softverbs.soft.dma;

import org.softverbs.verbs.Errno;

/// How a device gets at one element of an I/O.
sealed interface ElementPath {

    /// As memory, by its address or through the IOMMU.
    record Memory() implements ElementPath {}

    /// As a peer's memory, by its address on the bus.
    record Bus(long busAddress) implements ElementPath {}

    /// Through a bounce buffer.
    record Bounce(String reason) implements ElementPath {}

    /// As memory through the IOMMU, but through bounce buffers where it shares a granule with
    /// something else: at its start, its end or both.
    record BounceEnds(String reason) implements ElementPath {}

    /// Not at all.
    record Refused(Errno errno, String reason) implements ElementPath {}

    /// Whether at least a part of the element stands in a bounce buffer.
    default boolean isBounced() {
        return this instanceof Bounce || this instanceof BounceEnds;
    }
}
