package org.softverbs.soft.dma;

import java.util.Optional;
import java.util.Set;
import org.softverbs.dma.PageFlag;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.pci.PciFunction;
import org.softverbs.soft.pci.PeerDistance;
import org.softverbs.verbs.Errno;

/// Finds how an adapter gets at an element: the one place where reach is judged.
///
/// Source: `pci_p2pdma_state`, `dma_direct_map_page` and `dma_capable`.
final class PathFinder {

    private static final ElementPath MEMORY = new ElementPath.Memory();

    private final Host host;
    private final PciFunction adapter;
    private final AdapterProperties properties;
    private final boolean translated;

    /// @param translated whether an IOMMU stands in front of memory, so that its address is no
    ///     hindrance
    PathFinder(Host host, PciFunction adapter, AdapterProperties properties, boolean translated) {
        this.host = host;
        this.adapter = adapter;
        this.properties = properties;
        this.translated = translated;
    }

    ElementPath find(long address, long length) {
        if (!host.physicalMemory().isMemory(address, length)) {
            return new ElementPath.Refused(Errno.EFAULT, "is no memory");
        }
        Set<PageFlag> flags = host.physicalMemory().flags(address);
        if (flags.contains(PageFlag.DEVICE)) {
            return peer(address, length);
        }
        if (properties.bouncePolicy() == BouncePolicy.ALWAYS) {
            return bounce("all memory is bounced");
        }
        if (flags.contains(PageFlag.PRIVATE) && !properties.handlesPrivate()) {
            return bounce("is private memory, which the adapter cannot reach");
        }
        if (!translated && !isWithinMask(address, length)) {
            return bounce("lies beyond the adapter's mask of 0x" + mask());
        }
        return MEMORY;
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

    private ElementPath peer(long address, long length) {
        Optional<PciFunction> owner = host.pci().ownerOf(address);
        if (owner.isEmpty()) {
            return new ElementPath.Refused(Errno.EREMOTEIO, "is a device's memory off the bus");
        }
        return switch (PeerDistance.between(owner.get(), adapter).mapping()) {
            case BUS_ADDRESS -> onBus(owner.get(), address, length);
            case THROUGH_HOST_BRIDGE -> throughHostBridge(address, length);
            case NOT_SUPPORTED ->
                    new ElementPath.Refused(
                            Errno.EREMOTEIO,
                            "is memory of '" + owner.get() + "', which the adapter cannot reach");
        };
    }

    private ElementPath throughHostBridge(long address, long length) {
        if (properties.bouncePolicy() == BouncePolicy.ALWAYS) {
            return new ElementPath.Refused(
                    Errno.EREMOTEIO, "is a peer's memory, which cannot be bounced");
        }
        return translated || isWithinMask(address, length) ? MEMORY : beyond("a peer's memory");
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
