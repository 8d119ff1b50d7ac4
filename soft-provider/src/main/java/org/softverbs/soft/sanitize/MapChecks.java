package org.softverbs.soft.sanitize;

import java.util.List;
import org.softverbs.dma.AddressSpace;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.sanitizer.Finding;
import org.softverbs.soft.physical.KernelArea;
import org.softverbs.soft.physical.KernelSpace;

/// Checks of memory that is to be mapped.
///
/// Source: `check_for_stack`, `check_for_illegal_area`, `debug_dma_map_single` and
/// `check_sg_segment` of `kernel/dma/debug.c`.
public final class MapChecks {

    private final DeviceLedger ledger;

    MapChecks(DeviceLedger ledger) {
        this.ledger = ledger;
    }

    private KernelSpace kernelSpace() {
        return ledger.sanitizer().kernelSpace();
    }

    /// Looks at an address of the kernel, before it is mapped.
    public void kernelAddress(long address, long length) {
        area(
                AddressSpace.VIRTUAL,
                address,
                length,
                kernelSpace().areaOf(address, Math.max(length, 1)));
    }

    /// Looks at memory, before it is mapped.
    public void memory(PhysicalVector memory) {
        for (int i = 0; i < memory.count(); i++) {
            long address = memory.address(i);
            long length = memory.length(i);
            KernelArea area = kernelSpace().areaOfPhysical(address, length);
            area(AddressSpace.PHYSICAL, address, length, area);
        }
    }

    private void area(AddressSpace space, long address, long length, KernelArea area) {
        switch (area) {
            case MEMORY -> {}
            case STACK -> area(Finding.STACK, space, address, length, "a task's stack");
            case TEXT -> area(Finding.KERNEL_TEXT, space, address, length, "the kernel's text");
            case VMALLOC -> area(Finding.VMALLOC, space, address, length, "the vmalloc range");
            case INVALID ->
                    area(Finding.INVALID_KERNEL_ADDRESS, space, address, length, "no memory");
        }
    }

    private void area(Finding finding, AddressSpace space, long address, long length, String what) {
        synchronized (ledger.lock()) {
            ledger.report(finding, space, address, length, null, "it is " + what);
        }
    }

    /// Looks at the elements of a list that was mapped.
    public void list(PhysicalVector list, List<DmaSegment> segments) {
        synchronized (ledger.lock()) {
            boolean translated = segments.stream().anyMatch(it -> it.space() == AddressSpace.IOVA);
            for (int i = 0; i < list.count(); i++) {
                element(i, list.address(i), list.length(i), translated);
            }
        }
    }

    private void element(int index, long address, long length, boolean translated) {
        long most = ledger.limits().maxSegment();
        if (length > most) {
            ledger.report(
                    Finding.SEGMENT_TOO_LONG,
                    AddressSpace.PHYSICAL,
                    address,
                    length,
                    null,
                    "element " + index + " is longer than " + most);
            return;
        }
        long boundary = ledger.limits().segmentBoundary();
        boolean crosses =
                translated
                        ? length - 1 > boundary
                        : ((address ^ (address + length - 1)) & ~boundary) != 0;
        if (crosses) {
            ledger.report(
                    Finding.SEGMENT_CROSSES_BOUNDARY,
                    AddressSpace.PHYSICAL,
                    address,
                    length,
                    null,
                    "element "
                            + index
                            + " crosses a multiple of 0x"
                            + Long.toHexString(boundary + 1));
        }
    }

    /// Looks at memory that was refused.
    ///
    /// @param translated whether an IOMMU stands between, so that the mask is no hindrance
    public void refused(PhysicalVector memory, boolean translated) {
        for (int i = 0; i < memory.count(); i++) {
            long address = memory.address(i);
            long length = memory.length(i);
            if (ledger.sanitizer().memory().isPrivate(address)) {
                refused(Finding.PRIVATE_EXPOSED, address, length, "it is private memory");
                return;
            }
            if (!translated && address + length - 1 > ledger.limits().mask()) {
                String mask = Long.toHexString(ledger.limits().mask());
                refused(Finding.BEYOND_MASK, address, length, "it is beyond 0x" + mask);
                return;
            }
        }
    }

    private void refused(Finding finding, long address, long length, String detail) {
        synchronized (ledger.lock()) {
            ledger.report(finding, AddressSpace.PHYSICAL, address, length, null, detail);
        }
    }
}
