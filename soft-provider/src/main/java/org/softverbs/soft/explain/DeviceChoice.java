package org.softverbs.soft.explain;

import java.util.Locale;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.soft.dma.BouncePolicy;
import org.softverbs.soft.dma.DmaSettings;

/// A device to explain an I/O with.
///
/// @param kind what it is
/// @param dma how it is attached to memory
public record DeviceChoice(Kind kind, DmaSettings dma) {

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

        /// The policy of that name.
        public BouncePolicy policy() {
            return switch (this) {
                case OFF -> BouncePolicy.OFF;
                case ON -> BouncePolicy.WHERE_NEEDED;
                case FORCE -> BouncePolicy.ALWAYS;
            };
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// @throws IllegalArgumentException for an adapter that is given the CPU's own addresses
    public DeviceChoice {
        if (kind == Kind.HCA && !dma.isAdapter()) {
            throw new IllegalArgumentException(
                    "an hca is an adapter on the bus and has no "
                            + dma.addressing().name().toLowerCase(Locale.ROOT)
                            + " addressing: that is for devices whose data the CPU moves, rxe and siw");
        }
    }
}
