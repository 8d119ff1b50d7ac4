package org.softverbs.soft.pci;

import java.util.Optional;

/// Where PCI meets the CPU. BARs below it lie in its window; on the bus they have another address
/// when the bridge translates.
///
/// Kernel name: `struct pci_host_bridge`.
public final class HostBridge extends PciNode {

    /// Which peers this bridge lets talk to each other through itself.
    ///
    /// Kernel name: `pci_p2pdma_whitelist`, `REQ_SAME_HOST_BRIDGE`.
    public enum PeerTraffic {
        /// It is not known to work, so it is not tried.
        NONE,
        /// Between functions below this bridge.
        SAME_BRIDGE,
        /// Also to functions below another bridge that says so.
        ANY_BRIDGE
    }

    private final PeerTraffic peerTraffic;
    private final long windowStart;
    private final long windowEnd;
    private final long busOffset;
    private long nextAddress;

    HostBridge(
            String name, PeerTraffic peerTraffic, long windowStart, long length, long busOffset) {
        super(name);
        this.peerTraffic = peerTraffic;
        this.windowStart = windowStart;
        this.windowEnd = windowStart + length;
        this.busOffset = busOffset;
        this.nextAddress = windowStart;
    }

    public PeerTraffic peerTraffic() {
        return peerTraffic;
    }

    /// What to add to a CPU address of the window for the address on the bus.
    ///
    /// Kernel name: `p2pdma_provider.bus_offset`.
    public long busOffset() {
        return busOffset;
    }

    /// First CPU address of its window.
    public long windowStart() {
        return windowStart;
    }

    /// CPU address behind its window.
    public long windowEnd() {
        return windowEnd;
    }

    /// Whether an address on the bus is one of its window: IOVAs of devices below it keep away from
    /// these, so that such an address is never anything else.
    public boolean hasBusAddress(long address) {
        long physical = address - busOffset;
        return physical >= windowStart && physical < windowEnd;
    }

    /// Gives out a part of the window, aligned to its own size as PCI wants it.
    synchronized long takeWindow(long length) {
        long first = (nextAddress + length - 1) / length * length;
        if (first > windowEnd - length) {
            throw new IllegalArgumentException(
                    "a BAR of " + length + " bytes finds no room in the window of " + name());
        }
        nextAddress = first + length;
        return first;
    }

    @Override
    Optional<PciBridge> upstream() {
        return Optional.empty();
    }

    @Override
    public HostBridge hostBridge() {
        return this;
    }
}
