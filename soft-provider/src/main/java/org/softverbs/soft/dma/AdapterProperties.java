package org.softverbs.soft.dma;

import org.softverbs.dma.DmaLimits;

/// What an adapter is to the DMA layer.
///
/// @param limits addresses and segments that it can use
/// @param bouncePolicy when its memory is bounced
/// @param handlesPrivate whether it reaches private memory of a confidential guest
public record AdapterProperties(
        DmaLimits limits, BouncePolicy bouncePolicy, boolean handlesPrivate) {

    private static final int ADDRESS_BITS = 64;

    /// An adapter that reaches everything but private memory, which is bounced.
    public static AdapterProperties standard() {
        return new AdapterProperties(
                DmaLimits.ofBits(ADDRESS_BITS), BouncePolicy.WHERE_NEEDED, false);
    }

    /// The same with other limits.
    public AdapterProperties withLimits(DmaLimits other) {
        return new AdapterProperties(other, bouncePolicy, handlesPrivate);
    }

    /// The same with another policy.
    public AdapterProperties withBouncePolicy(BouncePolicy other) {
        return new AdapterProperties(limits, other, handlesPrivate);
    }

    /// The same, able or not to reach private memory.
    public AdapterProperties withHandlesPrivate(boolean able) {
        return new AdapterProperties(limits, bouncePolicy, able);
    }
}
