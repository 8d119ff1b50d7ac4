package org.softverbs.conformance;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.AddressHandle;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.AsyncEvent;
import org.softverbs.verbs.CompletionChannel;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.CompletionQueueOptions;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.MemoryWindow;
import org.softverbs.verbs.MemoryWindowType;
import org.softverbs.verbs.PrivilegedContext;
import org.softverbs.verbs.PrivilegedDomain;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.SharedReceiveQueue;
import org.softverbs.verbs.SharedReceiveQueueOptions;
import org.softverbs.verbs.VerbsException;

/// A machine of a [Rig] and its device. What is made here is closed at the end of the test, unless
/// the test has done so.
public final class Node {

    /// All rights.
    public static final Set<AccessFlag> ALL =
            Set.copyOf(
                    EnumSet.of(
                            AccessFlag.LOCAL_WRITE,
                            AccessFlag.REMOTE_READ,
                            AccessFlag.REMOTE_WRITE,
                            AccessFlag.REMOTE_ATOMIC,
                            AccessFlag.MW_BIND));

    private static final long ALIGNMENT = 4096;
    private static final long FIRST_ADDRESS = 0x7000_0000_0000L;
    private static final long BETWEEN = 1L << 32;

    private final Rig rig;
    private final DeviceKind kind;
    private final PrivilegedContext context;
    private final PrivilegedDomain domain;
    private final List<AutoCloseable> made = new ArrayList<>();
    private long nextAddress = FIRST_ADDRESS;

    Node(Rig rig, DeviceKind kind, PrivilegedContext context) {
        this.rig = rig;
        this.kind = kind;
        this.context = context;
        this.domain = context.allocateProtectionDomain();
        made.add(domain);
    }

    Rig rig() {
        return rig;
    }

    public PrivilegedContext context() {
        return context;
    }

    /// The domain of what says nothing else.
    public PrivilegedDomain domain() {
        return domain;
    }

    /// Has something closed at the end of the test.
    public <T extends AutoCloseable> T keep(T thing) {
        synchronized (made) {
            made.add(thing);
        }
        return thing;
    }

    /// Another domain.
    public PrivilegedDomain newDomain() {
        return keep(context.allocateProtectionDomain());
    }

    /// Memory with all rights.
    public Buffer buffer(long length) {
        return buffer(length, ALL);
    }

    /// Memory with some rights.
    public Buffer buffer(long length, Set<AccessFlag> access) {
        return buffer(domain, length, access);
    }

    /// Memory of a domain: as the device kind has it, or the program's own where the first takes
    /// none, for no bytes.
    public Buffer buffer(PrivilegedDomain of, long length, Set<AccessFlag> access) {
        if (kind == DeviceKind.RXE || length == 0) {
            return userBuffer(of, length, access);
        }
        PhysicalAllocation memory =
                keep(context.physicalMemory().allocate(PhysicalMemoryRequest.scattered(length)));
        long address = access.contains(AccessFlag.ZERO_BASED) ? 0 : nextAddress();
        MemoryRegion region = keep(of.registerPhysical(memory.part(0, length), address, access));
        return new Buffer(region, memory.segment().asSlice(0, length));
    }

    private synchronized long nextAddress() {
        nextAddress += BETWEEN;
        return nextAddress;
    }

    /// The program's own memory, on devices of each kind.
    public Buffer userBuffer(long length) {
        return userBuffer(domain, length, ALL);
    }

    /// The program's own memory, on devices of each kind.
    public Buffer userBuffer(ProtectionDomain of, long length, Set<AccessFlag> access) {
        MemorySegment segment = Arena.ofAuto().allocate(length, ALIGNMENT);
        return new Buffer(keep(of.registerMemory(segment, access)), segment);
    }

    public CompletionQueue queue(int entries) {
        return keep(context.createCompletionQueue(entries));
    }

    public CompletionQueue queue(int entries, CompletionChannel channel) {
        return keep(context.createCompletionQueue(entries, channel));
    }

    public CompletionQueue queue(CompletionQueueOptions options) {
        return keep(context.createCompletionQueue(options));
    }

    public CompletionChannel channel() {
        return keep(context.createCompletionChannel());
    }

    public MemoryWindow window(MemoryWindowType type) {
        return keep(domain.allocateMemoryWindow(type));
    }

    /// A queue pair in RESET.
    public End end(Setup setup) {
        return end(setup, domain);
    }

    /// A queue pair in RESET, of another domain.
    public End end(Setup setup, ProtectionDomain of) {
        return end(setup, of, queue(setup.entries()), queue(setup.entries()));
    }

    /// A queue pair in RESET, with queues of its own or shared ones.
    public End end(
            Setup setup, ProtectionDomain of, CompletionQueue sends, CompletionQueue receives) {
        return new End(this, setup, keep(of.createQueuePair(setup.options(sends, receives))));
    }

    /// A queue pair in RESET of any type.
    public End end(Setup setup, QueuePairType type) {
        return end(
                setup, domain, setup.options(type, queue(setup.entries()), queue(setup.entries())));
    }

    /// A reliable connection in RESET whose receives come from a shared queue.
    public End end(Setup setup, ProtectionDomain of, SharedReceiveQueue shared) {
        return end(setup, of, shared, queue(setup.entries()));
    }

    /// One with a shared queue for the completions of receives, too.
    public End end(
            Setup setup, ProtectionDomain of, SharedReceiveQueue shared, CompletionQueue receives) {
        return end(
                setup,
                of,
                setup.options(queue(setup.entries()), receives).withSharedReceiveQueue(shared));
    }

    private End end(Setup setup, ProtectionDomain of, QueuePairOptions options) {
        return new End(this, setup, keep(of.createQueuePair(options)));
    }

    /// A shared receive queue with room for so many receives of two elements.
    public SharedReceiveQueue sharedQueue(ProtectionDomain of, int requests) {
        return keep(of.createSharedReceiveQueue(new SharedReceiveQueueOptions(requests, 2, 0)));
    }

    /// A shared receive queue with room for so many receives of two elements.
    public SharedReceiveQueue sharedQueue(int requests) {
        return sharedQueue(domain, requests);
    }

    /// The way to a machine.
    public AddressHandle handle(Node to) {
        GlobalIdentifier gid = to.context.gidTable(1).getFirst().gid();
        return keep(domain.createAddressHandle(new AddressVector(gid, 0)));
    }

    /// The asynchronous events that came so far.
    public List<AsyncEvent> events() {
        List<AsyncEvent> events = new ArrayList<>();
        Optional<AsyncEvent> next = nextEvent();
        while (next.isPresent()) {
            events.add(next.get());
            next = nextEvent();
        }
        return events;
    }

    private Optional<AsyncEvent> nextEvent() {
        try {
            Optional<AsyncEvent> next = context.awaitAsyncEvent(Duration.ZERO);
            next.ifPresent(context::acknowledge);
            return next;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /// Closes all, what keeps others open last.
    ///
    /// @return what was wrong with it
    List<String> finish() {
        List<String> faults = new ArrayList<>();
        if (context.counters().getOrDefault("engine_faults", 0L) > 0) {
            faults.add("an engine had a fault of its own, see the log");
        }
        List<AutoCloseable> left = new ArrayList<>(made.reversed());
        List<String> wrong = new ArrayList<>();
        int before;
        do {
            before = left.size();
            wrong.clear();
            left.removeIf(thing -> closes(thing, wrong));
        } while (left.size() < before);
        closes(context, wrong);
        wrong.addAll(faults);
        return wrong;
    }

    private static boolean closes(AutoCloseable thing, List<String> wrong) {
        try {
            thing.close();
            return true;
        } catch (VerbsException refused) {
            wrong.add("left open: " + refused.getMessage());
            return false;
        } catch (Exception e) {
            throw new IllegalStateException(thing + " cannot be closed", e);
        }
    }
}
