package org.softverbs.soft.dma;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.softverbs.dma.CoherentMemory;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDevice;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaLimits;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaStatistics;
import org.softverbs.dma.DmaTransaction;
import org.softverbs.dma.PhysicalRange;
import org.softverbs.dma.PhysicalRanges;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.dma.RawDma;
import org.softverbs.dma.ScatterList;
import org.softverbs.soft.physical.LinearMap;
import org.softverbs.soft.sanitize.DeviceLedger;
import org.softverbs.soft.sanitize.MappingKind;
import org.softverbs.soft.sanitize.TrackedMapping;
import org.softverbs.soft.sanitize.WatchedDevice;
import org.softverbs.verbs.VerbsException;

/// The DMA layer of a device with the sanitizer looking on.
final class CheckedDmaDevice implements DmaDevice, WatchedDevice {

    private final VectorDmaDevice device;
    private final DeviceLedger ledger;
    private final RawDma raw;

    CheckedDmaDevice(VectorDmaDevice device, DeviceLedger ledger) {
        this.device = device;
        this.ledger = ledger;
        this.raw = new CheckedRawDma(device, new AddressDma(device), ledger);
    }

    @Override
    public DeviceLedger ledger() {
        return ledger;
    }

    @Override
    public DmaAddressing addressing() {
        return device.addressing();
    }

    @Override
    public DmaLimits limits() {
        return device.limits();
    }

    private DmaMapping tracked(PhysicalVector vector, DmaMapping mapping) {
        return tracked(vector, mapping, MappingKind.HANDLE);
    }

    /// Keeps a copy: the vector may change when it is mapped. A listener that throws at a report
    /// leaves nothing mapped.
    private DmaMapping tracked(PhysicalVector vector, DmaMapping mapping, MappingKind kind) {
        try {
            TrackedMapping tracked =
                    ledger.add(
                            kind,
                            mapping.segments(),
                            device.privatePages().settled(vector),
                            mapping.direction());
            CheckedMapping checked = new CheckedMapping(mapping, ledger, tracked);
            ledger.watch(checked, tracked);
            return checked;
        } catch (RuntimeException | Error reported) {
            mapping.close();
            throw reported;
        }
    }

    private <T> T judged(PhysicalVector vector, Supplier<T> call) {
        ledger.mapChecks().memory(vector);
        return unlessRefused(vector, call);
    }

    private <T> T unlessRefused(PhysicalVector vector, Supplier<T> call) {
        try {
            return call.get();
        } catch (VerbsException refused) {
            ledger.mapChecks().refused(vector, device.isTranslated());
            throw refused;
        }
    }

    @Override
    public DmaMapping map(PhysicalVector vector, DmaDirection direction) {
        return tracked(vector, judged(vector, () -> device.map(vector, direction)));
    }

    @Override
    public DmaTransaction begin(PhysicalVector vector, DmaDirection direction) {
        DmaTransaction begun = judged(vector, () -> device.begin(vector, direction));
        return new CheckedTransaction(begun, ledger, mapping -> tracked(vector, mapping));
    }

    @Override
    public DmaMapping mapSg(ScatterList list, DmaDirection direction) {
        DmaMapping mapping = judged(list, () -> device.map(list, direction));
        try {
            ledger.mapChecks().list(list, mapping.segments());
        } catch (RuntimeException | Error reported) {
            mapping.close();
            throw reported;
        }
        return tracked(list, mapping);
    }

    private static PhysicalVector range(long address, long length) {
        return PhysicalRanges.of(new PhysicalRange(address, length));
    }

    @Override
    public DmaMapping mapPage(long physicalAddress, long length, DmaDirection direction) {
        return map(range(physicalAddress, length), direction);
    }

    @Override
    public DmaMapping mapPages(PhysicalVector vector, DmaDirection direction) {
        return tracked(vector, judged(vector, () -> device.mapPages(vector, direction)));
    }

    @Override
    public DmaMapping mapResource(long physicalAddress, long length, DmaDirection direction) {
        DmaMapping mapping = device.mapResource(physicalAddress, length, direction);
        return tracked(range(physicalAddress, length), mapping, MappingKind.RESOURCE);
    }

    @Override
    public CoherentMemory allocateCoherent(long length) {
        CoherentMemory memory = device.allocateCoherent(length);
        try {
            TrackedMapping tracked =
                    ledger.add(
                            MappingKind.COHERENT,
                            List.of(memory.deviceSegment()),
                            range(memory.physicalAddress(), length),
                            DmaDirection.BIDIRECTIONAL);
            CheckedCoherent checked = new CheckedCoherent(memory, ledger, tracked);
            ledger.watch(checked, tracked);
            return checked;
        } catch (RuntimeException | Error reported) {
            memory.close();
            throw reported;
        }
    }

    @Override
    public DmaMapping mapSingle(long kernelAddress, long length, DmaDirection direction) {
        ledger.mapChecks().kernelAddress(kernelAddress, length);
        PhysicalVector memory = range(LinearMap.require(kernelAddress), length);
        return tracked(memory, unlessRefused(memory, () -> device.map(memory, direction)));
    }

    /// A listener that throws at a report leaves those behind it mapped.
    @Override
    public void unmapAll(List<DmaMapping> mappings) {
        List<DmaMapping> inner = new ArrayList<>();
        try {
            for (DmaMapping mapping : mappings) {
                inner.add(mapping instanceof CheckedMapping checked ? checked.inner() : mapping);
                if (mapping instanceof CheckedMapping checked) {
                    checked.retire();
                }
            }
        } finally {
            device.unmapAll(inner);
        }
    }

    @Override
    public DmaStatistics statistics() {
        return device.statistics();
    }

    @Override
    public RawDma raw() {
        return raw;
    }
}
