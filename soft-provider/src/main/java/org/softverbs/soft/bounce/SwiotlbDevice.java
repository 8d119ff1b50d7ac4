package org.softverbs.soft.bounce;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.soft.bounce.BounceResult.Bounced;
import org.softverbs.soft.bounce.BounceResult.Refused;
import org.softverbs.soft.physical.SparsePhysicalMemory;
import org.softverbs.verbs.VerbsException;

/// How one device bounces: its own pools of slots, whether it bounces all it does, and how far its
/// bus is from physical memory.
///
/// A device that may grow gets a pool more when all are full. The mapping that found them full does
/// not wait for it: it gets a transient pool, which is as large as this mapping and goes with it.
/// Linux makes the new pool in a worker; here the next mapping does.
///
/// Source: `struct io_tlb_mem` of `kernel/dma/swiotlb.c` with `CONFIG_SWIOTLB_DYNAMIC`,
/// `restricted-dma-pool` of the device tree, and `dma_range_map` of `kernel/dma/direct.h`.
public final class SwiotlbDevice implements BouncePool {

    private final SparsePhysicalMemory memory;
    private final SwiotlbDeviceSettings settings;
    private final BounceCounters counters = new BounceCounters();
    private final long busOffset;

    /// In order of age; transient ones are kept apart.
    private final List<SwiotlbPool> pools = new CopyOnWriteArrayList<>();

    private final List<SwiotlbPool> transientPools = new CopyOnWriteArrayList<>();
    private volatile boolean growthIsDue;

    /// @throws org.softverbs.verbs.VerbsException `ENOMEM` when there is no memory for the pool
    public SwiotlbDevice(SparsePhysicalMemory memory, SwiotlbDeviceSettings settings) {
        this.memory = memory;
        this.settings = settings;
        SwiotlbPool first = new SwiotlbPool(memory, settings.pool(), counters);
        pools.add(first);
        this.busOffset =
                settings.busStartsAtPool() ? -first.memory().address(0) : settings.busOffset();
    }

    /// VDUSE out of ready-made parts, as Robin Murphy proposed: a pool of its own, everything is
    /// bounced, and the bus is shifted so that the device sees the pool, and nothing but the pool,
    /// from address 0 on.
    public static SwiotlbDevice likeVduse(SparsePhysicalMemory memory, SwiotlbSettings pool) {
        return new SwiotlbDevice(
                memory,
                SwiotlbDeviceSettings.of(pool)
                        .withForcedBounce()
                        .withBusAtPool()
                        .withMask(pool.bytes() - 1));
    }

    /// Whether memory cannot be given to the device as it is.
    public boolean mustBounce(long physicalAddress, long length) {
        return settings.forceBounce() || !reaches(physicalAddress, length);
    }

    private boolean reaches(long physicalAddress, long length) {
        long first = busAddress(physicalAddress);
        long last = first + length - 1;
        return Long.compareUnsigned(first, settings.mask()) <= 0
                && Long.compareUnsigned(last, settings.mask()) <= 0
                && Long.compareUnsigned(first, last) <= 0;
    }

    /// What the device calls a physical address.
    public long busAddress(long physicalAddress) {
        return physicalAddress + busOffset;
    }

    /// What memory the device means by an address.
    public long physicalAddress(long busAddress) {
        return busAddress - busOffset;
    }

    /// Whether its buffers can be reached by a device that knows nothing of private memory.
    public boolean isDecrypted() {
        return settings.pool().decrypted();
    }

    /// Pools that stay, the first and what was added when it was full.
    public List<PhysicalAllocation> pools() {
        return pools.stream().map(SwiotlbPool::memory).toList();
    }

    /// How many mappings have a pool of their own.
    public int transientPools() {
        return transientPools.size();
    }

    @Override
    public BounceResult map(BounceRequest request) {
        growWhenDue();
        return counters.count(withinReach(tryMap(request), request));
    }

    private BounceResult tryMap(BounceRequest request) {
        BounceResult result = new Refused(BounceRefusal.POOL_FULL);
        for (SwiotlbPool pool : pools) {
            result = pool.tryMap(request);
            if (!isFull(result)) {
                return result;
            }
        }
        return settings.growsTo() > 1 ? mapTransient(request) : result;
    }

    private static boolean isFull(BounceResult result) {
        return result instanceof Refused refused && refused.reason() == BounceRefusal.POOL_FULL;
    }

    private BounceResult mapTransient(BounceRequest request) {
        growthIsDue = pools.size() < settings.growsTo();
        SwiotlbPool pool;
        try {
            pool = SwiotlbPool.forOne(memory, settings.pool(), request, counters);
        } catch (VerbsException noMemory) {
            return new Refused(BounceRefusal.POOL_FULL);
        }
        BounceResult result = pool.tryMap(request);
        if (result instanceof Bounced) {
            transientPools.add(pool);
        } else {
            pool.close();
        }
        return result;
    }

    private synchronized void growWhenDue() {
        if (growthIsDue) {
            growthIsDue = false;
            try {
                pools.add(new SwiotlbPool(memory, settings.pool(), counters));
            } catch (VerbsException noMemory) {
                growthIsDue = true;
            }
        }
    }

    /// A buffer that the device does not reach is no help; Linux warns of "swiotlb addr overflow".
    private BounceResult withinReach(BounceResult result, BounceRequest request) {
        if (result instanceof Bounced bounced && !reaches(bounced.address(), request.allocSize())) {
            unmap(bounced.address(), request.mappingSize(), request.direction(), true);
            return new Refused(BounceRefusal.OUT_OF_REACH);
        }
        return result;
    }

    @Override
    public BounceCheck unmap(
            long address, long mappingSize, DmaDirection direction, boolean skipSync) {
        SwiotlbPool pool = poolAt(address);
        if (pool == null) {
            return BounceCheck.NOT_MAPPED;
        }
        BounceCheck check = pool.unmap(address, mappingSize, direction, skipSync);
        if (pool.isEmpty() && transientPools.remove(pool)) {
            pool.close();
        }
        return check;
    }

    @Override
    public BounceCheck syncForDevice(long address, long length, DmaDirection direction) {
        SwiotlbPool pool = poolAt(address);
        return pool == null
                ? BounceCheck.NOT_MAPPED
                : pool.syncForDevice(address, length, direction);
    }

    @Override
    public BounceCheck syncForCpu(long address, long length, DmaDirection direction) {
        SwiotlbPool pool = poolAt(address);
        return pool == null ? BounceCheck.NOT_MAPPED : pool.syncForCpu(address, length, direction);
    }

    @Override
    public boolean contains(long address) {
        return poolAt(address) != null;
    }

    private @Nullable SwiotlbPool poolAt(long address) {
        SwiotlbPool pool = poolAt(pools, address);
        return pool == null ? poolAt(transientPools, address) : pool;
    }

    private static @Nullable SwiotlbPool poolAt(List<SwiotlbPool> candidates, long address) {
        for (SwiotlbPool pool : candidates) {
            if (pool.contains(address)) {
                return pool;
            }
        }
        return null;
    }

    @Override
    public long largestMapping(long minAlignMask) {
        return pools.getFirst().largestMapping(minAlignMask);
    }

    @Override
    public BounceStatistics statistics() {
        return counters.statistics();
    }

    @Override
    public void close() {
        pools.forEach(SwiotlbPool::close);
        transientPools.forEach(SwiotlbPool::close);
    }
}
