package org.softverbs.soft.dma;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.softverbs.dma.AddressSpace;
import org.softverbs.dma.CoherentMemory;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.DmaStatistics;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.soft.bounce.BouncePool;
import org.softverbs.soft.host.AllocationPoint;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.iommu.IommuDomain;
import org.softverbs.soft.iommu.IotlbGather;
import org.softverbs.soft.iommu.IovaAllocator;
import org.softverbs.soft.iommu.IovaPolicy;
import org.softverbs.soft.iommu.MapResult;
import org.softverbs.soft.memory.AddressedMemory;
import org.softverbs.soft.pci.HostBridge;
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
public final class TranslatedDmaDevice extends BusDmaDevice {

    private final IommuDomain domain;
    private final IovaPolicy addresses;
    private final AtomicLong allocations = new AtomicLong();
    private final AtomicLong allocatedBytes = new AtomicLong();
    private final AtomicLong frees = new AtomicLong();
    private volatile boolean attached = true;

    /// A device without bounce buffers.
    ///
    /// @param adapter where the device sits on the bus
    /// @param domain the address space that it is in
    /// @param addresses how it picks its addresses
    public TranslatedDmaDevice(
            Host host,
            PciFunction adapter,
            AdapterProperties properties,
            IommuDomain domain,
            IovaPolicy addresses) {
        this(host, adapter, properties, domain, addresses, Optional.empty());
    }

    /// Joins a domain: bus addresses below the adapter's host bridge are no I/O virtual addresses
    /// of it from now on, for none of its members.
    ///
    /// @param adapter where the device sits on the bus
    /// @param domain the address space that it is in, perhaps with others
    /// @param addresses how it picks its addresses
    /// @param pool bounce buffers, if there are any
    /// @throws IllegalStateException when another member uses such an address already
    public TranslatedDmaDevice(
            Host host,
            PciFunction adapter,
            AdapterProperties properties,
            IommuDomain domain,
            IovaPolicy addresses,
            Optional<BouncePool> pool) {
        super(host, adapter, properties, domain.granule(), pool);
        this.domain = domain;
        this.addresses = addresses;
        reserveWindow(adapter.hostBridge(), domain);
    }

    /// Leaves the adapter outside of the domain until something is mapped for it, as a kernel does
    /// that starts after a crash: requests of the one before, by physical addresses, may end.
    ///
    /// Kernel name: `iommu_deferred_attach`.
    ///
    /// @return this
    public TranslatedDmaDevice deferAttach() {
        attached = false;
        return this;
    }

    /// Whether the domain translates what the adapter sends out.
    public boolean isAttached() {
        return attached;
    }

    /// Kernel name: `iova_reserve_pci_windows`.
    private static void reserveWindow(HostBridge bridge, IommuDomain domain) {
        long first = Math.max(0, bridge.windowStart() + bridge.busOffset());
        long last = Math.min(domain.lastAddress(), bridge.windowEnd() + bridge.busOffset() - 1);
        if (first <= last) {
            domain.reserve(first, last);
        }
    }

    @Override
    ElementTransaction begin(ElementList elements, DmaDirection direction) {
        attached = true;
        IovaLayout layout =
                new IovaLayout(
                        domain.granule(),
                        limits().segmentBoundary(),
                        limits().maxSegment(),
                        !isUntrusted());
        layout.begin();
        int[] runs = new int[elements.count()];
        for (int i = 0; i < runs.length; i++) {
            long address = elements.address(i);
            long length = elements.length(i);
            runs[i] =
                    switch (elements.path(i)) {
                        case ElementPath.Bus bus -> layout.addBus(bus.busAddress(), length);
                        case ElementPath.Bounce bounce -> layout.addAlone(address, length);
                        case ElementPath.Memory memory -> layout.add(address, length);
                        case ElementPath.BounceEnds ends -> layout.add(address, length);
                        case ElementPath.Refused refused ->
                                throw elements.refusal(i, refused.errno(), refused.reason());
                    };
        }
        long iova = layout.iovaLength() == 0 ? 0 : allocate(layout.iovaLength());
        BounceBuffers buffers = newBuffers(direction);
        return new IovaTransaction(this, elements, layout, runs, iova, buffers);
    }

    long allocate(long length) {
        attached = true;
        long last = Math.min(limits().mask(), domain.lastAddress());
        boolean allowed = host().allows(AllocationPoint.IO_VIRTUAL_ADDRESSES);
        long iova = allowed ? addresses.allocate(length, last) : IovaAllocator.NONE;
        if (iova == IovaAllocator.NONE) {
            throw new VerbsException(
                    Errno.ENOMEM,
                    MAP,
                    length + " bytes find no room among the I/O virtual addresses of the adapter");
        }
        allocations.incrementAndGet();
        allocatedBytes.addAndGet(length);
        return iova;
    }

    IommuDomain domain() {
        return domain;
    }

    @Override
    boolean isTranslated() {
        return true;
    }

    @Override
    long physicalOf(long address) {
        return domain.physicalOf(address);
    }

    /// Not for a device that may have to bounce: its callers map page by page.
    @Override
    Optional<IovaLinks> links() {
        return mayHaveToBounce() ? Optional.empty() : Optional.of(new IovaLinks(this));
    }

    @Override
    void unmap(IovaRange range, boolean atOnce) {
        IotlbGather gather = atOnce ? IotlbGather.strict() : domain.gather();
        unmap(range, gather);
        domain.sync(gather);
    }

    @Override
    void unmap(List<IovaRange> ranges, boolean atOnce) {
        boolean waits = !atOnce && domain.gather().isQueued();
        IotlbGather gather = waits ? domain.gather() : IotlbGather.batch();
        ranges.forEach(range -> unmap(range, gather));
        domain.sync(gather);
    }

    private void unmap(IovaRange range, IotlbGather gather) {
        if (range.isEmpty()) {
            return;
        }
        long from = 0;
        for (int hole = 0; hole < range.holes().length; hole += 2) {
            domain.unmap(range.start() + from, range.holes()[hole] - from, gather);
            from = range.holes()[hole] + range.holes()[hole + 1];
        }
        domain.unmap(range.start() + from, range.length() - from, gather);
    }

    @Override
    void free(IovaRange range) {
        if (!range.isEmpty()) {
            domain.free(range.start(), range.length(), host().clock().nanoTime());
            frees.incrementAndGet();
        }
    }

    @Override
    public CoherentMemory allocateCoherent(long length) {
        PhysicalAllocation allocation =
                host().physicalMemory().allocate(PhysicalMemoryRequest.contiguous(length));
        try {
            return share(allocation);
        } catch (VerbsException noRoom) {
            allocation.close();
            throw noRoom;
        }
    }

    private CoherentMemory share(PhysicalAllocation allocation) {
        long within = allocation.address(0) & (domain.granule() - 1);
        long granules = (within + allocation.total() + domain.granule() - 1) & -domain.granule();
        IovaRange range = new IovaRange(allocate(granules), granules, new long[0]);
        MapResult result =
                domain.map(range.start(), allocation.address(0) - within, granules, true, true);
        if (result != MapResult.MAPPED) {
            free(range);
            throw new VerbsException(Errno.EIO, "allocateCoherent", "the IOMMU says " + result);
        }
        DmaSegment segment =
                new DmaSegment(AddressSpace.IOVA, range.start() + within, allocation.total());
        return new SharedMemory(
                allocation,
                segment,
                () -> {
                    unmap(range, true);
                    free(range);
                });
    }

    /// What the adapter finds at the addresses that it sends out. For one thread.
    public AddressedMemory memory() {
        return translatedMemory();
    }

    TranslatedMemory translatedMemory() {
        return new TranslatedMemory(host().physicalMemory(), busMemory(), domain, this::isAttached);
    }

    @Override
    public DmaStatistics statistics() {
        return new DmaStatistics(
                maps(),
                unmaps(),
                allocations.get(),
                frees.get(),
                allocatedBytes.get(),
                domain.statistics().syncMaps(),
                domain.statistics().iotlbFlushes(),
                bouncedBytes(),
                copiedBytes());
    }
}
