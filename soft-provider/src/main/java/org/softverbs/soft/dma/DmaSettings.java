package org.softverbs.soft.dma;

import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaLimits;

/// How a device is to be attached to its host's memory.
///
/// @param addressing what addresses it is given; with [DmaAddressing#IOVA] it is an adapter on the
///     bus, else the CPU moves its data, and of the rest only the policy for device-private pages
///     applies
/// @param iommu whether an adapter stands behind an IOMMU
/// @param granule smallest page of that IOMMU, a power of two
/// @param bouncePolicy when an adapter's memory is bounced
/// @param maskBits how many address bits an adapter sends out
/// @param peers how it deals with memory of other devices
public record DmaSettings(
        DmaAddressing addressing,
        boolean iommu,
        long granule,
        BouncePolicy bouncePolicy,
        int maskBits,
        PeerSettings peers) {

    /// The granule of most IOMMUs.
    public static final long PAGE = 4096;

    private static final long LARGEST_GRANULE = 1L << 47;

    /// @throws IllegalArgumentException for a granule that no page table has, or a mask of no or
    ///     too many bits
    public DmaSettings {
        if (Long.bitCount(granule) != 1 || granule < PAGE || granule > LARGEST_GRANULE) {
            throw new IllegalArgumentException(
                    "granule "
                            + granule
                            + " is no power of two from "
                            + PAGE
                            + " to "
                            + LARGEST_GRANULE);
        }
        if (maskBits < 1 || maskBits > Long.SIZE) {
            throw new IllegalArgumentException(
                    "a mask of " + maskBits + " bits is not within 1 to 64");
        }
    }

    /// A device that deals with memory of others as Linux does.
    ///
    /// @throws IllegalArgumentException as the other
    public DmaSettings(
            DmaAddressing addressing,
            boolean iommu,
            long granule,
            BouncePolicy bouncePolicy,
            int maskBits) {
        this(addressing, iommu, granule, bouncePolicy, maskBits, PeerSettings.standard());
    }

    /// A device that is given addresses of a kind: an adapter without an IOMMU for
    /// [DmaAddressing#IOVA].
    public static DmaSettings of(DmaAddressing addressing) {
        return new DmaSettings(addressing, false, PAGE, BouncePolicy.WHERE_NEEDED, Long.SIZE);
    }

    /// The same with or without an IOMMU.
    public DmaSettings withIommu(boolean behind) {
        return new DmaSettings(addressing, behind, granule, bouncePolicy, maskBits, peers);
    }

    /// The same with another policy.
    public DmaSettings withBouncePolicy(BouncePolicy policy) {
        return new DmaSettings(addressing, iommu, granule, policy, maskBits, peers);
    }

    /// The same with other settings for memory of other devices.
    public DmaSettings withPeers(PeerSettings other) {
        return new DmaSettings(addressing, iommu, granule, bouncePolicy, maskBits, other);
    }

    /// Whether it is an adapter on the bus; else there is no mask, no bounce buffer and no IOMMU.
    public boolean isAdapter() {
        return addressing == DmaAddressing.IOVA;
    }

    /// The limits of the adapter: a segment may be as long as a granule at least.
    DmaLimits limits() {
        DmaLimits limits = DmaLimits.ofBits(maskBits);
        long boundary = Math.max(limits.segmentBoundary(), granule - 1);
        return new DmaLimits(limits.mask(), boundary, limits.maxSegment());
    }
}
