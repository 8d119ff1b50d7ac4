package org.softverbs.soft.dma;

import org.softverbs.dma.DmaLimits;

/// What an adapter is to the DMA layer.
///
/// @param limits addresses and segments that it can use
/// @param bouncePolicy when its memory is bounced
/// @param handlesPrivate whether it reaches private memory of a confidential guest
/// @param untrusted whether it is to reach not a byte more than it is given: behind an IOMMU, what
///     shares a granule with something else is bounced (`pci_dev.untrusted`)
/// @param peers how it deals with memory of other devices
public record AdapterProperties(
        DmaLimits limits,
        BouncePolicy bouncePolicy,
        boolean handlesPrivate,
        boolean untrusted,
        PeerSettings peers) {

    private static final int ADDRESS_BITS = 64;

    /// A trusted adapter that reaches everything but private memory, which is bounced.
    public static AdapterProperties standard() {
        return new AdapterProperties(
                DmaLimits.ofBits(ADDRESS_BITS),
                BouncePolicy.WHERE_NEEDED,
                false,
                false,
                PeerSettings.standard());
    }

    /// The same with other limits.
    public AdapterProperties withLimits(DmaLimits other) {
        return new AdapterProperties(other, bouncePolicy, handlesPrivate, untrusted, peers);
    }

    /// The same with another policy.
    public AdapterProperties withBouncePolicy(BouncePolicy other) {
        return new AdapterProperties(limits, other, handlesPrivate, untrusted, peers);
    }

    /// The same, able or not to reach private memory.
    public AdapterProperties withHandlesPrivate(boolean able) {
        return new AdapterProperties(limits, bouncePolicy, able, untrusted, peers);
    }

    /// The same, trusted or not.
    public AdapterProperties withUntrusted(boolean suspect) {
        return new AdapterProperties(limits, bouncePolicy, handlesPrivate, suspect, peers);
    }

    /// The same, with peers that it cannot reach bounced or refused.
    public AdapterProperties withBouncesPeers(boolean bounced) {
        return new AdapterProperties(
                limits, bouncePolicy, handlesPrivate, untrusted, peers.withBounces(bounced));
    }

    /// The same with another policy for device-private pages.
    public AdapterProperties withDevicePrivate(DevicePrivatePolicy other) {
        return new AdapterProperties(
                limits, bouncePolicy, handlesPrivate, untrusted, peers.withDevicePrivate(other));
    }

    /// The same with other settings for memory of other devices.
    public AdapterProperties withPeers(PeerSettings other) {
        return new AdapterProperties(limits, bouncePolicy, handlesPrivate, untrusted, other);
    }

    /// Whether a peer's memory that it cannot reach is bounced like any other, by the CPU through
    /// the peer's BAR; Linux refuses it.
    public boolean bouncesPeers() {
        return peers.bounces();
    }
}
