package org.softverbs.soft.dma;

import org.softverbs.soft.pci.BarLookup;

/// How a device deals with memory of other devices.
///
/// @param bounces whether an adapter's peer that it cannot reach is bounced, by the CPU through the
///     peer's BAR
/// @param lookup how an adapter finds the BAR behind an address
/// @param devicePrivate what becomes of pages that another device keeps for itself
public record PeerSettings(boolean bounces, BarLookup lookup, DevicePrivatePolicy devicePrivate) {

    /// As in Linux: what cannot be reached is refused.
    public static PeerSettings standard() {
        return new PeerSettings(false, BarLookup.POINTERS, DevicePrivatePolicy.REFUSE);
    }

    /// The same, with peers that cannot be reached bounced or refused.
    public PeerSettings withBounces(boolean bounced) {
        return new PeerSettings(bounced, lookup, devicePrivate);
    }

    /// The same with another way to find BARs.
    public PeerSettings withLookup(BarLookup other) {
        return new PeerSettings(bounces, other, devicePrivate);
    }

    /// The same with another policy for device-private pages.
    public PeerSettings withDevicePrivate(DevicePrivatePolicy other) {
        return new PeerSettings(bounces, lookup, other);
    }
}
