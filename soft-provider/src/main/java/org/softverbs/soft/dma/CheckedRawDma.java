package org.softverbs.soft.dma;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.softverbs.dma.AddressSpace;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.IovaState;
import org.softverbs.dma.PhysicalRange;
import org.softverbs.dma.PhysicalRanges;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.dma.RawCoherent;
import org.softverbs.dma.RawDma;
import org.softverbs.dma.ScatterList;
import org.softverbs.soft.bounce.BounceCheck;
import org.softverbs.soft.physical.LinearMap;
import org.softverbs.soft.sanitize.CallChecks;
import org.softverbs.soft.sanitize.DeviceLedger;
import org.softverbs.soft.sanitize.MappingKind;
import org.softverbs.soft.sanitize.TrackedMapping;
import org.softverbs.verbs.VerbsException;

/// The DMA layer by addresses with the sanitizer looking on.
final class CheckedRawDma implements RawDma {

    private final VectorDmaDevice device;
    private final AddressDma raw;
    private final DeviceLedger ledger;
    private final CallChecks checks;

    CheckedRawDma(VectorDmaDevice device, AddressDma raw, DeviceLedger ledger) {
        this.device = device;
        this.raw = raw;
        this.ledger = ledger;
        this.checks = ledger.callChecks();
    }

    private static PhysicalVector range(long address, long length) {
        return PhysicalRanges.of(new PhysicalRange(address, length));
    }

    private static boolean isRange(long address, long length) {
        return address >= 0 && length > 0 && address <= Long.MAX_VALUE - length;
    }

    @Override
    public long mapPage(long physicalAddress, long length, DmaDirection direction) {
        if (!isRange(physicalAddress, length)) {
            return MAPPING_ERROR;
        }
        PhysicalVector memory = range(physicalAddress, length);
        ledger.mapChecks().memory(memory);
        long address = raw.mapPage(physicalAddress, length, direction);
        return tracked(MappingKind.SINGLE, address, memory, direction);
    }

    @Override
    public long mapSingle(long kernelAddress, long length, DmaDirection direction) {
        ledger.mapChecks().kernelAddress(kernelAddress, length);
        long address = raw.mapSingle(kernelAddress, length, direction);
        boolean isMemory =
                LinearMap.contains(kernelAddress)
                        && isRange(LinearMap.physical(kernelAddress), length);
        return isMemory
                ? tracked(
                        MappingKind.SINGLE,
                        address,
                        range(LinearMap.physical(kernelAddress), length),
                        direction)
                : address;
    }

    @Override
    public long mapResource(long physicalAddress, long length, DmaDirection direction) {
        long address = raw.mapResource(physicalAddress, length, direction);
        return address == MAPPING_ERROR
                ? address
                : tracked(MappingKind.RESOURCE, address, range(physicalAddress, length), direction);
    }

    private long tracked(
            MappingKind kind, long address, PhysicalVector memory, DmaDirection direction) {
        if (address == MAPPING_ERROR) {
            ledger.mapChecks().refused(memory, device.isTranslated());
            return address;
        }
        unlessReported(
                () ->
                        ledger.add(
                                kind,
                                List.of(segment(address, memory.total())),
                                device.privatePages().settled(memory),
                                direction),
                () -> raw.unmapPage(address, memory.total(), direction));
        return address;
    }

    /// A listener that throws at a report leaves nothing mapped.
    private static void unlessReported(Runnable check, Runnable undo) {
        try {
            check.run();
        } catch (RuntimeException | Error reported) {
            undo.run();
            throw reported;
        }
    }

    private DmaSegment segment(long address, long length) {
        return new DmaSegment(space(address), address, length);
    }

    private AddressSpace space(long address) {
        if (device.isTranslated()) {
            return AddressSpace.IOVA;
        }
        boolean bounced = device.pool().filter(it -> it.contains(address)).isPresent();
        if (bounced) {
            return AddressSpace.BOUNCE;
        }
        return LinearMap.contains(address) ? AddressSpace.VIRTUAL : AddressSpace.PHYSICAL;
    }

    @Override
    public boolean mappingError(long address) {
        checks.errorChecked(address);
        return raw.mappingError(address);
    }

    @Override
    public void unmapPage(long address, long length, DmaDirection direction) {
        try {
            checks.unmap(MappingKind.SINGLE, address, length, direction, CallChecks.ANY);
        } finally {
            raw.unmapPage(address, length, direction);
        }
    }

    @Override
    public void unmapSingle(long address, long length, DmaDirection direction) {
        unmapPage(address, length, direction);
    }

    @Override
    public void unmapResource(long address, long length, DmaDirection direction) {
        try {
            checks.unmap(MappingKind.RESOURCE, address, length, direction, CallChecks.ANY);
        } finally {
            raw.unmapResource(address, length, direction);
        }
    }

    @Override
    public List<DmaSegment> mapSg(ScatterList list, DmaDirection direction) {
        ledger.mapChecks().memory(list);
        List<DmaSegment> segments = raw.mapSg(list, direction);
        if (segments.isEmpty()) {
            ledger.mapChecks().refused(list, device.isTranslated());
        } else {
            unlessReported(
                    () -> {
                        ledger.mapChecks().list(list, segments);
                        ledger.add(
                                MappingKind.SG,
                                segments,
                                device.privatePages().settled(list),
                                direction);
                    },
                    () -> raw.unmapSg(segments, list.count(), direction));
        }
        return segments;
    }

    @Override
    public void unmapSg(List<DmaSegment> segments, int entries, DmaDirection direction) {
        long address = segments.isEmpty() ? MAPPING_ERROR : segments.getFirst().address();
        try {
            checks.unmap(MappingKind.SG, address, bytes(segments), direction, entries);
        } finally {
            raw.unmapSg(segments, entries, direction);
        }
    }

    private static long bytes(List<DmaSegment> segments) {
        return segments.stream().mapToLong(DmaSegment::length).sum();
    }

    @Override
    public Optional<RawCoherent> allocateCoherent(long length) {
        Optional<RawCoherent> memory = raw.allocateCoherent(length);
        memory.ifPresent(
                it ->
                        unlessReported(
                                () -> coherent(it, length),
                                () -> raw.freeCoherent(length, it.kernelAddress(), it.address())));
        return memory;
    }

    private void coherent(RawCoherent memory, long length) {
        ledger.add(
                MappingKind.COHERENT,
                List.of(segment(memory.address(), length)),
                range(LinearMap.physical(memory.kernelAddress()), length),
                DmaDirection.BIDIRECTIONAL);
    }

    @Override
    public void freeCoherent(long length, long kernelAddress, long address) {
        try {
            checks.free(length, kernelAddress, address);
        } finally {
            raw.freeCoherent(length, kernelAddress, address);
        }
    }

    @Override
    public void syncSingleForCpu(long address, long length, DmaDirection direction) {
        sync(address, length, direction, CallChecks.ANY, true);
    }

    @Override
    public void syncSingleForDevice(long address, long length, DmaDirection direction) {
        sync(address, length, direction, CallChecks.ANY, false);
    }

    /// What a bounce pool finds is told in place of what the mapping would: it says more.
    private void sync(
            long address, long length, DmaDirection direction, int entries, boolean forCpu) {
        Optional<TrackedMapping> before = checks.inside(address, length);
        if (before.isPresent() && forCpu) {
            TrackedMapping mapping = before.get();
            ledger.beforeSyncForCpu(mapping, checks.offset(mapping, address), length);
        }
        BounceCheck bounced =
                forCpu
                        ? raw.syncForCpu(address, length, direction)
                        : raw.syncForDevice(address, length, direction);
        if (BounceFindings.of(bounced).isPresent()) {
            checks.bounce(BounceFindings.of(bounced).get(), address, length);
            return;
        }
        @Nullable TrackedMapping mapping = checks.sync(address, length, direction, entries, forCpu);
        if (mapping != null) {
            handOver(mapping, address, length, forCpu);
        }
    }

    private void handOver(TrackedMapping mapping, long address, long length, boolean forCpu) {
        long offset = checks.offset(mapping, address);
        if (forCpu) {
            ledger.syncedForCpu(mapping, offset, length);
        } else {
            ledger.syncedForDevice(mapping, offset, length);
        }
    }

    @Override
    public void syncSgForCpu(List<DmaSegment> segments, int entries, DmaDirection direction) {
        syncSg(segments, entries, direction, true);
    }

    @Override
    public void syncSgForDevice(List<DmaSegment> segments, int entries, DmaDirection direction) {
        syncSg(segments, entries, direction, false);
    }

    /// The number of entries is judged once.
    private void syncSg(
            List<DmaSegment> segments, int entries, DmaDirection direction, boolean forCpu) {
        int count = entries;
        for (DmaSegment segment : segments) {
            sync(segment.address(), segment.length(), direction, count, forCpu);
            count = CallChecks.ANY;
        }
    }

    @Override
    public boolean tryAllocate(IovaState state, long physicalAddress, long size) {
        boolean allocated = raw.tryAllocate(state, physicalAddress, size);
        if (allocated) {
            ledger.links().allocated(state.address(), size);
        }
        return allocated;
    }

    @Override
    public void link(
            IovaState state, long physicalAddress, long offset, long size, DmaDirection direction) {
        if (isRange(physicalAddress, size)) {
            ledger.mapChecks().memory(range(physicalAddress, size));
        }
        try {
            raw.link(state, physicalAddress, offset, size, direction);
        } catch (VerbsException refused) {
            if (isRange(physicalAddress, size)) {
                ledger.mapChecks().refused(range(physicalAddress, size), true);
            }
            throw refused;
        }
        unlessReported(
                () ->
                        ledger.links()
                                .linked(state.address(), physicalAddress, offset, size, direction),
                () -> raw.unlink(state, offset, size));
    }

    @Override
    public void sync(IovaState state, long offset, long size) {
        ledger.links().synced(state.address(), offset, size);
        raw.sync(state, offset, size);
    }

    @Override
    public void unlink(IovaState state, long offset, long size) {
        try {
            ledger.links().unlinked(state.address(), offset, size);
        } finally {
            raw.unlink(state, offset, size);
        }
    }

    @Override
    public void free(IovaState state) {
        try {
            ledger.links().freed(state.address());
        } finally {
            raw.free(state);
        }
    }

    @Override
    public void destroy(IovaState state, long mappedLength) {
        try {
            ledger.links().destroyed(state.address(), mappedLength);
        } finally {
            raw.destroy(state, mappedLength);
        }
    }
}
