package org.softverbs.soft.iommu;

import java.util.NavigableMap;
import java.util.TreeMap;
import org.softverbs.dma.PhysicalRange;
import org.softverbs.dma.PhysicalVector;

/// An address space of devices: the page table, the IOTLB in front of it, and the way back of
/// addresses to their allocator.
///
/// Mapping never overwrites, uses the largest pages that fit, and is all or nothing. Unmapping
/// changes the page table at once; the IOTLB learns of it by [#sync], or under [FlushPolicy#LAZY]
/// by the flush queue. What it still has until then, a device can still use:
/// [TranslationResult#STALE] tells.
///
/// Safe to use from any thread: one lock guards page table and IOTLB, the flush queue has its own.
/// Nothing here throws on the data path, and translating allocates nothing.
///
/// Kernel names: `struct iommu_domain`, `iommu_map`, `iommu_unmap`, `__iommu_dma_unmap`.
public final class IommuDomain {

    private final PageSizes pageSizes;
    private final long granule;
    private final PageTable table;
    private final Iotlb iotlb;
    private final FlushPolicy flushPolicy;
    private final IovaAllocator allocator;
    private final FlushQueue queue;
    private final NavigableMap<Long, Long> reserved = new TreeMap<>();

    private long maps;
    private long unmaps;
    private long syncMaps;
    private long flushes;
    private long globalFlushes;
    private long entriesFlushed;
    private long hits;
    private long misses;
    private long staleHits;
    private long bytesMapped;

    /// @param allocator gives out the addresses, in page frames of the smallest page
    /// @param iotlbEntries how many translations the IOTLB remembers
    /// @param cpus who unmaps, each with a flush queue of its own
    public IommuDomain(
            PageSizes pageSizes,
            FlushPolicy flushPolicy,
            IovaAllocator allocator,
            int iotlbEntries,
            Cpus cpus) {
        this.pageSizes = pageSizes;
        this.flushPolicy = flushPolicy;
        this.allocator = allocator;
        granule = pageSizes.granule();
        table = new PageTable(granule);
        iotlb = new Iotlb(iotlbEntries);
        queue = new FlushQueue(cpus, allocator, this::flushAll);
    }

    /// The smallest page: everything is a multiple of it.
    public long granule() {
        return granule;
    }

    /// The last address that the page table reaches.
    public long lastAddress() {
        return PageTable.end() - 1;
    }

    /// Keeps addresses from being given out and from being mapped, such as the windows of a PCI
    /// host bridge: no bus address is an I/O virtual one, then.
    ///
    /// @param last the last of them; whole page frames are reserved
    /// @throws IllegalStateException when some of them are in use
    public void reserve(long first, long last) {
        if (first < 0 || last < first) {
            throw new IllegalArgumentException("reserve " + first + " to " + last);
        }
        allocator.reserve(first / granule, last / granule);
        long from = first & -granule;
        long end = (last & -granule) + granule;
        synchronized (this) {
            for (var at = reserved.lowerEntry(end + 1);
                    at != null && at.getValue() >= from;
                    at = reserved.lowerEntry(end + 1)) {
                from = Math.min(from, at.getKey());
                end = Math.max(end, at.getValue());
                reserved.remove(at.getKey());
            }
            reserved.put(from, end);
        }
    }

    /// Whether an address lies in a reserved window.
    public synchronized boolean isReserved(long address) {
        return touchesReserved(address, address + 1);
    }

    private boolean touchesReserved(long from, long end) {
        var window = reserved.lowerEntry(end);
        return window != null && window.getValue() > from;
    }

    /// Maps a run of physical memory.
    public synchronized MapResult map(
            long iova, PhysicalRange physical, boolean readable, boolean writable) {
        return map(iova, physical.address(), physical.length(), readable, writable);
    }

    /// Maps a run of physical memory.
    public synchronized MapResult map(
            long iova, long physical, long length, boolean readable, boolean writable) {
        MapResult result = mapRun(iova, physical, length, readable, writable);
        if (result == MapResult.MAPPED) {
            syncMaps++;
        }
        return result;
    }

    /// Maps a run of physical memory, the first of two steps: [#syncMap] makes all that was linked
    /// known to the IOMMU.
    ///
    /// Kernel name: `dma_iova_link`.
    public synchronized MapResult link(
            long iova, long physical, long length, boolean readable, boolean writable) {
        return mapRun(iova, physical, length, readable, writable);
    }

    /// Makes what was linked known to the IOMMU.
    ///
    /// Kernel name: `dma_iova_sync`.
    public synchronized void syncMap() {
        syncMaps++;
    }

    /// Maps ranges of physical memory side by side. Those that are neighbours in physical memory
    /// are mapped as one, with larger pages.
    ///
    /// Kernel name: `iommu_map_sg`.
    public synchronized MapResult mapRanges(
            long iova, PhysicalVector ranges, boolean readable, boolean writable) {
        long mapped = 0;
        int next = 0;
        while (next < ranges.count()) {
            long physical = ranges.address(next);
            long length = ranges.length(next);
            next++;
            while (next < ranges.count() && ranges.address(next) == physical + length) {
                length += ranges.length(next);
                next++;
            }
            MapResult result = mapRun(iova + mapped, physical, length, readable, writable);
            if (result != MapResult.MAPPED) {
                undo(iova, mapped);
                return result;
            }
            mapped += length;
        }
        if (mapped == 0) {
            return MapResult.MISALIGNED;
        }
        syncMaps++;
        return MapResult.MAPPED;
    }

    private static boolean isWithin(long address, long length) {
        return address >= 0 && address <= PageTable.end() - length;
    }

    private MapResult mapRun(
            long iova, long physical, long length, boolean readable, boolean writable) {
        if (length <= 0 || !pageSizes.isAligned(iova | physical | length)) {
            return MapResult.MISALIGNED;
        }
        if (!isWithin(iova, length) || !isWithin(physical, length)) {
            return MapResult.OUT_OF_RANGE;
        }
        if (touchesReserved(iova, iova + length)) {
            return MapResult.RESERVED;
        }
        long done = 0;
        while (done < length) {
            long rest = length - done;
            long size = pageSizes.largest(iova + done, physical + done, rest);
            long run = pageSizes.run(iova + done, physical + done, rest, size);
            for (long end = done + run; done < end; done += size) {
                long entry = PageTable.Entry.of(physical + done, size, readable, writable);
                if (!table.map(iova + done, entry)) {
                    undo(iova, done);
                    return MapResult.OCCUPIED;
                }
                bytesMapped += size;
            }
        }
        maps++;
        return MapResult.MAPPED;
    }

    private void undo(long iova, long length) {
        if (length > 0) {
            IotlbGather gather = IotlbGather.strict();
            unmapPages(iova, length, gather);
            sync(gather);
        }
    }

    /// Unmaps addresses, up to the first that is not mapped or belongs to a page which reaches out
    /// of the range: pages are not split.
    ///
    /// @param gather collects what to invalidate; call [#sync] when done
    /// @return how many bytes are unmapped now
    public synchronized long unmap(long iova, long length, IotlbGather gather) {
        if (length <= 0 || !isWithin(iova, length) || !pageSizes.isAligned(iova | length)) {
            return 0;
        }
        unmaps++;
        return unmapPages(iova, length, gather);
    }

    private long unmapPages(long iova, long length, IotlbGather gather) {
        long done = 0;
        while (done < length) {
            long at = iova + done;
            long entry = table.lookup(at);
            long size = PageTable.Entry.size(entry);
            if (entry == PageTable.Entry.NONE || (at & (size - 1)) != 0 || size > length - done) {
                break;
            }
            table.unmap(at, entry);
            if (!gather.isQueued()) {
                gather(gather, at, size);
            }
            done += size;
        }
        bytesMapped -= done;
        return done;
    }

    private void gather(IotlbGather gather, long iova, long size) {
        if (!gather.accepts(iova, size, size)) {
            sync(gather);
        }
        gather.add(iova, size, size);
    }

    /// Invalidates in the IOTLB what was gathered.
    ///
    /// Kernel name: `iommu_iotlb_sync`.
    public synchronized void sync(IotlbGather gather) {
        if (!gather.isEmpty()) {
            flushes++;
            entriesFlushed += iotlb.invalidate(gather.first(), gather.last());
            gather.clear();
        }
    }

    private synchronized void flushAll() {
        globalFlushes++;
        entriesFlushed += iotlb.invalidateAll();
    }

    /// Unmaps addresses as the flush policy has it, and gives them back: at once, or by the flush
    /// queue. When nothing was mapped nothing is given back, so that a second release does no harm;
    /// addresses that were never mapped go straight to the allocator.
    ///
    /// @param iova what the allocator gave, in bytes
    /// @param length all of it, in whole pages
    /// @return how many bytes were unmapped
    public long release(long iova, long length, long nowNanos) {
        queue.advanceTo(nowNanos);
        IotlbGather gather = gather();
        long unmapped = unmap(iova, length, gather);
        sync(gather);
        if (unmapped > 0) {
            free(iova, length, nowNanos);
        }
        return unmapped;
    }

    /// What is to collect the pages that are unmapped before a range is given back by [#free].
    public IotlbGather gather() {
        return switch (flushPolicy) {
            case STRICT -> IotlbGather.strict();
            case LAZY -> IotlbGather.queued();
        };
    }

    /// Gives a range back all of whose pages are unmapped and, under [FlushPolicy#STRICT], synced:
    /// at once, or by the flush queue.
    ///
    /// @param length what was allocated
    public void free(long iova, long length, long nowNanos) {
        long pfn = iova / granule;
        long pages = (length + granule - 1) / granule;
        switch (flushPolicy) {
            case STRICT -> allocator.free(pfn, pages);
            case LAZY -> {
                queue.advanceTo(nowNanos);
                queue.add(pfn, pages, nowNanos);
            }
        }
    }

    /// Lets time pass: flushes when the timer of the flush queue is due.
    public void advanceTo(long nowNanos) {
        queue.advanceTo(nowNanos);
    }

    /// Nanoseconds until [#advanceTo] has something to do; [Long#MAX_VALUE] when nothing waits.
    public long nanosUntilFlush(long nowNanos) {
        return queue.nanosUntilDue(nowNanos);
    }

    /// Flushes the IOTLB, and gives back all addresses that waited for it.
    public void flush() {
        queue.flushAndFree();
    }

    /// Ranges of addresses that wait for a flush.
    public int queuedRanges() {
        return queue.size();
    }

    /// Finds the physical memory behind addresses as a device's access does: by the IOTLB first.
    ///
    /// @param length bytes, at least 1
    /// @param write whether the device writes
    /// @param sink is given the memory; what it was given before a refusal is to be dropped. It is
    ///     called under the lock of this domain
    public synchronized TranslationResult translate(
            long iova, long length, boolean write, TranslationSink sink) {
        if (length <= 0 || !isWithin(iova, length)) {
            return TranslationResult.NOT_MAPPED;
        }
        TranslationResult result = TranslationResult.MAPPED;
        long run = 0;
        long runLength = 0;
        long done = 0;
        while (done < length) {
            long at = iova + done;
            long mapped = table.lookup(at);
            long entry = cached(at, mapped);
            if (entry == PageTable.Entry.NONE) {
                return TranslationResult.NOT_MAPPED;
            }
            if (!PageTable.Entry.allows(entry, write)) {
                return write ? TranslationResult.WRITE_REFUSED : TranslationResult.READ_REFUSED;
            }
            if (entry != mapped) {
                result = TranslationResult.STALE;
            }
            long physical = PageTable.Entry.physical(entry, at);
            long size = PageTable.Entry.size(entry);
            long piece = Math.min(length - done, size - (at & (size - 1)));
            if (runLength > 0 && run + runLength != physical) {
                sink.add(run, runLength);
                runLength = 0;
            }
            run = runLength == 0 ? physical : run;
            runLength += piece;
            done += piece;
        }
        sink.add(run, runLength);
        return result;
    }

    /// The physical address that the page table has for an address, or -1. The IOTLB is not asked.
    ///
    /// Kernel name: `iommu_iova_to_phys`.
    public synchronized long physicalOf(long iova) {
        long entry = isWithin(iova, 1) ? table.lookup(iova) : PageTable.Entry.NONE;
        return entry == PageTable.Entry.NONE ? -1 : PageTable.Entry.physical(entry, iova);
    }

    /// What the IOTLB has for an address; what the page table has is remembered when it has
    /// nothing.
    private long cached(long iova, long mapped) {
        long entry = iotlb.lookup(iova);
        if (entry != PageTable.Entry.NONE) {
            hits++;
            staleHits += entry == mapped ? 0 : 1;
            return entry;
        }
        misses++;
        if (mapped != PageTable.Entry.NONE) {
            iotlb.insert(iova, mapped);
        }
        return mapped;
    }

    /// What it did so far.
    public synchronized IommuStatistics statistics() {
        return new IommuStatistics(
                maps,
                unmaps,
                syncMaps,
                flushes,
                globalFlushes,
                entriesFlushed,
                hits,
                misses,
                staleHits,
                bytesMapped);
    }
}
