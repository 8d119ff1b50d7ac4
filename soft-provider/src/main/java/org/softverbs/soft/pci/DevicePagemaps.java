package org.softverbs.soft.pci;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.soft.physical.SparsePhysicalMemory;

/// All device-private memory of a host.
///
/// Safe to use from any thread.
public final class DevicePagemaps {

    private final SparsePhysicalMemory memory;
    private final ConcurrentSkipListMap<Long, DevicePrivateFolio> folios =
            new ConcurrentSkipListMap<>();

    public DevicePagemaps(SparsePhysicalMemory memory) {
        this.memory = memory;
    }

    /// Adds the memory of a device.
    ///
    /// @param window the BAR that shows the first of it, if one does
    /// @param operations of the device's driver
    public DevicePagemap add(
            PciFunction owner,
            Optional<PhysicalAllocation> window,
            DevicePagemapOperations operations) {
        return new DevicePagemap(this, memory, owner, window.orElse(null), operations);
    }

    void add(DevicePrivateFolio folio) {
        folios.put(folio.address(0), folio);
    }

    void remove(DevicePrivateFolio folio) {
        folios.remove(folio.address(0), folio);
    }

    /// The folio that a range of names lies in.
    ///
    /// @return null when there is none: this is asked for each element of an I/O
    public @Nullable DevicePrivateFolio folioAt(long address, long length) {
        if (folios.isEmpty()) {
            return null;
        }
        Map.Entry<Long, DevicePrivateFolio> entry = folios.floorEntry(address);
        if (entry == null) {
            return null;
        }
        DevicePrivateFolio folio = entry.getValue();
        return length <= folio.total() - (address - entry.getKey()) ? folio : null;
    }
}
