package org.softverbs.soft.dma;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
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
import org.softverbs.soft.bounce.SwiotlbPool;
import org.softverbs.soft.physical.LinearMap;
import org.softverbs.verbs.VerbsException;

/// The DMA layer by addresses: remembers the handle of each address that it gave. Undoing names the
/// address only; what else is said wrongly changes nothing, and an address that is not mapped does
/// nothing.
final class AddressDma implements RawDma {

    private static final long SLOT = SwiotlbPool.SLOT_BYTES;

    private final VectorDmaDevice device;
    private final Optional<IovaLinks> links;
    private final LiveMappings live = new LiveMappings();

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
        if (!LiveMappings.isOneRun(mapping.segments())) {
            mapping.close();
            return MAPPING_ERROR;
        }
        live.add(mapping, mapping.segments());
        return mapping.segments().getFirst().address();
    }

    private void forget(long address) {
        AutoCloseable handle = live.take(address);
        switch (handle) {
            case DmaMapping mapping -> mapping.close();
            case CoherentMemory memory -> memory.close();
            case null -> {}
            default -> throw new AssertionError("a handle of no kind: " + handle);
        }
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
            live.add(mapping, mapping.segments());
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
            live.add(memory, List.of(memory.deviceSegment()));
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

    /// Copies back what bounce buffers hold.
    ///
    /// @return what the pool finds first; `OK` when nothing is bounced
    BounceCheck syncForCpu(long address, long length, DmaDirection direction) {
        return sync(
                address, length, (pool, from, bytes) -> pool.syncForCpu(from, bytes, direction));
    }

    /// Copies into bounce buffers.
    ///
    /// @return what the pool finds first; `OK` when nothing is bounced
    BounceCheck syncForDevice(long address, long length, DmaDirection direction) {
        return sync(
                address, length, (pool, from, bytes) -> pool.syncForDevice(from, bytes, direction));
    }

    @FunctionalInterface
    private interface SlotSync {
        BounceCheck sync(BouncePool pool, long physical, long length);
    }

    /// Goes from slot to slot: what is one run for the device may be several buffers, and memory
    /// between them.
    private BounceCheck sync(long address, long length, SlotSync slots) {
        if (device.pool().isEmpty()) {
            return BounceCheck.OK;
        }
        BouncePool pool = device.pool().get();
        OptionalLong end = live.endOf(address);
        // Bytes behind the end of the mapping are the pool's to find out, as part of the last slot.
        long inside = end.isEmpty() ? 0 : Math.min(length, end.getAsLong() - address);
        BounceCheck found = BounceCheck.OK;
        long done = 0;
        while (done < length && found == BounceCheck.OK) {
            long physical = device.physicalOf(address + done);
            long room = SLOT - ((address + done) & (SLOT - 1));
            long part = done + room < inside ? room : length - done;
            if (pool.contains(physical)) {
                found = slots.sync(pool, physical, part);
            }
            done += part;
        }
        return found;
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
