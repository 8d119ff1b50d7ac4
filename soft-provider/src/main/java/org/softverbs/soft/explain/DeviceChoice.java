package org.softverbs.soft.explain;

import java.util.Locale;
import org.softverbs.dma.DmaAddressing;

/// A device to explain an I/O with.
///
/// @param kind what it is
/// @param addressing what addresses it is given; with [DmaAddressing#IOVA] it is an adapter
/// @param iommu whether an adapter stands behind an IOMMU
/// @param granule smallest page of that IOMMU, a power of two
/// @param bouncing when an adapter's memory is bounced
/// @param maskBits how many address bits an adapter sends out
public record DeviceChoice(
        Kind kind,
        DmaAddressing addressing,
        boolean iommu,
        long granule,
        Bouncing bouncing,
        int maskBits) {

    /// Kinds of devices.
    public enum Kind {
        /// RoCEv2 in software, as Linux `rdma_rxe`.
        RXE,
        /// iWARP in software, as Linux `siw`.
        SIW,
        /// An adapter on the PCI bus.
        HCA;

        /// What such a device is given unless somebody wants it otherwise.
        public DmaAddressing addressing() {
            return this == HCA ? DmaAddressing.IOVA : DmaAddressing.PHYSICAL;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// When memory is replaced by a bounce buffer.
    public enum Bouncing {
        /// Never.
        OFF,
        /// Where the device cannot reach it.
        ON,
        /// Always.
        FORCE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final long SMALLEST_GRANULE = 1L << 12;
    private static final long LARGEST_GRANULE = 1L << 47;

    /// @throws IllegalArgumentException for a granule that no page table has, a mask of no or too
    ///     many bits, or an adapter that is given the CPU's own addresses
    public DeviceChoice {
        if (Long.bitCount(granule) != 1
                || granule < SMALLEST_GRANULE
                || granule > LARGEST_GRANULE) {
            throw new IllegalArgumentException(
                    "granule "
                            + granule
                            + " is no power of two from "
                            + SMALLEST_GRANULE
                            + " to "
                            + LARGEST_GRANULE);
        }
        if (maskBits < 1 || maskBits > Long.SIZE) {
            throw new IllegalArgumentException(
                    "a mask of " + maskBits + " bits is not within 1 to 64");
        }
        if (kind == Kind.HCA && addressing != DmaAddressing.IOVA) {
            throw new IllegalArgumentException(
                    "an hca is an adapter on the bus and has no "
                            + addressing.name().toLowerCase(Locale.ROOT)
                            + " addressing: that is for devices whose data the CPU moves, rxe and siw");
        }
    }

    /// Whether it is an adapter on the bus; else the CPU moves its data, and there is no mask, no
    /// bounce buffer and no IOMMU.
    public boolean isAdapter() {
        return addressing == DmaAddressing.IOVA;
    }
}
