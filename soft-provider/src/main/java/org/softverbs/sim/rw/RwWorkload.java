package org.softverbs.sim.rw;

import static org.softverbs.sim.InvariantViolation.require;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.softverbs.dma.BioVector;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.dma.PhysicalRange;
import org.softverbs.dma.PhysicalRanges;
import org.softverbs.dma.ScatterList;
import org.softverbs.rw.ReadWriteContext;
import org.softverbs.sim.DataBank;
import org.softverbs.sim.FaultKind;
import org.softverbs.sim.InvariantViolation;
import org.softverbs.sim.PathSettings;
import org.softverbs.sim.Scarce;
import org.softverbs.sim.SimulatedHost;
import org.softverbs.sim.Workload;
import org.softverbs.sim.World;
import org.softverbs.soft.trace.TraceKind;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.WorkCompletion;

/// An initiator, a target whose memory it reads and writes, and what must be in the memory of both.
final class RwWorkload implements Workload {

    static final int MOST_PAGES = 12;

    private static final int PAGE = 4096;
    private static final int SLOT = MOST_PAGES * PAGE;
    private static final int TURNS = 60;
    private static final int LONGEST_GAP = 40_000;
    private static final int LONGEST_IDLE_GAP = 2_000_000;
    private static final int LAST_IOS = 2;
    private static final int RETRIES = 7;

    /// Three timeouts of code 14, which may each take four times their value, and turns enough to
    /// drain and to connect.
    private static final Duration LONGEST_REST =
            Duration.ofNanos(3 * 4 * (4096L << 14) + 10_000_000);

    private final World world;
    private final SplittableRandom random;
    private final RwInitiator initiator;
    private final DeviceContext target;
    private final ProtectionDomain targetDomain;
    private final CompletionQueue targetCompletions;
    private final MemoryRegion region;
    private final PhysicalAllocation memory;
    private final Map<Long, Io> ios = new LinkedHashMap<>();
    private final boolean[] busy = new boolean[RwInitiator.MOST_IOS];
    private final MemorySegment expected = MemorySegment.ofArray(new byte[SLOT]);
    private final int node;
    private final int targetNode;
    private final Mtu mtu;
    private final RwExcuses excuses;
    private final FlushModel flushes = new FlushModel();
    private @Nullable QueuePair targetQueuePair;
    private int psn;
    private int turns;
    private long nextId = 1;
    private long succeeded;
    private boolean failed;
    private boolean open;
    private boolean posting = true;
    private int lastToPost;
    private int failures;
    private int failedBefore;

    RwWorkload(World world) {
        this.world = world;
        this.node = world.hosts().size() + 1;
        this.random = world.newRandom("rw " + node);
        this.mtu = Mtu.values()[random.nextInt(Mtu.values().length)];
        world.network().standard(PathSettings.standard().forPathMtu(mtu));
        SimulatedHost host = world.addHost();
        this.psn = random.nextInt(1 << 24);
        this.initiator = new RwInitiator(host, random);
        SimulatedHost targetHost = world.addHost();
        this.targetNode = targetHost.node();
        this.excuses = new RwExcuses(world, node, targetNode, RETRIES);
        this.target = targetHost.openDevice();
        this.targetDomain = Scarce.until(target::allocateProtectionDomain);
        this.targetCompletions = Scarce.until(() -> target.createCompletionQueue(64));
        MemorySegment bytes = Arena.ofAuto().allocate((long) SLOT * RwInitiator.MOST_IOS, PAGE);
        this.region =
                Scarce.until(
                        () ->
                                targetDomain.registerMemory(
                                        bytes,
                                        EnumSet.of(
                                                AccessFlag.LOCAL_WRITE,
                                                AccessFlag.REMOTE_READ,
                                                AccessFlag.REMOTE_WRITE)));
        long local = (long) SLOT * RwInitiator.MOST_IOS;
        PhysicalMemoryRequest request =
                random.nextBoolean()
                        ? PhysicalMemoryRequest.scattered(local)
                        : PhysicalMemoryRequest.contiguous(local);
        this.memory = host.host().physicalMemory().allocate(request);
        memory.segment().fill(DataBank.POISON);
        bytes.fill(DataBank.POISON);
    }

    @Override
    public void start() {
        connect();
        next();
    }

    @Override
    public boolean hasHadEnough() {
        return turns >= TURNS;
    }

    @Override
    public void heal() {
        posting = false;
    }

    @Override
    public Duration longestRest() {
        return LONGEST_REST;
    }

    @Override
    public boolean isAtRest() {
        return open && !failed && ios.isEmpty() && lastToPost == 0;
    }

    @Override
    public void postLast() {
        lastToPost = LAST_IOS;
        failedBefore = failures;
    }

    /// Who has had enough of the chaos takes its time until the others have, too.
    private void next() {
        int longest = posting && hasHadEnough() ? LONGEST_IDLE_GAP : LONGEST_GAP;
        world.after(Duration.ofNanos(1 + random.nextInt(longest)), this::turn);
    }

    private void turn() {
        turns++;
        if (failed) {
            recover();
        } else if (!open) {
            connect();
        } else if (ios.size() < RwInitiator.MOST_IOS && (posting || lastToPost > 0)) {
            begin();
        }
        next();
    }

    private boolean kept() {
        return world.trace().isKept();
    }

    private void note(TraceKind kind, long number, String text) {
        world.trace().add(kind, node, number, ios.size(), text);
    }

    private long faults(FaultKind kind) {
        return world.faults().counts().getOrDefault(kind, 0L);
    }

    private void begin() {
        int slot = 0;
        while (busy[slot]) {
            slot++;
        }
        long id = nextId++;
        boolean read = random.nextBoolean();
        List<PhysicalRange> ranges = ranges(slot);
        int length = ranges.stream().mapToInt(range -> (int) range.length()).sum();
        fill(id, slot, ranges, length, read);
        long failures = faults(FaultKind.ALLOCATION_FAILURE);
        try {
            DmaDirection direction = read ? DmaDirection.FROM_DEVICE : DmaDirection.TO_DEVICE;
            ReadWriteContext context = context(slot, ranges, direction);
            Io io = new Io(id, slot, ranges, length, direction, context);
            ios.put(id, io);
            busy[slot] = true;
            note(TraceKind.POSTED, id, kept() ? io.toString() : "");
            lastToPost = Math.max(0, lastToPost - 1);
            flushes.posted(id, post(id, context));
        } catch (VerbsException refused) {
            note(TraceKind.NOTE, id, kept() ? refused.toString() : "");
            boolean scarce = faults(FaultKind.ALLOCATION_FAILURE) > failures;
            boolean legal =
                    refused.errno() == Errno.EAGAIN || (scarce && refused.errno() == Errno.ENOMEM);
            require(legal && !ios.containsKey(id), "Q7", () -> "refused for no reason: " + refused);
        }
    }

    /// Posts an I/O: every second one by its requests, which can be counted then.
    ///
    /// @return how many requests, 0 when that is not known
    private int post(long id, ReadWriteContext context) {
        if (id % 2 == 0) {
            context.post(id);
            return 0;
        }
        List<SendWorkRequest> requests = context.workRequests(id);
        initiator.queuePair().postSendAll(requests);
        return requests.size();
    }

    private ReadWriteContext context(int slot, List<PhysicalRange> ranges, DmaDirection direction) {
        long address = region.address() + (long) slot * SLOT;
        if (random.nextBoolean()) {
            ScatterList list = new ScatterList();
            ranges.forEach(list::add);
            return ReadWriteContext.overBioVector(
                    initiator.queue(),
                    new BioVector(list, 0, list.total()),
                    address,
                    region.remoteKey(),
                    direction);
        }
        return ReadWriteContext.overScatterList(
                initiator.queue(),
                new PhysicalRanges(ranges),
                0,
                address,
                region.remoteKey(),
                direction);
    }

    /// Pages of a slot, in order; the first may begin and the last may end inside of a page.
    private List<PhysicalRange> ranges(int slot) {
        List<PhysicalRange> ranges = new ArrayList<>();
        int count = 1 + random.nextInt(MOST_PAGES);
        for (int i = 0; i < count; i++) {
            int from = i == 0 && random.nextBoolean() ? random.nextInt(PAGE) : 0;
            int to = i == count - 1 && random.nextBoolean() ? 1 + random.nextInt(PAGE) : PAGE;
            long start = (long) slot * SLOT + (long) i * PAGE;
            ranges.add(memory.range(start + from, Math.max(1, to - from)));
        }
        return ranges;
    }

    private void fill(long id, int slot, List<PhysicalRange> ranges, int length, boolean read) {
        MemorySegment there = region.segment().asSlice((long) slot * SLOT, SLOT);
        MemorySegment here = memory.segment().asSlice((long) slot * SLOT, SLOT);
        there.fill(DataBank.POISON);
        here.fill(DataBank.POISON);
        if (read) {
            there.copyFrom(DataBank.bytes(id, length));
        } else {
            scatter(DataBank.bytes(id, length), here, offsets(slot, ranges));
        }
    }

    /// Writes bytes in order to places of another segment, each an offset and a length.
    private static void scatter(MemorySegment bytes, MemorySegment target, List<long[]> places) {
        long at = 0;
        for (long[] place : places) {
            MemorySegment.copy(bytes, at, target, place[0], place[1]);
            at += place[1];
        }
    }

    /// Where the ranges lie in the slot, in pairs of offset and length.
    private List<long[]> offsets(int slot, List<PhysicalRange> ranges) {
        List<long[]> offsets = new ArrayList<>();
        for (int i = 0; i < ranges.size(); i++) {
            long page = memory.range((long) slot * SLOT + (long) i * PAGE, PAGE).address();
            PhysicalRange range = ranges.get(i);
            offsets.add(new long[] {(long) i * PAGE + range.address() - page, range.length()});
        }
        return offsets;
    }

    @Override
    public void poll() {
        if (!open && initiator.drain().isEmpty()) {
            return;
        }
        for (WorkCompletion completion :
                initiator.completions().poll(initiator.completions().entries())) {
            boolean marker = initiator.drain().map(it -> it.onCompletion(completion)).orElse(false);
            if (!marker) {
                completed(completion);
            }
        }
    }

    private void completed(WorkCompletion completion) {
        note(TraceKind.COMPLETED, completion.workRequestId(), completion.status().name());
        if (completion.isSuccess()) {
            Io io = ios.remove(completion.workRequestId());
            if (io == null || failed) {
                throw new InvariantViolation("C1", "a completion of nothing: " + completion);
            }
            busy[io.slot()] = false;
            io.context().close();
            check(io);
            succeeded++;
            flushes.succeeded(io.id());
            excuses.progressed();
            return;
        }
        flushes.ended(completion);
        if (failed) {
            return;
        }
        failed = true;
        failures++;
        require(excuses.isReason(completion.status()), "T2", () -> "no reason for " + completion);
    }

    private void check(Io io) {
        MemorySegment there = region.segment().asSlice((long) io.slot() * SLOT, SLOT);
        MemorySegment here = memory.segment().asSlice((long) io.slot() * SLOT, SLOT);
        MemorySegment bytes = DataBank.bytes(io.id(), io.length());
        expected.fill(DataBank.POISON);
        scatter(bytes, expected, offsets(io.slot(), io.ranges()));
        long wrongHere = here.mismatch(expected);
        expected.fill(DataBank.POISON);
        expected.copyFrom(bytes);
        long wrongThere = there.mismatch(expected);
        require(
                wrongHere < 0 && wrongThere < 0,
                "T1",
                () -> io + ": local byte " + wrongHere + ", remote byte " + wrongThere);
    }

    /// Drains the queue pair, then closes it and all I/Os, and connects anew.
    private void recover() {
        if (initiator.drain().isEmpty()) {
            initiator.beginDrain();
            return;
        }
        if (!initiator.drain().get().isDone()) {
            return;
        }
        flushes.drained();
        ios.values().forEach(io -> io.context().close());
        ios.clear();
        Arrays.fill(busy, false);
        initiator.closeQueue();
        if (targetQueuePair != null) {
            targetQueuePair.close();
            targetQueuePair = null;
        }
        failed = false;
        open = false;
    }

    /// @return false when the host had not what it takes
    private boolean makeQueuePairs() {
        long failures = faults(FaultKind.ALLOCATION_FAILURE);
        try {
            if (targetQueuePair == null) {
                targetQueuePair =
                        targetDomain.createQueuePair(
                                QueuePairOptions.reliableConnection(
                                        targetCompletions, QueuePairCapabilities.small()));
            }
            initiator.open();
            return true;
        } catch (VerbsException scarce) {
            require(
                    scarce.errno() == Errno.ENOMEM
                            && faults(FaultKind.ALLOCATION_FAILURE) > failures,
                    "Q7",
                    () -> "refused for no reason: " + scarce);
            return false;
        }
    }

    private void connect() {
        if (!makeQueuePairs()) {
            return;
        }
        excuses.connected();
        psn = (psn + 0x10_0000) & 0xff_ffff;
        QueuePair mine = initiator.queuePair();
        QueuePair other = Objects.requireNonNull(targetQueuePair);
        for (QueuePair queuePair : List.of(mine, other)) {
            boolean left = queuePair == mine;
            queuePair.modify(
                    QueuePairAttributes.toInit(
                            EnumSet.of(AccessFlag.REMOTE_READ, AccessFlag.REMOTE_WRITE)));
            DeviceContext peer = left ? target : initiator.device();
            queuePair.modify(
                    QueuePairAttributes.toReadyToReceive(
                            new AddressVector(peer.gidTable(1).getFirst().gid(), 0),
                            left ? other.number() : mine.number(),
                            psn,
                            mtu));
            queuePair.modify(QueuePairAttributes.toReadyToSend(psn));
        }
        open = mine.state() == QueuePairState.RTS;
    }

    @Override
    public void finish() {
        require(
                failures == failedBefore,
                "T3",
                () -> "an I/O failed although nothing goes wrong any more");
        initiator.close();
        if (targetQueuePair != null) {
            targetQueuePair.close();
        }
        require(
                target.counters().getOrDefault("engine_faults", 0L) == 0,
                "S1",
                () -> "n" + targetNode + ": an engine threw");
        region.close();
        targetCompletions.close();
        targetDomain.close();
        target.close();
        memory.close();
    }

    @Override
    public String toString() {
        return "n" + node + " with " + ios.values() + ", " + succeeded + " done";
    }
}
