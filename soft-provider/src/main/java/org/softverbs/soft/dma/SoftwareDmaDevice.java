package org.softverbs.soft.dma;

import java.util.Optional;
import java.util.Set;
import org.softverbs.dma.AddressSpace;
import org.softverbs.dma.CoherentMemory;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaLimits;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.DmaStatistics;
import org.softverbs.dma.PageFlag;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.memory.AddressedMemory;
import org.softverbs.soft.pci.DevicePagemaps;
import org.softverbs.soft.physical.LinearMap;
import org.softverbs.soft.physical.SparsePhysicalMemory;
import org.softverbs.verbs.Errno;

/// The DMA layer of a device whose data the CPU moves: it is given the CPU's own addresses, nothing
/// is translated and nothing is to be undone.
///
/// With [DmaAddressing#PHYSICAL] it reaches everything that the CPU reaches, high memory and a
/// peer's BAR too. With [DmaAddressing#VIRTUAL] it is as Linux rxe and siw are
/// (`ib_uses_virt_dma`): no high memory, no peers.
///
/// Source: `ib_dma_virt_map_sg` of `drivers/infiniband/core/device.c`; physical addresses as in
/// "remove dma_virt_ops", linux-rdma, November 2020. Linux gives an element for each element; here
/// neighbours are joined.
public final class SoftwareDmaDevice extends VectorDmaDevice {

    private static final ElementPath MEMORY = new ElementPath.Memory();
    private static final ElementPath PEER_WITHOUT_ADDRESS =
            new ElementPath.Refused(
                    Errno.EREMOTEIO,
                    "is a peer's memory, which has no kernel virtual address; a device with PHYSICAL"
                            + " addressing reaches it");

    private final DevicePrivatePages privatePages;
    private final SparsePhysicalMemory memory;
    private final DmaAddressing addressing;
    private final DmaLimits limits;

    /// A device that is refused device-private pages.
    ///
    /// @param addressing `PHYSICAL` or `VIRTUAL`
    /// @throws IllegalArgumentException for `IOVA`: a CPU has no IOMMU in front of it
    public SoftwareDmaDevice(
            SparsePhysicalMemory memory, DmaAddressing addressing, DmaLimits limits) {
        this(memory, new DevicePagemaps(memory), addressing, limits, DevicePrivatePolicy.REFUSE);
    }

    /// @param addressing `PHYSICAL` or `VIRTUAL`; the latter is refused device-private pages
    ///     whatever the policy, as no page fault moves them when kernel code takes their virtual
    ///     address
    /// @param devicePrivate what becomes of pages that a device keeps for itself
    /// @throws IllegalArgumentException for `IOVA`: a CPU has no IOMMU in front of it
    public SoftwareDmaDevice(
            Host host,
            DmaAddressing addressing,
            DmaLimits limits,
            DevicePrivatePolicy devicePrivate) {
        this(host.physicalMemory(), host.pagemaps(), addressing, limits, devicePrivate);
    }

    private SoftwareDmaDevice(
            SparsePhysicalMemory memory,
            DevicePagemaps pagemaps,
            DmaAddressing addressing,
            DmaLimits limits,
            DevicePrivatePolicy devicePrivate) {
        if (addressing == DmaAddressing.IOVA) {
            throw new IllegalArgumentException("a software device has no IOVA");
        }
        this.memory = memory;
        DevicePrivatePages pages =
                new DevicePrivatePages(pagemaps, devicePrivate, Optional.empty());
        this.privatePages = addressing == DmaAddressing.VIRTUAL ? pages.refusing() : pages;
        this.addressing = addressing;
        this.limits = limits;
    }

    @Override
    public DmaAddressing addressing() {
        return addressing;
    }

    @Override
    public DmaLimits limits() {
        return limits;
    }

    @Override
    ElementTransaction begin(ElementList elements, DmaDirection direction) {
        return new UntranslatedTransaction(
                this,
                elements,
                space(),
                new SegmentJoiner(Long.MAX_VALUE, limits.maxSegment()),
                BounceBuffers.none(direction));
    }

    @Override
    DevicePrivatePages privatePages() {
        return privatePages;
    }

    private AddressSpace space() {
        return addressing == DmaAddressing.PHYSICAL ? AddressSpace.PHYSICAL : AddressSpace.VIRTUAL;
    }

    @Override
    ElementPath find(long address, long length) {
        if (!memory.isMemory(address, length)) {
            return new ElementPath.Refused(Errno.EFAULT, "is no memory");
        }
        Set<PageFlag> flags = memory.flags(address);
        if (addressing == DmaAddressing.VIRTUAL && flags.contains(PageFlag.HIGHMEM)) {
            return new ElementPath.Refused(
                    Errno.EFAULT,
                    "is high memory, which has no kernel virtual address; a device with PHYSICAL"
                            + " addressing reaches it");
        }
        if (addressing == DmaAddressing.VIRTUAL && flags.contains(PageFlag.DEVICE)) {
            return PEER_WITHOUT_ADDRESS;
        }
        return MEMORY;
    }

    @Override
    ElementPath findResource(long address, long length) {
        if (memory.isMemory(address, length) && !memory.flags(address).contains(PageFlag.DEVICE)) {
            return new ElementPath.Refused(Errno.EINVAL, "is ordinary memory, no device's");
        }
        return addressing == DmaAddressing.VIRTUAL ? PEER_WITHOUT_ADDRESS : MEMORY;
    }

    @Override
    void unmap(IovaRange range, boolean atOnce) {}

    @Override
    void free(IovaRange range) {}

    @Override
    public CoherentMemory allocateCoherent(long length) {
        PhysicalAllocation allocation = memory.allocate(PhysicalMemoryRequest.contiguous(length));
        long address = allocation.address(0);
        boolean isVirtual = addressing == DmaAddressing.VIRTUAL;
        return new SharedMemory(
                allocation,
                new DmaSegment(space(), isVirtual ? LinearMap.virtual(address) : address, length),
                () -> {});
    }

    /// What the device finds at the addresses that it is given. For one thread.
    public AddressedMemory memory() {
        return new CpuMemory(memory, addressing);
    }

    @Override
    public DmaStatistics statistics() {
        return new DmaStatistics(maps(), unmaps(), 0, 0, 0, 0, 0, 0, 0);
    }
}
