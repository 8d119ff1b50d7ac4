package org.softverbs.soft.sanitize;

import java.lang.ref.ReferenceQueue;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.softverbs.dma.AddressSpace;
import org.softverbs.dma.DmaDevice;
import org.softverbs.dma.DmaLimits;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.sanitizer.Finding;
import org.softverbs.sanitizer.Report;
import org.softverbs.sanitizer.Sanitizer;
import org.softverbs.soft.physical.KernelSpace;
import org.softverbs.soft.physical.MemoryObserver;
import org.softverbs.soft.physical.SparsePhysicalMemory;

/// The sanitizer of a host: what concerns memory, whichever device it is mapped for.
public final class DmaSanitizer implements Sanitizer, MemoryObserver {

    private final SparsePhysicalMemory memory;
    private final KernelSpace kernelSpace;
    private final Reporter reporter = new Reporter();
    private final RangeIndex<TrackedMapping> mapped = new RangeIndex<>();
    private final List<DeviceLedger> ledgers = new ArrayList<>();
    private final ReferenceQueue<Object> lostHandles = new ReferenceQueue<>();
    private final SlotHistory slots = new SlotHistory();
    private long live;
    private int watched;

    /// Switches the sanitizer on.
    ///
    /// @param memory that is mapped; it tells what happens to it
    public DmaSanitizer(SparsePhysicalMemory memory, KernelSpace kernelSpace) {
        this.memory = memory;
        this.kernelSpace = kernelSpace;
        memory.observe(this);
    }

    /// Begins to watch a device.
    ///
    /// @param name for reports
    /// @param granule what its IOMMU maps at least; 1 when there is none
    public synchronized DeviceLedger watch(String name, DmaLimits limits, long granule) {
        DeviceLedger ledger = new DeviceLedger(this, name + " " + (watched + 1), limits, granule);
        watched++;
        ledgers.add(ledger);
        return ledger;
    }

    /// Forgets a device that goes away; what it left mapped is reported.
    public synchronized void unwatch(DeviceLedger ledger) {
        if (ledgers.remove(ledger)) {
            Steps.all(this::collectLost, ledger::unbind);
        }
    }

    SparsePhysicalMemory memory() {
        return memory;
    }

    KernelSpace kernelSpace() {
        return kernelSpace;
    }

    Reporter reporter() {
        return reporter;
    }

    ReferenceQueue<Object> lostHandles() {
        return lostHandles;
    }

    SlotHistory slots() {
        return slots;
    }

    List<DeviceLedger> ledgers() {
        return ledgers;
    }

    /// Whether a kind of mapping has bytes that the CPU and the device take turns with.
    private static boolean takesTurns(TrackedMapping mapping) {
        return switch (mapping.kind()) {
            case SINGLE, SG, LINK, HANDLE -> true;
            case COHERENT, RESOURCE -> false;
        };
    }

    void add(TrackedMapping mapping) {
        if (takesTurns(mapping)) {
            mapping.ownership().giveToDevice(0, mapping.length(), memory, mapping.memory());
        }
        PhysicalVector ranges = mapping.memory();
        for (int i = 0; i < ranges.count(); i++) {
            mapped.add(ranges.address(i), ranges.length(i), mapping);
        }
        live++;
    }

    void remove(TrackedMapping mapping) {
        PhysicalVector ranges = mapping.memory();
        for (int i = 0; i < ranges.count(); i++) {
            mapped.remove(ranges.address(i), ranges.length(i), mapping);
        }
        live--;
    }

    /// Looks at what is to be mapped, beside what is.
    void checkOverlap(TrackedMapping mapping) {
        if (!takesTurns(mapping) || !mapping.direction().deviceWrites()) {
            return;
        }
        PhysicalVector ranges = mapping.memory();
        for (int i = 0; i < ranges.count(); i++) {
            long first = ranges.address(i) & -Ownership.LINE;
            long length = ranges.address(i) + ranges.length(i) - first;
            long lines = (length + Ownership.LINE - 1) & -Ownership.LINE;
            for (TrackedMapping other : mapped.overlapping(first, lines)) {
                if (takesTurns(other) && other.direction().deviceWrites()) {
                    reporter.report(
                            Finding.OVERLAP,
                            AddressSpace.PHYSICAL,
                            ranges.address(i),
                            ranges.length(i),
                            other,
                            "cache lines of it are mapped again");
                    return;
                }
            }
        }
    }

    /// The CPU reads or writes memory by one of the views that can be seen.
    @Override
    public synchronized void cpuAccess(long address, long length, boolean write) {
        for (TrackedMapping mapping : mapped.overlapping(address, length)) {
            if (takesTurns(mapping)) {
                forEachPart(
                        mapping,
                        address,
                        length,
                        (offset, size) -> cpuAccess(mapping, offset, size, address, write));
            }
        }
    }

    /// A device writes a part of a mapping: also what else is mapped there is no more what it was,
    /// by no fault of the CPU.
    void noteDeviceWrite(TrackedMapping mapping, long offset, long size) {
        mapping.ownership().noteDeviceWrite(offset, size);
        PhysicalVector ranges = mapping.memory();
        long before = 0;
        for (int i = 0; i < ranges.count(); i++) {
            long first = Math.max(offset - before, 0);
            long end = Math.min(offset - before + size, ranges.length(i));
            if (first < end) {
                noteDeviceWrite(ranges.address(i) + first, end - first);
            }
            before += ranges.length(i);
        }
    }

    private void noteDeviceWrite(long address, long length) {
        for (TrackedMapping other : mapped.overlapping(address, length)) {
            forEachPart(other, address, length, other.ownership()::noteDeviceWrite);
        }
    }

    /// What a device wrote to a part of a mapping is about to be there for the CPU: when it is
    /// copied back from a bounce buffer, that changes what else is mapped there only now.
    void noteCopyBack(TrackedMapping mapping, long offset, long size) {
        mapping.ownership()
                .forEachWritten(
                        offset, size, (from, length) -> noteDeviceWrite(mapping, from, length));
    }

    /// Is told of a part of a mapping.
    interface Part {
        void part(long offset, long size);
    }

    private static void forEachPart(TrackedMapping mapping, long from, long length, Part part) {
        PhysicalVector ranges = mapping.memory();
        long before = 0;
        for (int i = 0; i < ranges.count(); i++) {
            long first = Math.max(from, ranges.address(i));
            long end = Math.min(from + length, ranges.address(i) + ranges.length(i));
            if (first < end) {
                part.part(before + first - ranges.address(i), end - first);
            }
            before += ranges.length(i);
        }
    }

    private void cpuAccess(
            TrackedMapping mapping, long offset, long size, long address, boolean write) {
        Ownership turn = mapping.ownership();
        if (!turn.deviceOwns(offset, size)) {
            if (write) {
                turn.noteCpuWrite(offset, size);
            }
        } else if (write || mapping.direction().deviceWrites()) {
            boolean stale = !write && turn.deviceWrote(offset, size);
            reporter.report(
                    stale ? Finding.MISSING_SYNC : Finding.CPU_WHILE_DEVICE_OWNS,
                    AddressSpace.PHYSICAL,
                    address,
                    size,
                    mapping,
                    stale
                            ? "the CPU reads what the device wrote, without syncForCpu"
                            : "the CPU " + (write ? "writes" : "reads") + " it");
        }
    }

    /// Compares what the device owns with what it was when it was handed over.
    void checkUntouched(TrackedMapping mapping, long offset, long size) {
        if (!takesTurns(mapping)) {
            return;
        }
        long line = mapping.ownership().firstChanged(offset, size, true, memory, mapping.memory());
        if (line >= 0) {
            reporter.report(
                    Finding.CPU_WHILE_DEVICE_OWNS,
                    mapping.space(),
                    mapping.address() + line,
                    Math.min(Ownership.LINE, mapping.length() - line),
                    mapping,
                    "byte "
                            + line
                            + " and following are not what they were, though the device did"
                            + " not write them");
        }
    }

    @Override
    public synchronized void released(PhysicalVector freed) {
        Set<TrackedMapping> concerned = new LinkedHashSet<>();
        for (int i = 0; i < freed.count(); i++) {
            concerned.addAll(mapped.overlapping(freed.address(i), freed.length(i)));
        }
        concerned.removeIf(it -> it.kind() == MappingKind.COHERENT);
        Steps.forEach(concerned, mapping -> freedWhileMapped(freed, mapping));
    }

    private void freedWhileMapped(PhysicalVector freed, TrackedMapping mapping) {
        reporter.report(
                Finding.FREED_WHILE_MAPPED,
                AddressSpace.PHYSICAL,
                freed.address(0),
                freed.total(),
                mapping,
                "the memory is given back");
    }

    @Override
    public List<Report> reports() {
        return reporter.reports();
    }

    @Override
    public void clear() {
        reporter.clear();
    }

    @Override
    public void onReport(Consumer<Report> listener) {
        reporter.add(listener);
    }

    @Override
    public synchronized void unbind(DmaDevice device) {
        if (device instanceof WatchedDevice own) {
            Steps.all(this::collectLost, own.ledger()::unbind);
        }
    }

    @Override
    public synchronized void unbindAll() {
        Steps.all(this::collectLost, () -> Steps.forEach(ledgers, DeviceLedger::unbind));
    }

    @Override
    public synchronized void collectLost() {
        List<LostHandle> lost = new ArrayList<>();
        for (Object next = lostHandles.poll(); next != null; next = lostHandles.poll()) {
            if (next instanceof LostHandle handle) {
                lost.add(handle);
            }
        }
        Steps.forEach(lost, LostHandle::lost);
    }

    @Override
    public synchronized long liveMappings() {
        return live;
    }
}
