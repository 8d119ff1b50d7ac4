package org.softverbs.soft.bounce;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalRange;
import org.softverbs.dma.PhysicalRanges;
import org.softverbs.soft.bounce.BounceResult.Bounced;
import org.softverbs.soft.bounce.BounceResult.Refused;
import org.softverbs.soft.physical.SparsePhysicalMemory;

/// The software I/O TLB: slots of 2 KiB in one contiguous piece of memory, in segments of 128 that
/// no buffer crosses, so that the longest mapping has 256 KiB. Areas keep CPUs apart: one that
/// finds its own area full asks the others in turn.
///
/// Source: `kernel/dma/swiotlb.c`.
public final class SwiotlbPool implements BouncePool {

    public static final int SLOT_SHIFT = 11;
    public static final int SLOT_BYTES = 1 << SLOT_SHIFT;
    public static final int SEGMENT_SLOTS = 128;

    private static final long SEGMENT_BYTES = (long) SEGMENT_SLOTS * SLOT_BYTES;
    private static final int FREE = -1;

    private final SparsePhysicalMemory memory;
    private final BounceCounters counters;
    private final BounceCopier copier;
    private final PhysicalAllocation allocation;
    private final SwiotlbArea[] areas;
    private final int areaSlots;

    /// For each slot the slot of its mapping's first byte, or [#FREE]; what follows is kept for
    /// that slot only.
    private final int[] head;

    private final int[] slotsBefore;
    private final int[] offset;
    private final long[] original;
    private final long[] allocSize;

    /// @throws org.softverbs.verbs.VerbsException `ENOMEM` when there is no such piece of memory
    public SwiotlbPool(SparsePhysicalMemory memory, SwiotlbSettings settings) {
        this(memory, settings, new BounceCounters());
    }

    /// A pool that shares the counters of its device.
    SwiotlbPool(SparsePhysicalMemory memory, SwiotlbSettings settings, BounceCounters counters) {
        this(
                memory,
                settings,
                Math.toIntExact(segments(settings) * SEGMENT_SLOTS),
                areas(settings),
                counters);
    }

    private SwiotlbPool(
            SparsePhysicalMemory memory,
            SwiotlbSettings settings,
            int slots,
            int wantedAreas,
            BounceCounters counters) {
        this.memory = memory;
        this.counters = counters;
        this.copier = new BounceCopier(memory, counters);
        this.allocation = memory.allocate(settings.request((long) slots * SLOT_BYTES));
        this.areas = new SwiotlbArea[wantedAreas];
        this.areaSlots = slots / wantedAreas;
        for (int area = 0; area < areas.length; area++) {
            areas[area] = new SwiotlbArea(address(area * areaSlots), areaSlots);
        }
        this.head = new int[slots];
        Arrays.fill(head, FREE);
        this.slotsBefore = new int[slots];
        this.offset = new int[slots];
        this.original = new long[slots];
        this.allocSize = new long[slots];
    }

    /// A pool that is just large enough for one buffer.
    static SwiotlbPool forOne(
            SparsePhysicalMemory memory,
            SwiotlbSettings settings,
            BounceRequest request,
            BounceCounters counters) {
        int slots = slots(request.allocSize() + padding(request));
        return new SwiotlbPool(memory, settings, slots, 1, counters);
    }

    /// As many areas as CPUs, rounded up to a power of two, while each has a segment; and the
    /// segments divide among them.
    private static int areas(SwiotlbSettings settings) {
        long segments = segments(settings);
        int areas = 1;
        while (areas < settings.cpus() && segments % (2L * areas) == 0) {
            areas *= 2;
        }
        return areas;
    }

    private static long segments(SwiotlbSettings settings) {
        return (settings.bytes() + SEGMENT_BYTES - 1) / SEGMENT_BYTES;
    }

    /// Slots that a number of bytes takes.
    static int slots(long bytes) {
        return Math.toIntExact((bytes + SLOT_BYTES - 1) >> SLOT_SHIFT);
    }

    /// Bytes between the start of the first slot and the first byte of the buffer: the address bits
    /// that the device wants kept and that slots alone would lose.
    private static long padding(BounceRequest request) {
        return request.original()
                & request.minAlignMask()
                & (request.allocAlignMask() | (SLOT_BYTES - 1));
    }

    @Override
    public BounceResult map(BounceRequest request) {
        return counters.count(tryMap(request));
    }

    /// The same without counting a refusal.
    BounceResult tryMap(BounceRequest request) {
        long padding = padding(request);
        if (request.allocSize() > SEGMENT_BYTES - padding
                || ((long) slots(request.allocSize() + padding) << SLOT_SHIFT) - 1
                        > request.boundary()) {
            return new Refused(BounceRefusal.TOO_LARGE);
        }
        if (!memory.isMemory(request.original(), request.mappingSize())) {
            return new Refused(BounceRefusal.NO_MEMORY);
        }
        long bytes = request.allocSize() + padding;
        for (int turn = 0; turn < areas.length; turn++) {
            int area = (request.cpu() + turn) & (areas.length - 1);
            int found = areas[area].findSlots(request, bytes, counters);
            if (found != SwiotlbArea.NONE) {
                return occupy(area * areaSlots + found, request, padding);
            }
        }
        return new Refused(BounceRefusal.POOL_FULL);
    }

    private BounceResult occupy(int firstSlot, BounceRequest request, long padding) {
        int first = firstSlot + (int) (padding >> SLOT_SHIFT);
        int slots = slots(request.allocSize() + padding);
        Arrays.fill(head, firstSlot, firstSlot + slots, first);
        slotsBefore[first] = first - firstSlot;
        offset[first] = (int) padding & (SLOT_BYTES - 1);
        original[first] = request.original();
        allocSize[first] = request.allocSize();
        counters.mapped(slots);
        copyIn(first, 0, request.mappingSize());
        long address = start(first);
        PhysicalRange range = new PhysicalRange(address, request.allocSize());
        return new Bounced(address, PhysicalRanges.of(range));
    }

    @Override
    public BounceCheck unmap(
            long address, long mappingSize, DmaDirection direction, boolean skipSync) {
        int first = headOf(address);
        if (first == FREE) {
            return BounceCheck.NOT_MAPPED;
        }
        if (address != start(first)) {
            return address < start(first) ? BounceCheck.BEFORE_MAPPING : BounceCheck.NOT_THE_START;
        }
        BounceCheck check = BounceCheck.OK;
        if (!skipSync) {
            check = syncForCpu(address, mappingSize, direction);
        }
        release(first);
        return check;
    }

    private void release(int first) {
        int firstSlot = first - slotsBefore[first];
        int slots = slots(allocSize[first] + offset[first]) + slotsBefore[first];
        Arrays.fill(head, firstSlot, firstSlot + slots, FREE);
        counters.unmapped(slots);
        areas[firstSlot / areaSlots].free(firstSlot % areaSlots, slots);
    }

    @Override
    public BounceCheck syncForDevice(long address, long length, DmaDirection direction) {
        int first = headOf(address);
        BounceCheck check = check(first, address, length);
        if (!direction.deviceReads() || !BufferBounds.copies(check)) {
            return check;
        }
        long position = address - start(first);
        boolean done = copyIn(first, position, Math.min(length, allocSize[first] - position));
        return done ? check : BounceCheck.MEMORY_GONE;
    }

    @Override
    public BounceCheck syncForCpu(long address, long length, DmaDirection direction) {
        int first = headOf(address);
        BounceCheck check = check(first, address, length);
        if (!direction.deviceWrites() || !BufferBounds.copies(check)) {
            return check;
        }
        long position = address - start(first);
        boolean done = copyOut(first, position, Math.min(length, allocSize[first] - position));
        return done ? check : BounceCheck.MEMORY_GONE;
    }

    private BounceCheck check(int first, long address, long length) {
        if (first == FREE) {
            return BounceCheck.NOT_MAPPED;
        }
        return BufferBounds.check(address - start(first), length, allocSize[first]);
    }

    private boolean copyIn(int first, long position, long length) {
        long at = start(first) - allocation.address(0) + position;
        return copier.copyIn(original[first] + position, bytes(), at, length);
    }

    private boolean copyOut(int first, long position, long length) {
        long at = start(first) - allocation.address(0) + position;
        return copier.copyOut(original[first] + position, bytes(), at, length);
    }

    private MemorySegment bytes() {
        return allocation.segment();
    }

    /// Address of a slot.
    private long address(int slot) {
        return allocation.address(0) + ((long) slot << SLOT_SHIFT);
    }

    /// Address of the first byte of the mapping whose first slot this is.
    private long start(int first) {
        return address(first) + offset[first];
    }

    private int headOf(long address) {
        return contains(address)
                ? head[(int) ((address - allocation.address(0)) >> SLOT_SHIFT)]
                : FREE;
    }

    @Override
    public boolean contains(long address) {
        long distance = address - allocation.address(0);
        return distance >= 0 && distance < allocation.total();
    }

    @Override
    public long largestMapping(long minAlignMask) {
        return SEGMENT_BYTES - ((minAlignMask + SLOT_BYTES - 1) & -SLOT_BYTES);
    }

    @Override
    public BounceStatistics statistics() {
        return counters.statistics();
    }

    /// The pool's own memory.
    public PhysicalAllocation memory() {
        return allocation;
    }

    /// How many areas there are.
    public int areas() {
        return areas.length;
    }

    boolean isEmpty() {
        return Arrays.stream(areas).allMatch(area -> area.used() == 0);
    }

    /// How many slots are free from one on, within its segment.
    int freeFrom(int slot) {
        return areas[slot / areaSlots].freeFrom(slot % areaSlots);
    }

    @Override
    public void close() {
        allocation.close();
    }
}
