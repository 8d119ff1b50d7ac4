package org.softverbs.soft.dma;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.softverbs.dma.CoherentMemory;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.IovaState;
import org.softverbs.dma.RawCoherent;
import org.softverbs.dma.RawDma;
import org.softverbs.dma.ScatterList;
import org.softverbs.soft.bounce.BounceCheck;
import org.softverbs.soft.bounce.BouncePool;
import org.softverbs.soft.physical.LinearMap;
import org.softverbs.verbs.VerbsException;

/// The DMA layer by addresses: remembers the handle of each address that it gave. Undoing names the
/// address only; what else is said wrongly changes nothing, and an address that is not mapped does
/// nothing.
final class AddressDma implements RawDma {

    /// What is mapped at an address; on a direct map there can be several.
    private record Live(AutoCloseable handle, @Nullable Live next) {}

    private final VectorDmaDevice device;
    private final Optional<IovaLinks> links;
    private final Map<Long, Live> live = new HashMap<>();

    AddressDma(VectorDmaDevice device) {
        this.device = device;
        this.links = device.links();
    }

    @Override
    public long mapPage(long physicalAddress, long length, DmaDirection direction) {
        return single(() -> device.mapPage(physicalAddress, length, direction));
    }

    @Override
    public long mapSingle(long kernelAddress, long length, DmaDirection direction) {
        return single(() -> device.mapSingle(kernelAddress, length, direction));
    }

    @Override
    public long mapResource(long physicalAddress, long length, DmaDirection direction) {
        return single(() -> device.mapResource(physicalAddress, length, direction));
    }

    @FunctionalInterface
    private interface Call {
        DmaMapping map();
    }

    private long single(Call call) {
        DmaMapping mapping;
        try {
            mapping = call.map();
        } catch (VerbsException | IllegalArgumentException refused) {
            return MAPPING_ERROR;
        }
        if (!isOneRun(mapping.segments())) {
            mapping.close();
            return MAPPING_ERROR;
        }
        long address = mapping.segments().getFirst().address();
        remember(address, mapping);
        return address;
    }

    private static boolean isOneRun(List<DmaSegment> segments) {
        long next = segments.getFirst().address();
        for (DmaSegment segment : segments) {
            if (segment.address() != next) {
                return false;
            }
            next += segment.length();
        }
        return true;
    }

    private synchronized void remember(long address, AutoCloseable handle) {
        live.put(address, new Live(handle, live.get(address)));
    }

    private void forget(long address) {
        AutoCloseable handle = take(address);
        switch (handle) {
            case DmaMapping mapping -> mapping.close();
            case CoherentMemory memory -> memory.close();
            case null -> {}
            default -> throw new AssertionError("a handle of no kind: " + handle);
        }
    }

    private synchronized @Nullable AutoCloseable take(long address) {
        Live found = live.remove(address);
        if (found == null) {
            return null;
        }
        if (found.next() != null) {
            live.put(address, found.next());
        }
        return found.handle();
    }

    @Override
    public boolean mappingError(long address) {
        return address == MAPPING_ERROR;
    }

    @Override
    public void unmapPage(long address, long length, DmaDirection direction) {
        forget(address);
    }

    @Override
    public void unmapSingle(long address, long length, DmaDirection direction) {
        forget(address);
    }

    @Override
    public void unmapResource(long address, long length, DmaDirection direction) {
        forget(address);
    }

    @Override
    public List<DmaSegment> mapSg(ScatterList list, DmaDirection direction) {
        try {
            DmaMapping mapping = device.mapSg(list, direction);
            remember(mapping.segments().getFirst().address(), mapping);
            return mapping.segments();
        } catch (VerbsException refused) {
            return List.of();
        }
    }

    @Override
    public void unmapSg(List<DmaSegment> segments, int entries, DmaDirection direction) {
        if (!segments.isEmpty()) {
            forget(segments.getFirst().address());
        }
    }

    @Override
    public Optional<RawCoherent> allocateCoherent(long length) {
        try {
            CoherentMemory memory = device.allocateCoherent(length);
            long address = memory.deviceSegment().address();
            remember(address, memory);
            long kernel = LinearMap.virtual(memory.physicalAddress());
            return Optional.of(new RawCoherent(kernel, address, memory.segment()));
        } catch (VerbsException noMemory) {
            return Optional.empty();
        }
    }

    @Override
    public void freeCoherent(long length, long kernelAddress, long address) {
        forget(address);
    }

    @Override
    public void syncSingleForCpu(long address, long length, DmaDirection direction) {
        syncForCpu(address, length, direction);
    }

    @Override
    public void syncSingleForDevice(long address, long length, DmaDirection direction) {
        syncForDevice(address, length, direction);
    }

    /// Copies back what a bounce buffer holds.
    ///
    /// @return what the pool finds; `OK` when nothing is bounced
    BounceCheck syncForCpu(long address, long length, DmaDirection direction) {
        long physical = device.physicalOf(address);
        Optional<BouncePool> pool = device.pool().filter(it -> it.contains(physical));
        return pool.map(it -> it.syncForCpu(physical, length, direction)).orElse(BounceCheck.OK);
    }

    /// Copies into a bounce buffer.
    ///
    /// @return what the pool finds; `OK` when nothing is bounced
    BounceCheck syncForDevice(long address, long length, DmaDirection direction) {
        long physical = device.physicalOf(address);
        Optional<BouncePool> pool = device.pool().filter(it -> it.contains(physical));
        return pool.map(it -> it.syncForDevice(physical, length, direction)).orElse(BounceCheck.OK);
    }

    @Override
    public void syncSgForCpu(List<DmaSegment> segments, int entries, DmaDirection direction) {
        segments.forEach(it -> syncForCpu(it.address(), it.length(), direction));
    }

    @Override
    public void syncSgForDevice(List<DmaSegment> segments, int entries, DmaDirection direction) {
        segments.forEach(it -> syncForDevice(it.address(), it.length(), direction));
    }

    @Override
    public boolean tryAllocate(IovaState state, long physicalAddress, long size) {
        return links.isPresent() && links.get().tryAllocate(state, physicalAddress, size);
    }

    private IovaLinks links(IovaState state) {
        return links.filter(any -> state.isAllocated()).orElseThrow(IovaLinks::notAllocated);
    }

    @Override
    public void link(
            IovaState state, long physicalAddress, long offset, long size, DmaDirection direction) {
        links(state).link(state, physicalAddress, offset, size, direction);
    }

    @Override
    public void sync(IovaState state, long offset, long size) {
        links.ifPresent(IovaLinks::sync);
    }

    @Override
    public void unlink(IovaState state, long offset, long size) {
        links.ifPresent(it -> it.unlink(state, offset, size));
    }

    @Override
    public void free(IovaState state) {
        links.ifPresent(it -> it.free(state));
    }

    @Override
    public void destroy(IovaState state, long mappedLength) {
        unlink(state, 0, mappedLength);
        free(state);
    }
}
