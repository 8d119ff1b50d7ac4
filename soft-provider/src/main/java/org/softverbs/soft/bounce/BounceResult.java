package org.softverbs.soft.bounce;

import org.softverbs.dma.PhysicalVector;

/// What became of a request for a buffer.
public sealed interface BounceResult {

    /// A buffer was found.
    ///
    /// @param address physical address of its first byte, or its IOVA in a [VduseDomain]: the name
    ///     of the mapping
    /// @param buffer where its bytes lie, as many as were asked for
    record Bounced(long address, PhysicalVector buffer) implements BounceResult {}

    /// There is none.
    ///
    /// @param reason why
    record Refused(BounceRefusal reason) implements BounceResult {}
}
