package org.softverbs.sim.rc;

import static org.softverbs.sim.InvariantViolation.require;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.softverbs.sim.DataBank;
import org.softverbs.sim.FaultKind;
import org.softverbs.sim.FaultPlan;
import org.softverbs.sim.Place;
import org.softverbs.sim.Scarce;
import org.softverbs.sim.SimulatedHost;
import org.softverbs.sim.WireModel;
import org.softverbs.sim.World;
import org.softverbs.soft.trace.TraceKind;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// A node's program: a device, a domain, two completion queues and the ends that use them.
final class Node {

    private static final long PAGE = 4096;
    private static final long VAULT_BYTES = 16_384;
    private static final int ENTRIES_PER_END = 64;

    /// Among so many ports an address is drawn.
    private static final int MOST_PORTS = 200;

    private static final List<FaultKind> NODE_FAULTS =
            Arrays.stream(FaultKind.values())
                    .filter(kind -> kind.occasion() == FaultKind.Occasion.TURN)
                    .toList();

    private final World world;
    private final SimulatedHost host;
    private final Place place;
    private final RcProfile profile;
    private final RcSettings settings;
    private final WireModel wire;
    private final SplittableRandom random;
    private final List<End> ends = new ArrayList<>();
    private final Map<Integer, End> byNumber = new LinkedHashMap<>();
    private final Set<Integer> destroyed = new LinkedHashSet<>();
    private final NodeEvents events;
    private @Nullable DeviceContext context;
    private @Nullable ProtectionDomain domain;
    private @Nullable ProtectionDomain otherDomain;
    private @Nullable MemoryRegion vault;
    private @Nullable CompletionQueue sendQueue;
    private @Nullable CompletionQueue receiveQueue;
    private final SharedCounter sharedCounter;
    private final MemorySegment vaultMemory = Arena.ofAuto().allocate(VAULT_BYTES, PAGE);
    private long receivesWithheldUntil;
    private long pollsWithheldUntil;
    private long absentNanos;
    private long turn;
    private long seenActivity;
    private boolean called = true;

    Node(World world, RcProfile profile, RcSettings settings, WireModel wire) {
        this.world = world;
        this.host = world.addHost();
        this.place = Place.node(host.node());
        this.profile = profile;
        this.settings = settings;
        this.wire = wire;
        this.random = world.newRandom("node " + host.node());
        this.events = new NodeEvents(this, profile);
        MemorySegment counted = Arena.ofAuto().allocate(SharedCounter.BYTES, PAGE);
        this.sharedCounter = new SharedCounter(host.name(), counted);
    }

    private static <T> T present(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("the node has no device");
        }
        return value;
    }

    /// Opens the device, and all ends on it; asks again for what the host has no memory for.
    void open() {
        DeviceContext opened = isPrivileged() ? host.openPrivilegedDevice() : host.openDevice();
        context = opened;
        events.opened();
        domain = Scarce.until(opened::allocateProtectionDomain);
        ProtectionDomain other = Scarce.until(opened::allocateProtectionDomain);
        otherDomain = other;
        vaultMemory.fill(DataBank.POISON);
        vault = Scarce.until(() -> other.registerMemory(vaultMemory, End.REMOTE));
        if (profile.atomics()) {
            sharedCounter.open(domain());
        }
        int entries = ENTRIES_PER_END * ends.size();
        sendQueue = Scarce.until(() -> opened.createCompletionQueue(entries));
        receiveQueue = Scarce.until(() -> opened.createCompletionQueue(entries));
        ends.forEach(End::open);
    }

    /// Memory of another protection domain, with all rights for those who are in it.
    MemoryRegion vault() {
        return present(vault);
    }

    /// What all queue pairs of the node change; only in a scenario of atomics.
    SharedCounter sharedCounter() {
        return sharedCounter;
    }

    boolean isUp() {
        return context != null && host.isRunning() && events.isPresent();
    }

    /// Whether its device was not taken out, as far as anybody but the program knows.
    boolean isDevicePresent() {
        return events.isPresent();
    }

    /// Whether a completion queue of its is about to overrun.
    boolean isOverrunDue() {
        return !events.mayOverflow();
    }

    /// Whether its device told all that it has to tell.
    boolean isSettled() {
        return events.isSettled();
    }

    World world() {
        return world;
    }

    SimulatedHost host() {
        return host;
    }

    String name() {
        return host.name();
    }

    boolean lends() {
        return profile.lends();
    }

    /// Whether its device is kernel code's, which lends by fast registrations; others have windows.
    boolean isPrivileged() {
        return profile.lends() && host.node() % 2 == 0;
    }

    /// Whether a packet was forged in this run, so that from then on contents prove nothing.
    boolean isForged() {
        return world.faults().hasHappened(FaultKind.FORGE);
    }

    DeviceContext context() {
        return present(context);
    }

    ProtectionDomain domain() {
        return present(domain);
    }

    CompletionQueue sendQueue() {
        return present(sendQueue);
    }

    CompletionQueue receiveQueue() {
        return present(receiveQueue);
    }

    GlobalIdentifier address() {
        return context().gidTable(1).getFirst().gid();
    }

    List<End> ends() {
        return ends;
    }

    /// One in four PSNs is near the end of the number space.
    int startPsn() {
        return random.nextInt(4) == 0 ? 0xff_ffff - random.nextInt(200) : random.nextInt(1 << 24);
    }

    void add(End end) {
        byNumber.put(end.queuePair().number(), end);
    }

    /// The end of a queue pair's number; null when that is gone.
    @Nullable End find(int number) {
        return byNumber.get(number);
    }

    void remove(End end) {
        byNumber.remove(end.queuePair().number());
        destroyed.add(end.queuePair().number());
    }

    /// Requests that its ends posted so far.
    long posted() {
        long sum = 0;
        for (End end : ends) {
            sum += end.sends().posted();
        }
        return sum;
    }

    /// Something was called that may have completed requests at once.
    void touch() {
        called = true;
    }

    void posted(End end, Request request) {
        called = true;
        if (world.trace().isKept()) {
            note(TraceKind.POSTED, request.id, "qp " + end.queuePair().number() + " " + request);
        } else {
            note(TraceKind.POSTED, request.id, "");
        }
    }

    void note(TraceKind kind, long number, String text) {
        world.trace().add(kind, host.node(), number, 0, text);
    }

    /// Takes what completed, if the program is not kept from it.
    void poll() {
        boolean news = called || host.activity() != seenActivity;
        if (news && isUp() && world.clock().nanoTime() >= pollsWithheldUntil) {
            called = false;
            seenActivity = host.activity();
            pollAll();
        }
    }

    /// Takes what completed, even if the program is kept from it.
    void pollAll() {
        // Receives first: whoever saw a send succeed finds the message delivered.
        for (WorkCompletion completion : receiveQueue().poll(receiveQueue().entries())) {
            End end = find(completion);
            if (end != null) {
                end.receives().completed(completion);
            }
        }
        for (WorkCompletion completion : sendQueue().poll(sendQueue().entries())) {
            End end = find(completion);
            if (end != null) {
                end.sends().completed(completion);
            }
        }
        ends.forEach(end -> end.receives().checkFlush());
    }

    /// The end that a completion is for; null for one that lay in the queue when its queue pair was
    /// destroyed.
    private @Nullable End find(WorkCompletion completion) {
        note(
                TraceKind.COMPLETED,
                completion.workRequestId() << 24 | completion.queuePairNumber(),
                world.trace().isKept() ? describe(completion) : "");
        End end = byNumber.get(completion.queuePairNumber());
        require(
                end != null || destroyed.contains(completion.queuePairNumber()),
                "C1",
                () -> name() + ": a completion of no queue pair: " + completion);
        return end;
    }

    private static String describe(WorkCompletion completion) {
        return "qp "
                + completion.queuePairNumber()
                + " request "
                + completion.workRequestId()
                + " "
                + completion.status();
    }

    /// Whether an error may be without a wrong request being its reason.
    boolean allows(End end, WorkCompletionStatus status) {
        if (isForged()) {
            return true;
        }
        return switch (status) {
            case WR_FLUSH_ERR -> end.mayBeFlushed();
            case RETRY_EXC_ERR ->
                    end.sends()
                            .mayBeOutOfRetries(
                                    wire.mayBeOutOfRetries(host.node(), end.queuePair().number()));
            case RNR_RETRY_EXC_ERR ->
                    wire.mayBeOutOfRnrRetries(host.node(), end.queuePair().number());
            case REM_ACCESS_ERR -> end.sends().areTargetsGone() || end.peer().wasRevoked();
            case LOC_PROT_ERR -> !end.isWhole();
            case REM_INV_REQ_ERR -> !end.peer().isWhole() || end.peer().wasRevoked();
            case REM_OP_ERR -> !end.peer().isWhole();
            default -> false;
        };
    }

    /// Does what a program does in a turn, and what goes wrong in it.
    ///
    /// @param maker posts requests
    /// @param open whether an end is connected
    /// @param posting whether to post requests, and not receives alone
    void takeTurn(RequestMaker maker, Predicate<End> open, boolean posting) {
        turn++;
        called = true;
        if (context != null && host.isRunning() && events.take()) {
            lose();
        }
        goWrong();
        if (!isUp()) {
            return;
        }
        for (End end : ends) {
            if (open.test(end) && !end.isDestroyed()) {
                if (world.clock().nanoTime() >= receivesWithheldUntil && end.isWhole()) {
                    end.receives().post();
                }
                int count = posting ? random.nextInt(settings.burst() + 1) : 0;
                for (int i = 0; i < count && end.sends().hasRoom() && end.isWhole(); i++) {
                    maker.post(end, false, false);
                }
                if (!posting && end.sends().endsSilently() && end.sends().hasRoom()) {
                    maker.post(end, true, true);
                }
            }
            end.sends().checkOne(turn);
        }
    }

    private void goWrong() {
        for (FaultKind kind : NODE_FAULTS) {
            long argument = world.faults().consider(kind, place, turn);
            if (argument != FaultPlan.NOTHING && isPossible(kind, argument)) {
                world.faults().happened(kind, place, turn, argument);
                note(TraceKind.FAULT, argument, kind + " " + argument);
                apply(kind, argument);
            }
        }
    }

    /// Whether a fault would change anything now.
    private boolean isPossible(FaultKind kind, long argument) {
        if (context == null || !(events.isPresent() || isOfHost(kind))) {
            return false;
        }
        End end = endOf(argument);
        return switch (kind) {
            case DEREGISTER -> end.isRegistered(regionOf(argument));
            case QUEUE_PAIR_ERROR -> end.mayFail();
            case QUEUE_PAIR_DESTROY -> !end.isDestroyed();
            case INVALIDATE -> end.isSound() && end.loan().isLent() && end.sends().hasRoom();
            case CQ_OVERFLOW -> events.mayOverflow();
            default -> true;
        };
    }

    private End endOf(long argument) {
        return ends.get((int) (argument % ends.size()));
    }

    private int regionOf(long argument) {
        return (int) (argument / ends.size() % 3);
    }

    /// Whether it needs no device.
    private static boolean isOfHost(FaultKind kind) {
        return switch (kind) {
            case PAUSE, PARTITION, MTU_CHANGE, RECEIVE_STARVATION, POLL_STARVATION, RESTART -> true;
            default -> false;
        };
    }

    private void apply(FaultKind kind, long argument) {
        long nanos = argument * 1000;
        long until = world.clock().nanoTime() + nanos;
        End end = endOf(argument);
        switch (kind) {
            case PAUSE -> host.pause(nanos);
            case PARTITION -> host.part(nanos);
            case MTU_CHANGE -> host.narrow(nanos);
            case RECEIVE_STARVATION -> receivesWithheldUntil = until;
            case POLL_STARVATION -> pollsWithheldUntil = until;
            case DEREGISTER -> {
                if (!end.isDestroyed()) {
                    events.deregister(end.queuePair().number());
                }
                end.deregister(regionOf(argument));
            }
            case QUEUE_PAIR_ERROR -> end.fail();
            case QUEUE_PAIR_DESTROY -> end.destroy();
            case RESTART -> restart(nanos);
            case INVALIDATE -> end.loan().revoke();
            case CQ_OVERFLOW -> events.overflow(settings, argument);
            case GID_CHANGE -> events.changeAddress(1 + (int) (argument % MOST_PORTS));
            case PORT_DOWN -> host.portDown(nanos);
            case DEVICE_REMOVAL -> {
                absentNanos = nanos;
                events.remove();
            }
            default -> throw new IllegalArgumentException("not of a node: " + kind);
        }
    }

    private void restart(long nanos) {
        requireNoFault();
        byNumber.clear();
        ends.forEach(End::lost);
        context = null;
        host.restart(nanos);
        world.after(Duration.ofNanos(nanos), this::open);
    }

    /// The device was taken out, and the program was told. It takes what completed, closes all, and
    /// opens the device again when it is back.
    private void lose() {
        requireNoFault();
        pollAll();
        for (End end : ends) {
            // What it sent may still be under way to the peer's memory.
            end.sends().finish();
            end.peer().sends().checkDelivered();
            end.receives().finish();
            end.checkGaps();
        }
        closeAll();
        for (End end : ends) {
            end.peer().sends().peerLost();
        }
        context = null;
        world.after(Duration.ofNanos(absentNanos), this::open);
    }

    private void requireNoFault() {
        require(
                context == null || context.counters().getOrDefault("engine_faults", 0L) == 0,
                "S1",
                () -> name() + ": an engine threw");
    }

    /// From now on nothing is withheld.
    void heal() {
        receivesWithheldUntil = 0;
        pollsWithheldUntil = 0;
    }

    /// Closes all there is.
    void close() {
        if (context == null) {
            return;
        }
        events.checkPort();
        requireNoFault();
        long written = DataBank.written(vaultMemory, 0, vaultMemory.byteSize());
        require(written < 0, "M3", () -> name() + ": memory of another domain was written");
        sharedCounter.check();
        closeAll();
    }

    private void closeAll() {
        ends.forEach(End::close);
        vault().close();
        sharedCounter.close();
        present(otherDomain).close();
        sendQueue().close();
        receiveQueue().close();
        domain().close();
        context().close();
    }
}
