package org.softverbs.soft.bounce;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.dma.PhysicalRange;
import org.softverbs.dma.PhysicalRanges;
import org.softverbs.dma.PhysicalVector;
import org.softverbs.soft.bounce.BounceResult.Bounced;
import org.softverbs.soft.bounce.BounceResult.Refused;
import org.softverbs.soft.physical.SparsePhysicalMemory;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.VerbsException;

/// The I/O address space of a device that is a program (VDUSE). The program must not see memory of
/// the kernel but what is meant for it: so a mapping takes IOVAs of the stream window, behind which
/// lie bounce pages, and the bytes are copied. Memory that is allocated for the device takes IOVAs
/// of the consistent window above and is shared.
///
/// Unlike SWIOTLB it copies only what the direction asks for, so that the program reads in bounce
/// pages what an earlier mapping left there; [VduseSettings#clearPadding()] prevents it. Buffers
/// start at the start of a page, wherever the memory lay in its own: low address bits are lost.
///
/// Addresses of mappings are IOVAs. Source: `drivers/vdpa/vdpa_user/iova_domain.c`.
public final class VduseDomain implements BouncePool {

    public static final int PAGE_BYTES = 4096;

    private static final int FREE = 0;

    private final SparsePhysicalMemory memory;
    private final VduseSettings settings;
    private final IovaWindow stream;
    private final IovaWindow consistent;
    private final VhostIotlb iotlb = new VhostIotlb(0, false);
    private final BounceCounters counters = new BounceCounters();
    private final BouncePages pages;

    /// For each page the first page of its mapping, or [#FREE]: page 0 is never mapped. What
    /// follows is kept for the first page only.
    private final int[] head;

    private final long[] original;
    private final long[] size;
    private final Map<Long, PhysicalAllocation> coherent = new HashMap<>();
    private @Nullable IotlbMap bounceMap;

    /// A domain with a bitmap for each window.
    public VduseDomain(SparsePhysicalMemory memory, VduseSettings settings) {
        this(memory, settings, settings.streamWindow(), settings.consistentWindow());
    }

    /// @param stream gives out the pages from 1 to below the bounce size
    /// @param consistent gives out the pages from the bounce size to the limit
    public VduseDomain(
            SparsePhysicalMemory memory,
            VduseSettings settings,
            IovaWindow stream,
            IovaWindow consistent) {
        this.memory = memory;
        this.settings = settings;
        this.stream = stream;
        this.consistent = consistent;
        int count = Math.toIntExact(settings.bounceBytes() / PAGE_BYTES);
        this.pages = new BouncePages(memory, count);
        this.head = new int[count];
        this.original = new long[count];
        this.size = new long[count];
    }

    private static int pages(long bytes) {
        return Math.toIntExact((bytes + PAGE_BYTES - 1) / PAGE_BYTES);
    }

    @Override
    public synchronized BounceResult map(BounceRequest request) {
        return counters.count(tryMap(request));
    }

    private BounceResult tryMap(BounceRequest request) {
        if (request.allocAlignMask() >= PAGE_BYTES
                || (request.original() & request.minAlignMask()) != 0) {
            return new Refused(BounceRefusal.ALIGNMENT);
        }
        if (request.allocSize() > largestMapping(0)) {
            return new Refused(BounceRefusal.TOO_LARGE);
        }
        if (!memory.isMemory(request.original(), request.mappingSize())) {
            return new Refused(BounceRefusal.NO_MEMORY);
        }
        int count = pages(request.allocSize());
        long first = stream.allocate(count);
        if (first == IovaWindow.NONE) {
            return new Refused(BounceRefusal.POOL_FULL);
        }
        if (!ensurePages((int) first, count)) {
            stream.free(first, count);
            return new Refused(BounceRefusal.POOL_FULL);
        }
        return occupy((int) first, count, request);
    }

    private boolean ensurePages(int first, int count) {
        try {
            for (int page = first; page < first + count; page++) {
                pages.ensure(page);
            }
            return true;
        } catch (VerbsException noMemory) {
            return false;
        }
    }

    private BounceResult occupy(int first, int count, BounceRequest request) {
        ensureBounceMap();
        Arrays.fill(head, first, first + count, first);
        original[first] = request.original();
        size[first] = request.allocSize();
        counters.mapped(count);
        long filled = 0;
        if (request.direction().deviceReads()) {
            filled = request.mappingSize();
            copy(first, 0, filled, true);
        }
        if (settings.clearPadding()) {
            clear(first, filled, (long) count * PAGE_BYTES);
        }
        long iova = (long) first * PAGE_BYTES;
        return new Bounced(iova, pageRanges(iova, request.allocSize()));
    }

    /// One map covers the whole stream window, and leads each IOVA to the same place in the bounce
    /// pages, which are like a file.
    private void ensureBounceMap() {
        if (bounceMap == null) {
            long last = settings.bounceBytes() - 1;
            iotlb.add(0, last, 0, IotlbPermission.READ_WRITE);
            bounceMap = iotlb.first(0, last).orElse(null);
        }
    }

    /// Takes the map of the stream window away, as a reset of the device does.
    public synchronized void resetBounceMap() {
        if (bounceMap != null) {
            iotlb.remove(bounceMap);
            bounceMap = null;
        }
    }

    private void clear(int first, long from, long to) {
        for (long at = from; at < to; at += PAGE_BYTES - at % PAGE_BYTES) {
            int page = first + (int) (at / PAGE_BYTES);
            pages.clear(page, at % PAGE_BYTES, PAGE_BYTES - at % PAGE_BYTES);
        }
    }

    /// Copies a part of a mapping page by page.
    private boolean copy(int first, long position, long length, boolean in) {
        long at = position;
        long end = position + length;
        while (at < end) {
            long part = Math.min(end - at, PAGE_BYTES - at % PAGE_BYTES);
            long bounce = pages.address(first + (int) (at / PAGE_BYTES)) + at % PAGE_BYTES;
            long memoryAt = original[first] + at;
            if (!(in ? pages.copy(memoryAt, bounce, part) : pages.copy(bounce, memoryAt, part))) {
                return false;
            }
            at += part;
        }
        if (in) {
            counters.copiedIn(length);
        } else {
            counters.copiedOut(length);
        }
        return true;
    }

    /// {@inheritDoc}
    ///
    /// The bounce pages stay: the memory that a domain holds never shrinks.
    @Override
    public synchronized BounceCheck unmap(
            long iova, long mappingSize, DmaDirection direction, boolean skipSync) {
        int first = headOf(iova);
        if (first == FREE) {
            return BounceCheck.NOT_MAPPED;
        }
        if (iova != (long) first * PAGE_BYTES) {
            return BounceCheck.NOT_THE_START;
        }
        BounceCheck check = BounceCheck.OK;
        if (!skipSync) {
            check = syncForCpu(iova, mappingSize, direction);
        }
        int count = pages(size[first]);
        Arrays.fill(head, first, first + count, FREE);
        stream.free(first, count);
        counters.unmapped(count);
        return check;
    }

    @Override
    public synchronized BounceCheck syncForDevice(long iova, long length, DmaDirection direction) {
        return sync(iova, length, direction.deviceReads(), true);
    }

    @Override
    public synchronized BounceCheck syncForCpu(long iova, long length, DmaDirection direction) {
        return sync(iova, length, direction.deviceWrites(), false);
    }

    private BounceCheck sync(long iova, long length, boolean wanted, boolean in) {
        int first = headOf(iova);
        if (first == FREE) {
            return BounceCheck.NOT_MAPPED;
        }
        long position = iova - (long) first * PAGE_BYTES;
        BounceCheck check = BufferBounds.check(position, length, size[first]);
        if (!wanted || !BufferBounds.copies(check)) {
            return check;
        }
        boolean done = copy(first, position, Math.min(length, size[first] - position), in);
        return done ? check : BounceCheck.MEMORY_GONE;
    }

    private int headOf(long iova) {
        return contains(iova) ? head[(int) (iova / PAGE_BYTES)] : FREE;
    }

    /// Gives out memory that the CPU and the device share.
    ///
    /// @throws VerbsException `ENOMEM` when there are no IOVAs or no memory
    public synchronized CoherentMapping allocateCoherent(long bytes) {
        PhysicalAllocation allocation = memory.allocate(PhysicalMemoryRequest.contiguous(bytes));
        long first = consistent.allocate(pages(bytes));
        if (first == IovaWindow.NONE) {
            allocation.close();
            throw new VerbsException(
                    Errno.ENOMEM, "allocateCoherent", "no IOVAs for " + bytes + " bytes");
        }
        long iova = first * PAGE_BYTES;
        iotlb.add(iova, iova + bytes - 1, allocation.address(0), IotlbPermission.READ_WRITE);
        coherent.put(iova, allocation);
        return new CoherentMapping(iova, allocation);
    }

    /// Takes shared memory back.
    ///
    /// @return false when there is none at the IOVA
    public synchronized boolean freeCoherent(long iova) {
        PhysicalAllocation allocation = coherent.remove(iova);
        if (allocation == null) {
            return false;
        }
        iotlb.first(iova, iova + allocation.total() - 1).ifPresent(iotlb::remove);
        consistent.free(iova / PAGE_BYTES, pages(allocation.total()));
        allocation.close();
        return true;
    }

    /// What the program reaches at an IOVA: one lookup in the tree, then the pages.
    ///
    /// @return empty when a part leads nowhere: no map, or a page that was never needed
    public synchronized Optional<PhysicalVector> translate(
            long iova, long length, IotlbPermission access) {
        Optional<List<PhysicalRange>> ranges = iotlb.translate(iova, length, access);
        if (ranges.isEmpty() || !contains(iova)) {
            return ranges.map(PhysicalRanges::new);
        }
        int last = (int) ((iova + length - 1) / PAGE_BYTES);
        for (int page = (int) (iova / PAGE_BYTES); page <= last; page++) {
            if (page >= pages.size() || pages.address(page) == BouncePages.NONE) {
                return Optional.empty();
            }
        }
        return Optional.of(pageRanges(iova, length));
    }

    private PhysicalVector pageRanges(long iova, long length) {
        PhysicalRange[] ranges = new PhysicalRange[pages(iova % PAGE_BYTES + length)];
        long at = iova;
        for (int i = 0; i < ranges.length; i++) {
            long within = at % PAGE_BYTES;
            long run = Math.min(PAGE_BYTES - within, iova + length - at);
            ranges[i] = new PhysicalRange(pages.address((int) (at / PAGE_BYTES)) + within, run);
            at += run;
        }
        return PhysicalRanges.of(ranges);
    }

    /// Takes pages of the program in place of its own. What is mapped moves over.
    ///
    /// @param donated as many bytes as the stream window has, in whole pages
    /// @throws VerbsException `EINVAL` for anything else, `EBUSY` when there are some already
    ///     (Linux: `EEXIST`)
    public synchronized void addUserPages(PhysicalVector donated) {
        if (donated.total() != settings.bounceBytes() || !isWholePages(donated)) {
            throw new VerbsException(
                    Errno.EINVAL,
                    "addUserPages",
                    donated.total()
                            + " bytes are not the whole pages of "
                            + settings.bounceBytes()
                            + " bytes");
        }
        if (pages.areDonated()) {
            throw new VerbsException(Errno.EBUSY, "addUserPages", "there are user pages");
        }
        pages.donate(donated, mapped());
    }

    private static boolean isWholePages(PhysicalVector vector) {
        for (int i = 0; i < vector.count(); i++) {
            if (vector.address(i) % PAGE_BYTES != 0 || vector.length(i) % PAGE_BYTES != 0) {
                return false;
            }
        }
        return true;
    }

    /// Gives the program's pages back. What is mapped moves to pages of its own.
    public synchronized void removeUserPages() {
        if (pages.areDonated()) {
            pages.giveBack(mapped());
        }
    }

    private boolean[] mapped() {
        boolean[] mapped = new boolean[head.length];
        for (int page = 0; page < mapped.length; page++) {
            mapped[page] = head[page] != FREE;
        }
        return mapped;
    }

    /// Bounce pages that it has made and keeps.
    public synchronized int bouncePages() {
        return pages.ownPages();
    }

    /// The maps that translate.
    public VhostIotlb iotlb() {
        return iotlb;
    }

    @Override
    public boolean contains(long iova) {
        return iova >= 0 && iova < settings.bounceBytes();
    }

    @Override
    public long largestMapping(long minAlignMask) {
        return settings.bounceBytes() - PAGE_BYTES;
    }

    @Override
    public BounceStatistics statistics() {
        return counters.statistics();
    }

    @Override
    public synchronized void close() {
        pages.close();
        coherent.values().forEach(PhysicalAllocation::close);
        coherent.clear();
    }
}
