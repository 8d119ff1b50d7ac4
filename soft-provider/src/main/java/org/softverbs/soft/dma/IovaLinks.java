package org.softverbs.soft.dma;

import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.IovaState;
import org.softverbs.soft.iommu.IommuDomain;
import org.softverbs.soft.iommu.IotlbGather;
import org.softverbs.soft.iommu.MapResult;
import org.softverbs.soft.pci.DevicePrivateFolio;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.VerbsException;

/// The two-step calls by addresses.
///
/// Source: `dma_iova_try_alloc`, `dma_iova_link`, `dma_iova_unlink` and `dma_iova_destroy` of
/// `drivers/iommu/dma-iommu.c`. Memory that would have to be bounced is refused.
final class IovaLinks {

    private static final String LINK = "link";

    private final TranslatedDmaDevice device;
    private final IommuDomain domain;
    private final long granule;

    IovaLinks(TranslatedDmaDevice device) {
        this.device = device;
        this.domain = device.domain();
        this.granule = domain.granule();
    }

    static VerbsException notAllocated() {
        return new VerbsException(Errno.EINVAL, LINK, "the state has no I/O virtual addresses");
    }

    boolean tryAllocate(IovaState state, long physicalAddress, long size) {
        if (size < 1) {
            return false;
        }
        try {
            long within = physicalAddress & (granule - 1);
            long start = device.allocate(alignUp(size + within));
            state.set(start + within, size);
            return true;
        } catch (VerbsException noRoom) {
            return false;
        }
    }

    private long alignUp(long length) {
        return (length + granule - 1) & -granule;
    }

    /// The granules of a part: where they begin, and how long they are.
    private IovaRange granules(IovaState state, long offset, long size) {
        long first = (state.address() + offset) & -granule;
        long end = alignUp(state.address() + offset + size);
        return new IovaRange(first, end - first, new long[0]);
    }

    void link(IovaState state, long name, long offset, long size, DmaDirection direction) {
        long physicalAddress = settle(name, size);
        long within = physicalAddress & (granule - 1);
        if (within != 0 && offset > 0) {
            throw new VerbsException(Errno.EIO, LINK, "memory begins inside of a granule");
        }
        if (size < 1 || offset < 0 || offset > state.size() - size) {
            throw new VerbsException(
                    Errno.EINVAL, LINK, size + " bytes from " + offset + " are not allocated");
        }
        if (((state.address() + offset) & (granule - 1)) != within) {
            throw new VerbsException(
                    Errno.EINVAL, LINK, "offset " + offset + " lies in its granule as no memory");
        }
        if (!(device.find(physicalAddress, size) instanceof ElementPath.Memory)) {
            throw new VerbsException(
                    Errno.EIO, LINK, "the device does not reach the memory as it is");
        }
        IovaRange range = granules(state, offset, size);
        MapResult result =
                domain.link(
                        range.start(),
                        physicalAddress - within,
                        range.length(),
                        direction.deviceReads(),
                        direction.deviceWrites());
        if (result != MapResult.MAPPED) {
            throw new VerbsException(Errno.EINVAL, LINK, "the IOMMU refuses: " + result);
        }
    }

    /// Nothing tells when an alias would be over: device-private pages are moved, or refused.
    private long settle(long address, long size) {
        DevicePrivateFolio folio = device.privatePages().folioAt(address, size);
        return folio == null
                ? address
                : device.privatePages()
                        .withoutAliases()
                        .settle(folio, address, size, device::find, DevicePrivatePages.Loans.NONE);
    }

    void sync() {
        domain.syncMap();
    }

    void unlink(IovaState state, long offset, long size) {
        if (state.isAllocated() && offset >= 0 && size > 0 && offset <= state.size() - size) {
            IovaRange range = granules(state, offset, size);
            IotlbGather gather = IotlbGather.strict();
            domain.unmap(range.start(), range.length(), gather);
            domain.sync(gather);
        }
    }

    void free(IovaState state) {
        if (state.isAllocated()) {
            device.free(granules(state, 0, state.size()));
            state.set(0, 0);
        }
    }
}
