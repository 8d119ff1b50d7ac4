package org.softverbs.soft.dma;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaLimits;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.DmaStatistics;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.iommu.IommuDomain;
import org.softverbs.soft.iommu.IotlbGather;
import org.softverbs.soft.iommu.IovaAllocator;
import org.softverbs.soft.iommu.IovaPolicy;
import org.softverbs.soft.iommu.MapResult;
import org.softverbs.soft.pci.PciFunction;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.VerbsException;

/// The DMA layer of an adapter behind an IOMMU: one range of IOVA for all memory of an I/O,
/// whatever lies between; peers on the bus keep their bus addresses.
///
/// Nothing outside the granules of the elements is mapped, padding for the segment boundary
/// neither, where Linux maps what follows the element.
///
/// Source: `drivers/iommu/dma-iommu.c`.
public final class TranslatedDmaDevice extends VectorDmaDevice {

    private final Host host;
    private final AdapterProperties properties;
    private final PathFinder paths;
    private final IommuDomain domain;
    private final IovaPolicy addresses;
    private final AtomicLong allocations = new AtomicLong();
    private final AtomicLong frees = new AtomicLong();

    /// @param adapter where the device sits on the bus
    /// @param domain the address space that it is in
    /// @param addresses how it picks its addresses
    public TranslatedDmaDevice(
            Host host,
            PciFunction adapter,
            AdapterProperties properties,
            IommuDomain domain,
            IovaPolicy addresses) {
        this.host = host;
        this.properties = properties;
        this.paths = new PathFinder(host, adapter, properties, true);
        this.domain = domain;
        this.addresses = addresses;
    }

    @Override
    public DmaAddressing addressing() {
        return DmaAddressing.IOVA;
    }

    @Override
    public DmaLimits limits() {
        return properties.limits();
    }

    @Override
    DmaMapping mapElements(PhysicalVector vector, DmaDirection direction, Runnable onClose) {
        IovaLayout layout =
                new IovaLayout(domain.granule(), limits().segmentBoundary(), limits().maxSegment());
        layout.begin();
        boolean onBus = false;
        for (int i = 0; i < vector.count(); i++) {
            onBus |= add(layout, i, vector.address(i), vector.length(i));
        }
        long iova = layout.iovaLength() == 0 ? 0 : allocate(layout.iovaLength());
        link(layout, iova, direction);
        List<DmaSegment> segments = new ArrayList<>();
        layout.emit(iova, into(segments));
        return new IovaMapping(
                this, layout, iova, segments, onBus, direction, vector.total(), onClose);
    }

    /// @return whether the element is a peer's, on the bus
    private boolean add(IovaLayout layout, int index, long address, long length) {
        return switch (paths.find(address, length)) {
            case ElementPath.Memory memory -> {
                layout.add(address, length);
                yield false;
            }
            case ElementPath.Bus bus -> {
                layout.addBus(bus.busAddress(), length);
                yield true;
            }
            case ElementPath.Bounce bounce ->
                    throw refused(index, address, length, Errno.EIO, bounce.reason());
            case ElementPath.Refused refused ->
                    throw refused(index, address, length, refused.errno(), refused.reason());
        };
    }

    private long allocate(long length) {
        long last = Math.min(limits().mask(), domain.lastAddress());
        long iova = addresses.allocate(length, last);
        if (iova == IovaAllocator.NONE) {
            throw new VerbsException(
                    Errno.ENOMEM,
                    MAP,
                    length + " bytes find no room among the I/O virtual addresses of the adapter");
        }
        allocations.incrementAndGet();
        return iova;
    }

    private void link(IovaLayout layout, long iova, DmaDirection direction) {
        long at = iova;
        for (int run = 0; run < layout.count(); run++) {
            if (layout.isOnBus(run)) {
                continue;
            }
            MapResult result =
                    domain.link(
                            at,
                            layout.granuleAddress(run),
                            layout.granuleLength(run),
                            direction.deviceReads(),
                            direction.deviceWrites());
            if (result != MapResult.MAPPED) {
                unlink(layout, iova, run);
                throw new VerbsException(
                        Errno.EIO, MAP, "the IOMMU refuses a run of the vector: " + result);
            }
            at += layout.stride(run);
        }
        if (layout.iovaLength() > 0) {
            domain.syncMap();
        }
    }

    /// Undoes the first runs of a layout, and gives its addresses back.
    void unlink(IovaLayout layout, long iova, int runs) {
        if (layout.iovaLength() == 0) {
            return;
        }
        IotlbGather gather = domain.gather();
        long at = iova;
        for (int run = 0; run < runs; run++) {
            if (!layout.isOnBus(run)) {
                domain.unmap(at, layout.granuleLength(run), gather);
                at += layout.stride(run);
            }
        }
        domain.sync(gather);
        domain.free(iova, layout.iovaLength(), host.clock().nanoTime());
        frees.incrementAndGet();
    }

    @Override
    public DmaStatistics statistics() {
        return new DmaStatistics(
                maps(),
                unmaps(),
                allocations.get(),
                frees.get(),
                domain.statistics().syncMaps(),
                domain.statistics().iotlbFlushes(),
                0,
                0);
    }
}
