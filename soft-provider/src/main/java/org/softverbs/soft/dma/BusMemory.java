package org.softverbs.soft.dma;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.softverbs.dma.PageFlag;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.memory.AccessResult;
import org.softverbs.soft.memory.AddressedMemory;
import org.softverbs.soft.packet.RunList;
import org.softverbs.soft.pci.HostBridge;
import org.softverbs.soft.pci.PciFunction;
import org.softverbs.soft.pci.PeerDistance;
import org.softverbs.soft.pci.PeerMapping;
import org.softverbs.soft.physical.SparsePhysicalMemory;

/// Memory as an adapter without an IOMMU sees it: the windows of its own host bridge are peers by
/// their addresses on the bus, everything else is physical.
///
/// Remembers the peer that was reached last: to look one up again allocates.
final class BusMemory implements AddressedMemory {

    private final Host host;
    private final SparsePhysicalMemory memory;
    private final PciFunction adapter;
    private final HostBridge bridge;
    private final AdapterProperties properties;
    private @Nullable PciFunction lastPeer;
    private PeerMapping lastMapping = PeerMapping.NOT_SUPPORTED;

    BusMemory(Host host, PciFunction adapter, AdapterProperties properties) {
        this.host = host;
        this.memory = host.physicalMemory();
        this.adapter = adapter;
        this.bridge = adapter.hostBridge();
        this.properties = properties;
    }

    @Override
    public AccessResult resolve(long address, long length, boolean write, RunList runs) {
        if (address < 0 || address > properties.limits().mask() - (length - 1)) {
            return AccessResult.UNREACHABLE;
        }
        return isOnBus(address)
                ? resolveBus(address, length, runs)
                : resolvePhysical(address, length, runs);
    }

    /// Whether an address is a peer's on the bus, and not the IOMMU's business.
    boolean isOnBus(long address) {
        return bridge.hasBusAddress(address);
    }

    /// Reaches a peer by its address on the bus.
    private AccessResult resolveBus(long address, long length, RunList runs) {
        if (!isOnBus(address + length - 1)) {
            return AccessResult.UNREACHABLE;
        }
        long physical = address - bridge.busOffset();
        if (!memory.isMemory(physical, length)) {
            return AccessResult.NO_MEMORY;
        }
        if (mapping(physical) != PeerMapping.BUS_ADDRESS) {
            return AccessResult.UNREACHABLE;
        }
        return found(physical, length, runs);
    }

    private AccessResult resolvePhysical(long address, long length, RunList runs) {
        if (!memory.isMemory(address, length)) {
            return AccessResult.NO_MEMORY;
        }
        if (memory.isPrivate(address) && !properties.handlesPrivate()) {
            return AccessResult.PRIVATE_MEMORY;
        }
        if (memory.hasFlag(address, PageFlag.DEVICE)
                && mapping(address) == PeerMapping.NOT_SUPPORTED) {
            return AccessResult.UNREACHABLE;
        }
        return found(address, length, runs);
    }

    /// It may be gone between the two looks at it.
    private AccessResult found(long physical, long length, RunList runs) {
        return memory.resolve(physical, length, runs)
                ? AccessResult.GRANTED
                : AccessResult.NO_MEMORY;
    }

    private PeerMapping mapping(long physical) {
        PciFunction last = lastPeer;
        if (last == null || !last.owns(physical)) {
            Optional<PciFunction> owner = host.pci().ownerOf(physical);
            if (owner.isEmpty()) {
                return PeerMapping.NOT_SUPPORTED;
            }
            lastPeer = owner.get();
            lastMapping = PeerDistance.between(owner.get(), adapter).mapping();
        }
        return lastMapping;
    }
}
