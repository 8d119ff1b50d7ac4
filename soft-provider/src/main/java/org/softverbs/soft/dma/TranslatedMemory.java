package org.softverbs.soft.dma;

import java.util.function.BooleanSupplier;
import org.softverbs.soft.iommu.IommuDomain;
import org.softverbs.soft.iommu.TranslationResult;
import org.softverbs.soft.iommu.TranslationSink;
import org.softverbs.soft.memory.AccessResult;
import org.softverbs.soft.memory.AddressedMemory;
import org.softverbs.soft.packet.RunList;
import org.softverbs.soft.physical.SparsePhysicalMemory;

/// Memory as an adapter behind an IOMMU sees it: addresses on the bus never come to the IOMMU, all
/// others are translated, also those that only the IOTLB still knows.
///
/// Which of the two an address is shows in its range alone: a domain gives out no address of the
/// windows of its members' host bridges.
final class TranslatedMemory implements AddressedMemory {

    private final SparsePhysicalMemory memory;
    private final BusMemory bus;
    private final IommuDomain domain;
    private final BooleanSupplier attached;
    private final RunList found = new RunList();
    private final TranslationSink sink = this::add;
    private boolean isMemory;
    private boolean stale;

    /// @param attached whether the domain translates for the adapter yet
    TranslatedMemory(
            SparsePhysicalMemory memory,
            BusMemory bus,
            IommuDomain domain,
            BooleanSupplier attached) {
        this.memory = memory;
        this.bus = bus;
        this.domain = domain;
        this.attached = attached;
    }

    @Override
    public AccessResult resolve(long address, long length, boolean write, RunList runs) {
        stale = false;
        if (!attached.getAsBoolean() || bus.isOnBus(address)) {
            return bus.resolve(address, length, write, runs);
        }
        found.clear();
        isMemory = true;
        TranslationResult result = domain.translate(address, length, write, sink);
        stale = result == TranslationResult.STALE;
        return switch (result) {
            case MAPPED, STALE -> grant(runs);
            case NOT_MAPPED -> AccessResult.NOT_MAPPED;
            case READ_REFUSED -> AccessResult.NO_DEVICE_READ;
            case WRITE_REFUSED -> AccessResult.NO_DEVICE_WRITE;
        };
    }

    /// Whether the last access went through only because the IOTLB was not flushed.
    boolean wasStale() {
        return stale;
    }

    private void add(long physical, long length) {
        isMemory = isMemory && memory.resolve(physical, length, found);
    }

    private AccessResult grant(RunList runs) {
        if (!isMemory) {
            return AccessResult.NO_MEMORY;
        }
        for (int run = 0; run < found.count(); run++) {
            runs.add(found.segment(run), found.offset(run), found.length(run));
        }
        return AccessResult.GRANTED;
    }
}
