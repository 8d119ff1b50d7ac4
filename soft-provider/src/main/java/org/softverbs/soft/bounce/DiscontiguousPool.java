package org.softverbs.soft.bounce;

import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.PageSize;
import org.softverbs.dma.PageVector;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.soft.bounce.BounceResult.Bounced;
import org.softverbs.soft.bounce.BounceResult.Refused;
import org.softverbs.soft.physical.SparsePhysicalMemory;

/// Bounce pages from anywhere in memory: what SWIOTLB would be if it did not need one contiguous
/// piece. A bitmap tells which pages are free, and any of them will do, so that there are no
/// fragments and a mapping may have all pages of the pool. The price: a buffer is as many runs as
/// it has pages, which an IOMMU or the device's own list of segments must put together.
///
/// Ours; Linux has nothing like it.
public final class DiscontiguousPool implements BouncePool {

    public static final int PAGE_BYTES = 4096;

    /// What was asked for, and which pages serve it.
    private static final class Mapping {

        private final BounceRequest request;

        /// First byte of the buffer in its first page.
        private final int offset;

        /// Numbers of its pages in order.
        private final int[] pages;

        Mapping(BounceRequest request, int offset, int[] pages) {
            this.request = request;
            this.offset = offset;
            this.pages = pages;
        }

        /// Which byte of the buffer is at an offset of one of its pages; negative before its first.
        long position(int pageInOrder, long within) {
            return (long) pageInOrder * PAGE_BYTES + within - offset;
        }
    }

    private final SparsePhysicalMemory memory;
    private final BounceCounters counters = new BounceCounters();
    private final BounceCopier copier;
    private final PhysicalAllocation allocation;
    private final long[] addresses;
    private final BitSet used;
    private int free;

    /// Where the next search starts.
    private int next;

    private final @Nullable Mapping[] mappings;
    private final int[] pageInOrder;

    /// @param bytes size, rounded up to pages
    /// @param below address that every page lies below; [PhysicalMemoryRequest#ANYWHERE] for any
    /// @throws org.softverbs.verbs.VerbsException `ENOMEM` when there is not so much memory
    public DiscontiguousPool(SparsePhysicalMemory memory, long bytes, long below) {
        this.memory = memory;
        this.copier = new BounceCopier(memory, counters);
        int pages = Math.toIntExact((bytes + PAGE_BYTES - 1) / PAGE_BYTES);
        this.allocation =
                memory.allocate(
                        PhysicalMemoryRequest.scattered((long) pages * PAGE_BYTES)
                                .withBelow(below));
        this.addresses = new long[pages];
        for (int page = 0; page < pages; page++) {
            addresses[page] = allocation.address(page);
        }
        this.used = new BitSet(pages);
        this.free = pages;
        this.mappings = new Mapping[pages];
        this.pageInOrder = new int[pages];
    }

    /// A boundary never is in the way: it is no smaller than a page, and pages are separate runs.
    ///
    /// {@inheritDoc}
    @Override
    public BounceResult map(BounceRequest request) {
        return counters.count(tryMap(request));
    }

    private BounceResult tryMap(BounceRequest request) {
        int offset = (int) (request.original() & request.minAlignMask() & (PAGE_BYTES - 1));
        if ((request.minAlignMask() | request.allocAlignMask()) >= PAGE_BYTES
                || request.boundary() < PAGE_BYTES - 1) {
            return new Refused(BounceRefusal.ALIGNMENT);
        }
        if (request.allocSize() > (long) addresses.length * PAGE_BYTES - offset) {
            return new Refused(BounceRefusal.TOO_LARGE);
        }
        if (!memory.isMemory(request.original(), request.mappingSize())) {
            return new Refused(BounceRefusal.NO_MEMORY);
        }
        int count = (int) ((request.allocSize() + offset + PAGE_BYTES - 1) / PAGE_BYTES);
        int[] pages = take(count);
        if (pages.length < count) {
            return new Refused(BounceRefusal.POOL_FULL);
        }
        return occupy(new Mapping(request, offset, pages));
    }

    /// The next free pages after those of last time; none when there are too few.
    private synchronized int[] take(int count) {
        if (count > free) {
            return new int[0];
        }
        int[] pages = new int[count];
        for (int i = 0; i < count; i++) {
            int page = used.nextClearBit(next);
            pages[i] = page < addresses.length ? page : used.nextClearBit(0);
            used.set(pages[i]);
            next = pages[i] + 1;
        }
        free -= count;
        counters.searched(count);
        return pages;
    }

    private BounceResult occupy(Mapping mapping) {
        int[] pages = mapping.pages;
        for (int i = 0; i < pages.length; i++) {
            mappings[pages[i]] = mapping;
            pageInOrder[pages[i]] = i;
        }
        counters.mapped(pages.length);
        copy(mapping, 0, mapping.request.mappingSize(), true);
        long[] runs = Arrays.stream(pages).mapToLong(page -> addresses[page]).toArray();
        return new Bounced(
                runs[0] + mapping.offset,
                new PageVector(
                        runs, PageSize.SIZE_4K, mapping.offset, mapping.request.allocSize()));
    }

    @Override
    public BounceCheck unmap(
            long address, long mappingSize, DmaDirection direction, boolean skipSync) {
        int page = pageOf(address);
        Mapping mapping = mappingOf(page);
        if (mapping == null) {
            return BounceCheck.NOT_MAPPED;
        }
        long position = mapping.position(pageInOrder[page], address - addresses[page]);
        if (position != 0) {
            return position < 0 ? BounceCheck.BEFORE_MAPPING : BounceCheck.NOT_THE_START;
        }
        BounceCheck check = BounceCheck.OK;
        if (!skipSync) {
            check = syncForCpu(address, mappingSize, direction);
        }
        release(mapping);
        return check;
    }

    private synchronized void release(Mapping mapping) {
        for (int page : mapping.pages) {
            mappings[page] = null;
            used.clear(page);
        }
        free += mapping.pages.length;
        counters.unmapped(mapping.pages.length);
    }

    @Override
    public BounceCheck syncForDevice(long address, long length, DmaDirection direction) {
        return sync(address, length, direction.deviceReads(), true);
    }

    @Override
    public BounceCheck syncForCpu(long address, long length, DmaDirection direction) {
        return sync(address, length, direction.deviceWrites(), false);
    }

    private BounceCheck sync(long address, long length, boolean wanted, boolean in) {
        int page = pageOf(address);
        Mapping mapping = mappingOf(page);
        if (mapping == null) {
            return BounceCheck.NOT_MAPPED;
        }
        long position = mapping.position(pageInOrder[page], address - addresses[page]);
        long size = mapping.request.allocSize();
        BounceCheck check = BufferBounds.check(position, length, size);
        if (!wanted || !BufferBounds.copies(check)) {
            return check;
        }
        boolean done = copy(mapping, position, Math.min(length, size - position), in);
        return done ? check : BounceCheck.MEMORY_GONE;
    }

    /// Copies a part page by page.
    private boolean copy(Mapping mapping, long position, long length, boolean in) {
        long at = position + mapping.offset;
        long end = at + length;
        boolean done = true;
        while (at < end && done) {
            long within = at % PAGE_BYTES;
            long part = Math.min(end - at, PAGE_BYTES - within);
            int page = mapping.pages[(int) (at / PAGE_BYTES)];
            long buffer = (long) page * PAGE_BYTES + within;
            long original = mapping.request.original() + at - mapping.offset;
            done =
                    in
                            ? copier.copyIn(original, allocation.segment(), buffer, part)
                            : copier.copyOut(original, allocation.segment(), buffer, part);
            at += part;
        }
        return done;
    }

    /// Number of the page that an address lies in, or -1.
    private int pageOf(long address) {
        int found = Arrays.binarySearch(addresses, address & -PAGE_BYTES);
        return found < 0 ? -1 : found;
    }

    private @Nullable Mapping mappingOf(int page) {
        return page < 0 ? null : mappings[page];
    }

    @Override
    public boolean contains(long address) {
        return pageOf(address) >= 0;
    }

    @Override
    public long largestMapping(long minAlignMask) {
        long keptApart = minAlignMask == 0 ? 0 : PAGE_BYTES;
        return (long) addresses.length * PAGE_BYTES - keptApart;
    }

    @Override
    public BounceStatistics statistics() {
        return counters.statistics();
    }

    @Override
    public void close() {
        allocation.close();
    }
}
