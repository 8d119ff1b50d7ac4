package org.softverbs.soft.dma;

import java.util.Optional;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaLimits;
import org.softverbs.soft.bounce.BouncePool;
import org.softverbs.soft.host.AllocationPoint;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.pci.PciFunction;

/// What adapters on the bus have in common, with and without an IOMMU.
abstract sealed class BusDmaDevice extends VectorDmaDevice
        permits AdapterDmaDevice, TranslatedDmaDevice {

    private final Host host;
    private final PciFunction adapter;
    private final AdapterProperties properties;
    private final PathFinder paths;
    private final DevicePrivatePages privatePages;
    private final Optional<BouncePool> pool;

    /// @param adapter where the device sits on the bus
    /// @param granule smallest page of the IOMMU, or [PathFinder#NO_GRANULE]
    /// @param pool bounce buffers, if there are any
    BusDmaDevice(
            Host host,
            PciFunction adapter,
            AdapterProperties properties,
            long granule,
            Optional<BouncePool> pool) {
        this.host = host;
        this.adapter = adapter;
        this.properties = properties;
        this.paths = new PathFinder(host, adapter, properties, granule);
        this.privatePages =
                new DevicePrivatePages(
                        host.pagemaps(), properties.peers().devicePrivate(), Optional.of(adapter));
        this.pool = pool;
    }

    @Override
    public final DmaAddressing addressing() {
        return DmaAddressing.IOVA;
    }

    @Override
    public final DmaLimits limits() {
        return properties.limits();
    }

    @Override
    final ElementPath find(long address, long length) {
        return paths.find(address, length);
    }

    @Override
    final DevicePrivatePages privatePages() {
        return privatePages;
    }

    @Override
    final ElementPath findResource(long address, long length) {
        return paths.findResource(address, length);
    }

    @Override
    final Optional<BouncePool> pool() {
        return pool;
    }

    final Host host() {
        return host;
    }

    /// Whether granules that are not filled are bounced.
    final boolean isUntrusted() {
        return properties.untrusted();
    }

    /// Whether ordinary memory, too, may have to stand in a bounce buffer.
    final boolean mayHaveToBounce() {
        return properties.untrusted() || properties.bouncePolicy() == BouncePolicy.ALWAYS;
    }

    /// For a transaction that may need some.
    final BounceBuffers newBuffers(DmaDirection direction) {
        return new BounceBuffers(
                pool, paths::reaches, () -> host.allows(AllocationPoint.BOUNCE_BUFFER), direction);
    }

    /// Memory by physical addresses and those of peers on the bus.
    final BusMemory busMemory() {
        return new BusMemory(host, adapter, properties);
    }

    /// Bytes copied into and out of bounce buffers.
    final long copiedBytes() {
        return pool.map(buffers -> buffers.statistics().bytesCopied()).orElse(0L);
    }
}
