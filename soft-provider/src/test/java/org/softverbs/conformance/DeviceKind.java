package org.softverbs.conformance;

import java.util.Locale;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.soft.dma.DmaSettings;

/// The kinds of devices that each row is run on.
public enum DeviceKind {
    /// The CPU moves the data; memory of tests is the program's own.
    RXE,
    /// An adapter behind an IOMMU; memory of tests is physical, scattered, and mapped for it.
    HCA;

    DmaSettings settings() {
        return switch (this) {
            case RXE -> DmaSettings.of(DmaAddressing.PHYSICAL);
            case HCA -> DmaSettings.of(DmaAddressing.IOVA).withIommu(true);
        };
    }

    /// As in a device's name.
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
