package org.softverbs.soft.dma;

import java.util.Optional;
import java.util.Set;
import org.softverbs.dma.PageFlag;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.pci.BarInfo;
import org.softverbs.soft.pci.PciFunction;
import org.softverbs.soft.pci.PeerDistance;
import org.softverbs.soft.pci.PeerMapping;
import org.softverbs.verbs.Errno;

/// Finds how an adapter gets at an element: the one place where reach is judged.
///
/// Source: `pci_p2pdma_state`, `dma_direct_map_page` and `dma_capable`.
final class PathFinder {

    /// There is no IOMMU.
    static final long NO_GRANULE = 0;

    private static final ElementPath MEMORY = new ElementPath.Memory();

    private final Host host;
    private final PciFunction adapter;
    private final AdapterProperties properties;
    private final long granule;

    /// @param granule the smallest page of the IOMMU in front of memory, so that its address is no
    ///     hindrance, or [#NO_GRANULE]
    PathFinder(Host host, PciFunction adapter, AdapterProperties properties, long granule) {
        this.host = host;
        this.adapter = adapter;
        this.properties = properties;
        this.granule = granule;
    }

    ElementPath find(long address, long length) {
        if (!host.physicalMemory().isMemory(address, length)) {
            return new ElementPath.Refused(Errno.EFAULT, "is no memory");
        }
        Set<PageFlag> flags = host.physicalMemory().flags(address);
        if (flags.contains(PageFlag.DEVICE)) {
            return peerOrBounce(address, length);
        }
        if (properties.bouncePolicy() == BouncePolicy.ALWAYS) {
            return bounce("is to be bounced, as all memory is");
        }
        if (host.physicalMemory().isPrivate(address) && !properties.handlesPrivate()) {
            return bounce("is private memory, which the adapter cannot reach");
        }
        if (!isTranslated() && !isWithinMask(address, length)) {
            return bounce("lies beyond the adapter's mask of 0x" + mask());
        }
        return sharesGranule(address, length) ? bounceEnds() : MEMORY;
    }

    /// How the adapter gets at registers or memory of another device, by physical address.
    ElementPath findResource(long address, long length) {
        boolean isMemory = host.physicalMemory().isMemory(address, length);
        if (isMemory && !host.physicalMemory().flags(address).contains(PageFlag.DEVICE)) {
            return new ElementPath.Refused(Errno.EINVAL, "is ordinary memory, no device's");
        }
        Optional<PciFunction> owner = owner(address);
        if (owner.isPresent() && distance(owner.get()) == PeerMapping.NOT_SUPPORTED) {
            return unreachable(owner.get());
        }
        return throughHostBridge(address, length);
    }

    /// Whether the adapter reaches memory, not a peer's, by its physical address or the IOMMU.
    boolean reaches(long address, long length) {
        boolean isPrivate = host.physicalMemory().isPrivate(address);
        return (!isPrivate || properties.handlesPrivate())
                && (isTranslated() || isWithinMask(address, length));
    }

    private boolean isTranslated() {
        return granule != NO_GRANULE;
    }

    /// Whether the IOMMU would show an adapter that nobody trusts more than the element.
    private boolean sharesGranule(long address, long length) {
        return properties.untrusted()
                && isTranslated()
                && ((address | length) & (granule - 1)) != 0;
    }

    private ElementPath bounceEnds() {
        String reason = "does not fill its granules, and the adapter is not trusted with the rest";
        return properties.bouncePolicy() == BouncePolicy.OFF
                ? new ElementPath.Refused(Errno.EIO, reason + ", and nothing may be bounced")
                : new ElementPath.BounceEnds(reason);
    }

    private ElementPath bounce(String reason) {
        return properties.bouncePolicy() == BouncePolicy.OFF
                ? new ElementPath.Refused(Errno.EIO, reason + ", and nothing may be bounced")
                : new ElementPath.Bounce(reason);
    }

    private boolean isWithinMask(long address, long length) {
        return address + length - 1 <= properties.limits().mask();
    }

    private String mask() {
        return Long.toHexString(properties.limits().mask());
    }

    /// The CPU reaches a peer's BAR where the adapter does not, and can copy.
    private ElementPath peerOrBounce(long address, long length) {
        ElementPath path = peer(address, length);
        return path instanceof ElementPath.Refused refused && properties.bouncesPeers()
                ? bounce(refused.reason())
                : path;
    }

    private ElementPath peer(long address, long length) {
        Optional<PciFunction> owner = owner(address);
        if (owner.isEmpty()) {
            return new ElementPath.Refused(Errno.EREMOTEIO, "is a device's memory off the bus");
        }
        return switch (distance(owner.get())) {
            case BUS_ADDRESS -> onBus(owner.get(), address, length);
            case THROUGH_HOST_BRIDGE ->
                    properties.bouncePolicy() == BouncePolicy.ALWAYS
                            ? new ElementPath.Refused(
                                    Errno.EREMOTEIO, "is a peer's memory, which cannot be bounced")
                            : throughHostBridge(address, length);
            case NOT_SUPPORTED -> unreachable(owner.get());
        };
    }

    private Optional<PciFunction> owner(long address) {
        return host.pci().barAt(properties.peers().lookup(), address).map(BarInfo::owner);
    }

    private PeerMapping distance(PciFunction owner) {
        return PeerDistance.between(owner, adapter).mapping();
    }

    private static ElementPath unreachable(PciFunction owner) {
        return new ElementPath.Refused(
                Errno.EREMOTEIO, "is memory of '" + owner + "', which the adapter cannot reach");
    }

    private ElementPath throughHostBridge(long address, long length) {
        if (sharesGranule(address, length)) {
            return new ElementPath.Refused(
                    Errno.EREMOTEIO,
                    "is a device's memory that does not fill its granules, and cannot be bounced");
        }
        return isTranslated() || isWithinMask(address, length)
                ? MEMORY
                : beyond("a device's memory");
    }

    private ElementPath onBus(PciFunction owner, long address, long length) {
        long busAddress = address + owner.hostBridge().busOffset();
        return isWithinMask(busAddress, length)
                ? new ElementPath.Bus(busAddress)
                : beyond("a peer's bus address");
    }

    private ElementPath beyond(String what) {
        return new ElementPath.Refused(
                Errno.EREMOTEIO, "is " + what + " beyond the adapter's mask of 0x" + mask());
    }
}
