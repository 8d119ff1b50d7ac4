package org.softverbs.soft.dma;

import org.softverbs.verbs.Errno;

/// How an adapter gets at one element of an I/O.
sealed interface ElementPath {

    /// As memory, by its physical address or through the IOMMU.
    record Memory() implements ElementPath {}

    /// As a peer's memory, by its address on the bus.
    record Bus(long busAddress) implements ElementPath {}

    /// Through a bounce buffer.
    record Bounce(String reason) implements ElementPath {}

    /// Not at all.
    record Refused(Errno errno, String reason) implements ElementPath {}
}
