package org.softverbs.sim.dma;

import static org.softverbs.sim.InvariantViolation.require;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.softverbs.dma.AddressSpace;
import org.softverbs.dma.DmaDevice;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.DmaSegment;
import org.softverbs.dma.DmaStatistics;
import org.softverbs.dma.DmaTransaction;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.dma.PhysicalRange;
import org.softverbs.dma.PhysicalRanges;
import org.softverbs.dma.ScatterList;
import org.softverbs.sim.FaultKind;
import org.softverbs.sim.InvariantViolation;
import org.softverbs.sim.SimulatedHost;
import org.softverbs.sim.World;
import org.softverbs.soft.dma.DmaAttachment;
import org.softverbs.soft.memory.AccessResult;
import org.softverbs.soft.packet.RunList;
import org.softverbs.soft.trace.TraceKind;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.VerbsException;

/// One device and the memory of its host: what it maps, what either side writes, and what both must
/// find.
final class DmaWorkload {

    private static final int PAGE = 4096;
    private static final int PAGES = 48;
    private static final int MOST_TRANSFERS = 6;
    private static final int MOST_PAGES = 6;
    private static final int TURNS = 120;
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private final World world;
    private final SimulatedHost host;
    private final SplittableRandom random;
    private final DmaAttachment attachment;
    private final PhysicalAllocation memory;
    private final MemorySegment expected = MemorySegment.ofArray(new byte[PAGES * PAGE]);
    private final boolean[] taken = new boolean[PAGES];
    private final List<Transfer> transfers = new ArrayList<>();
    private final DmaStatistics before;
    private int turns;

    DmaWorkload(World world, SimulatedHost host) {
        this.world = world;
        this.host = host;
        this.random = world.newRandom("dma " + host.node());
        this.attachment = host.attach(DmaChoice.draw(random));
        PhysicalMemoryRequest request =
                random.nextBoolean()
                        ? PhysicalMemoryRequest.scattered((long) PAGES * PAGE)
                        : PhysicalMemoryRequest.contiguous((long) PAGES * PAGE);
        this.memory = host.host().physicalMemory().allocate(request);
        this.before = attachment.device().statistics();
        byte[] noise = new byte[PAGES * PAGE];
        random.nextBytes(noise);
        expected.copyFrom(MemorySegment.ofArray(noise));
        memory.write(0, expected);
    }

    /// Takes its first turn soon, and then one after the other.
    void start() {
        world.after(Duration.ofNanos(1 + random.nextInt(5000)), this::turn);
    }

    /// Lets all workloads of a world take their turns.
    static void run(World world) {
        world.run(LONGEST);
    }

    /// It took all its turns and unmapped all it had mapped.
    void requireFinished() {
        require(turns > TURNS, "T3", () -> host.name() + " took only " + turns + " turns");
    }

    private void turn() {
        if (turns++ == TURNS) {
            finish();
            return;
        }
        if (transfers.isEmpty() || (transfers.size() < MOST_TRANSFERS && random.nextInt(3) == 0)) {
            map();
        } else {
            use(transfers.get(random.nextInt(transfers.size())));
        }
        checkMemory(random.nextInt(PAGES));
        start();
    }

    private void note(TraceKind kind, long number, String text) {
        world.trace().add(kind, host.node(), number, transfers.size(), text);
    }

    private long faults(FaultKind kind) {
        return world.faults().counts().getOrDefault(kind, 0L);
    }

    private void map() {
        List<PhysicalRange> ranges = takeRanges();
        if (ranges.isEmpty()) {
            return;
        }
        DmaDirection[] directions = DmaDirection.values();
        DmaDirection direction = directions[random.nextInt(directions.length)];
        long failures = faults(FaultKind.ALLOCATION_FAILURE);
        DmaStatistics earlier = attachment.device().statistics();
        try {
            DmaMapping mapping = map(new PhysicalRanges(ranges), direction);
            Transfer transfer = new Transfer(mapping, direction, ranges, content(ranges));
            transfers.add(transfer);
            note(TraceKind.POSTED, mapping.length(), kept() ? "map " + transfer : "");
        } catch (VerbsException refused) {
            note(TraceKind.NOTE, ranges.size(), kept() ? refused.toString() : "");
            boolean scarce = faults(FaultKind.ALLOCATION_FAILURE) > failures;
            require(
                    scarce && refused.errno() == Errno.ENOMEM,
                    "Q7",
                    () -> host.name() + ": refused for no reason: " + refused.getMessage());
            giveBack(ranges);
            checkNothingLeft(attachment.device().statistics().since(earlier));
        }
    }

    private boolean kept() {
        return world.trace().isKept();
    }

    private void checkNothingLeft(DmaStatistics since) {
        require(
                since.iovaAllocations() == since.iovaFrees(),
                "Q7",
                () -> host.name() + ": a mapping was refused and left addresses: " + since);
    }

    private DmaMapping map(PhysicalRanges vector, DmaDirection direction) {
        DmaDevice device = attachment.device();
        return switch (random.nextInt(4)) {
            case 0 -> device.map(vector, direction);
            case 1 -> device.mapSg(ScatterList.of(vector), direction);
            case 2 -> device.mapPages(vector, direction);
            default -> {
                try (DmaTransaction transaction = device.begin(vector, direction)) {
                    transaction.link(random.nextInt(vector.count()));
                    transaction.linkAll();
                    yield transaction.done();
                }
            }
        };
    }

    /// Pages that nobody has, some of the ends left out.
    private List<PhysicalRange> takeRanges() {
        List<PhysicalRange> ranges = new ArrayList<>();
        int count = 1 + random.nextInt(MOST_PAGES);
        for (int i = 0; i < count; i++) {
            int page = random.nextInt(PAGES);
            if (taken[page]) {
                continue;
            }
            taken[page] = true;
            int from = random.nextInt(3) == 0 ? random.nextInt(PAGE) : 0;
            int to = random.nextInt(3) == 0 ? 1 + from + random.nextInt(PAGE - from) : PAGE;
            ranges.add(memory.range((long) page * PAGE + from, (long) to - from));
        }
        return ranges;
    }

    private void giveBack(List<PhysicalRange> ranges) {
        ranges.forEach(range -> taken[pageOf(range)] = false);
    }

    /// The page of the memory that a range lies in.
    private int pageOf(PhysicalRange range) {
        for (int page = 0; page < PAGES; page++) {
            long into = range.address() - startOf(page);
            if (into >= 0 && into < PAGE) {
                return page;
            }
        }
        throw new IllegalArgumentException(range + " is not of this memory");
    }

    private long startOf(int page) {
        return memory.range((long) page * PAGE, PAGE).address();
    }

    private MemorySegment content(List<PhysicalRange> ranges) {
        RunList runs = cpuRuns(ranges);
        MemorySegment bytes = MemorySegment.ofArray(new byte[(int) runs.total()]);
        runs.copyTo(bytes, 0);
        return bytes;
    }

    private RunList cpuRuns(List<PhysicalRange> ranges) {
        RunList runs = new RunList();
        for (PhysicalRange range : ranges) {
            host.host().physicalMemory().resolve(range.address(), range.length(), runs);
        }
        return runs;
    }

    private void use(Transfer transfer) {
        switch (random.nextInt(5)) {
            case 0 -> unmap(transfer);
            case 1 -> changeOwner(transfer);
            default -> {
                if (transfer.ownedByDevice) {
                    useAsDevice(transfer);
                } else {
                    useAsCpu(transfer);
                }
            }
        }
    }

    private void changeOwner(Transfer transfer) {
        note(TraceKind.NOTE, transfer.ownedByDevice ? 1 : 0, "sync");
        if (transfer.ownedByDevice) {
            transfer.mapping.syncForCpu();
            checkCpu(transfer);
        } else {
            transfer.mapping.syncForDevice();
        }
        transfer.ownedByDevice = !transfer.ownedByDevice;
    }

    /// The CPU finds what it must.
    private void checkCpu(Transfer transfer) {
        long wrong = content(transfer.ranges).mismatch(transfer.content);
        require(
                wrong < 0,
                "M7",
                () -> host.name() + ": the CPU finds a wrong byte " + wrong + " of " + transfer);
    }

    private void useAsCpu(Transfer transfer) {
        if (!transfer.mayDeviceRead()) {
            return;
        }
        change(transfer);
        write(transfer.content, cpuRuns(transfer.ranges));
    }

    private static void write(MemorySegment bytes, RunList target) {
        RunList source = new RunList();
        source.add(bytes, 0, bytes.byteSize());
        source.copyTo(target);
    }

    private void change(Transfer transfer) {
        long size = transfer.content.byteSize();
        long at = random.nextLong(size);
        long end = at + 1 + random.nextLong(size - at);
        byte value = (byte) random.nextInt();
        for (long i = at; i < end; i++) {
            transfer.content.set(ValueLayout.JAVA_BYTE, i, (byte) (value + i));
        }
    }

    private void useAsDevice(Transfer transfer) {
        boolean write = random.nextBoolean();
        boolean allowed = write ? transfer.mayDeviceWrite() : transfer.mayDeviceRead();
        RunList runs = deviceRuns(transfer, write, allowed);
        if (runs == null) {
            return;
        }
        note(TraceKind.COMPLETED, write ? 1 : 0, "");
        if (write) {
            change(transfer);
            write(transfer.content, runs);
            return;
        }
        MemorySegment seen = MemorySegment.ofArray(new byte[(int) runs.total()]);
        runs.copyTo(seen, 0);
        long wrong = seen.mismatch(transfer.content);
        require(
                wrong < 0,
                "M7",
                () -> host.name() + ": the device finds a wrong byte " + wrong + " of " + transfer);
    }

    /// What the device finds at its addresses; null when it was refused.
    private @Nullable RunList deviceRuns(Transfer transfer, boolean write, boolean allowed) {
        RunList runs = new RunList();
        for (DmaSegment segment : transfer.mapping.segments()) {
            long faults = faults(FaultKind.IOMMU_FAULT);
            AccessResult result =
                    attachment.memory().resolve(segment.address(), segment.length(), write, runs);
            if (result == AccessResult.GRANTED) {
                require(
                        allowed || segment.space() != AddressSpace.IOVA,
                        "M4",
                        () ->
                                host.name()
                                        + ": the device got a right it was not given: "
                                        + transfer);
                continue;
            }
            require(
                    !allowed || faults(FaultKind.IOMMU_FAULT) > faults,
                    "M1",
                    () -> host.name() + ": " + result + " for " + segment + " of " + transfer);
            return null;
        }
        return allowed ? runs : null;
    }

    private void unmap(Transfer transfer) {
        transfers.remove(transfer);
        List<DmaSegment> segments = transfer.mapping.segments();
        if (!transfer.ownedByDevice) {
            // Of what the CPU wrote since, a bounce buffer knows nothing.
            transfer.mapping.syncForDevice();
        }
        transfer.mapping.close();
        note(TraceKind.NOTE, transfer.mapping.length(), "unmap");
        checkCpu(transfer);
        int at = 0;
        for (PhysicalRange range : transfer.ranges) {
            remember(range, transfer.content.asSlice(at, range.length()));
            at += (int) range.length();
        }
        giveBack(transfer.ranges);
        for (DmaSegment segment : segments) {
            if (segment.space() == AddressSpace.IOVA) {
                AccessResult result =
                        attachment.memory().resolve(segment.address(), 1, false, new RunList());
                require(
                        result != AccessResult.GRANTED,
                        "M8",
                        () -> host.name() + ": the device still reaches " + segment);
            }
        }
    }

    private void remember(PhysicalRange range, MemorySegment bytes) {
        int page = pageOf(range);
        long offset = (long) page * PAGE + range.address() - startOf(page);
        expected.asSlice(offset, range.length()).copyFrom(bytes);
    }

    /// A page that is in no mapping is as it was left.
    private void checkMemory(int page) {
        if (taken[page]) {
            return;
        }
        MemorySegment actual = MemorySegment.ofArray(new byte[PAGE]);
        memory.read((long) page * PAGE, actual);
        long wrong = actual.mismatch(expected.asSlice((long) page * PAGE, PAGE));
        require(
                wrong < 0,
                "M1",
                () -> host.name() + ": byte " + wrong + " of page " + page + " changed unmapped");
    }

    private void finish() {
        while (!transfers.isEmpty()) {
            unmap(transfers.getLast());
        }
        for (int page = 0; page < PAGES; page++) {
            checkMemory(page);
        }
        DmaStatistics since = attachment.device().statistics().since(before);
        if (since.iovaAllocations() != since.iovaFrees() || since.maps() != since.unmaps()) {
            throw new InvariantViolation("Q7", host.name() + ": something is left: " + since);
        }
        memory.close();
        attachment.close();
    }
}
