package org.softverbs.soft.dma;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.softverbs.dma.AddressSpace;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaLimits;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.DmaStatistics;
import org.softverbs.dma.PageFlag;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.soft.physical.LinearMap;
import org.softverbs.soft.physical.SparsePhysicalMemory;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.VerbsException;

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

    private final SparsePhysicalMemory memory;
    private final DmaAddressing addressing;
    private final DmaLimits limits;

    /// @param addressing `PHYSICAL` or `VIRTUAL`
    /// @throws IllegalArgumentException for `IOVA`: a CPU has no IOMMU in front of it
    public SoftwareDmaDevice(
            SparsePhysicalMemory memory, DmaAddressing addressing, DmaLimits limits) {
        if (addressing == DmaAddressing.IOVA) {
            throw new IllegalArgumentException("a software device has no IOVA");
        }
        this.memory = memory;
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
    DmaMapping mapElements(PhysicalVector vector, DmaDirection direction, Runnable onClose) {
        for (int i = 0; i < vector.count(); i++) {
            check(i, vector.address(i), vector.length(i));
        }
        List<DmaSegment> segments = new ArrayList<>();
        SegmentJoiner joiner =
                new SegmentJoiner(Long.MAX_VALUE, limits.maxSegment()).begin(into(segments));
        for (int i = 0; i < vector.count(); i++) {
            long address = vector.address(i);
            if (addressing == DmaAddressing.VIRTUAL) {
                address = LinearMap.virtual(address);
            }
            joiner.add(space(), address, vector.length(i));
        }
        joiner.end();
        return new UntranslatedMapping(
                segments, direction, vector.total(), new BounceBuffers(direction), onClose);
    }

    private AddressSpace space() {
        return addressing == DmaAddressing.PHYSICAL ? AddressSpace.PHYSICAL : AddressSpace.VIRTUAL;
    }

    private void check(int index, long address, long length) {
        if (!memory.isMemory(address, length)) {
            throw new VerbsException(
                    Errno.EFAULT,
                    MAP,
                    "element " + index + " is no memory: " + describe(address, length));
        }
        if (addressing == DmaAddressing.PHYSICAL) {
            return;
        }
        Set<PageFlag> flags = memory.flags(address);
        if (flags.contains(PageFlag.HIGHMEM)) {
            throw new VerbsException(
                    Errno.EFAULT,
                    MAP,
                    "element "
                            + index
                            + " is high memory, which has no kernel virtual address: "
                            + describe(address, length)
                            + "; a device with PHYSICAL addressing reaches it");
        }
        if (flags.contains(PageFlag.DEVICE)) {
            throw new VerbsException(
                    Errno.EREMOTEIO,
                    MAP,
                    "element "
                            + index
                            + " is a peer's memory, which has no kernel virtual address: "
                            + describe(address, length));
        }
    }

    private static String describe(long address, long length) {
        return length + " bytes at physical address 0x" + Long.toHexString(address);
    }

    @Override
    public DmaStatistics statistics() {
        return new DmaStatistics(maps(), unmaps(), 0, 0, 0, 0, 0, 0);
    }
}
