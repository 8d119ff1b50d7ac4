package org.softverbs.soft.device;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import org.softverbs.soft.host.AllocationPoint;
import org.softverbs.soft.memory.ImplicitMemory;
import org.softverbs.soft.memory.RegionMemory;
import org.softverbs.soft.memory.RegisteredMemory;
import org.softverbs.soft.memory.WindowMemory;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.AddressHandle;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.MemoryAdvice;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.MemoryWindow;
import org.softverbs.verbs.MemoryWindowType;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.SharedReceiveQueue;
import org.softverbs.verbs.SharedReceiveQueueOptions;
import org.softverbs.verbs.ThreadDomain;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.XrcDomain;

/// A protection domain: a number that queue pairs and memory must share.
class SoftProtectionDomain extends Resource implements ProtectionDomain {

    private static final String REGISTER = "registerMemory";

    private static final String IMPLICIT = "registerImplicit";

    private final SoftDevice device;
    private final int number;
    private final int memoryDomain;
    private final Children children = new Children(this);

    SoftProtectionDomain(SoftDevice device, int number) {
        this.device = device;
        this.number = number;
        this.memoryDomain = device.rules().memoryDomain(number);
    }

    final SoftDevice device() {
        return device;
    }

    /// Its number among all objects of the device.
    final int identity() {
        return number;
    }

    /// What keys and queue pairs compare: its number, or that of all domains.
    final int number() {
        return memoryDomain;
    }

    final Children children() {
        return children;
    }

    @Override
    public DeviceContext context() {
        return device;
    }

    /// Whether it is kernel code's.
    boolean isPrivileged() {
        return false;
    }

    @Override
    public MemoryRegion registerMemory(MemorySegment segment, Set<AccessFlag> access) {
        if (access.contains(AccessFlag.ZERO_BASED)) {
            return registerMemoryAt(segment, 0, access);
        }
        checkRegistration(segment, access);
        long address = device.host().mapUser(segment);
        try {
            return register(segment, address, access, true);
        } catch (RuntimeException refused) {
            device.host().unmapUser(address);
            throw refused;
        }
    }

    @Override
    public MemoryRegion registerMemoryAt(
            MemorySegment segment, long address, Set<AccessFlag> access) {
        checkRegistration(segment, access);
        checkAddress(REGISTER, address, segment.byteSize(), access);
        return register(segment, address, access, false);
    }

    @Override
    public MemoryRegion registerImplicit(Set<AccessFlag> access) {
        requireOpen();
        checkAccess(IMPLICIT, access);
        requireVolatile(IMPLICIT, access);
        if (!access.contains(AccessFlag.ON_DEMAND) || access.contains(AccessFlag.ZERO_BASED)) {
            throw refused(
                    IMPLICIT, "access " + access + " lacks ON_DEMAND, or has ZERO_BASED with it");
        }
        return add(
                IMPLICIT,
                key ->
                        new ImplicitMemory(
                                key,
                                number(),
                                AccessFlag.bits(access),
                                device.host(),
                                device.keys().pages()),
                new RegionParts(Optional.empty(), access, false, Optional.empty()));
    }

    private MemoryRegion register(
            MemorySegment segment, long address, Set<AccessFlag> access, boolean mapped) {
        return add(
                REGISTER,
                key ->
                        device.keys()
                                .memory(
                                        new RegisteredMemory(
                                                key,
                                                number(),
                                                address,
                                                segment,
                                                AccessFlag.bits(access))),
                new RegionParts(Optional.of(segment), access, mapped, Optional.empty()));
    }

    /// Registers what `entry` makes of a fresh key.
    final MemoryRegion add(String verb, IntFunction<RegionMemory> entry, RegionParts parts) {
        return device.owner()
                .call(
                        () -> {
                            requireRoom(verb);
                            RegionMemory memory = entry.apply(device.keys().freshKey());
                            SoftMemoryRegion region = new SoftMemoryRegion(this, memory, parts);
                            // First of all, as it may refuse.
                            children.add(region);
                            device.keys().add(memory);
                            return region;
                        });
    }

    /// For the owner.
    ///
    /// @throws VerbsException `ENOMEM` when the device takes no more regions
    final void requireRoom(String verb) {
        device.requirePresent(verb);
        device.requireAllocation(AllocationPoint.MEMORY_REGION, verb);
        int limit = device.limits().maxMemoryRegions();
        if (device.keys().regions() >= limit) {
            throw new VerbsException(
                    Errno.ENOMEM, verb, "the device's limit of " + limit + " regions is reached");
        }
    }

    private void checkRegistration(MemorySegment segment, Set<AccessFlag> access) {
        requireOpen();
        checkAccess(REGISTER, access);
        checkSegment(REGISTER, segment, access);
    }

    final void checkAccess(String verb, Set<AccessFlag> access) {
        device.rules().requireAccess(verb, access);
        boolean remoteChange =
                access.contains(AccessFlag.REMOTE_WRITE)
                        || access.contains(AccessFlag.REMOTE_ATOMIC);
        if (remoteChange && !access.contains(AccessFlag.LOCAL_WRITE)) {
            throw refused(verb, "access " + access + " lets the peer write but lacks LOCAL_WRITE");
        }
    }

    /// @throws VerbsException `EINVAL` when access is asked for that only a mapped file can give
    static void requireVolatile(String verb, Set<AccessFlag> access) {
        if (access.contains(AccessFlag.FLUSH_PERSISTENT)) {
            throw refused(verb, "access FLUSH_PERSISTENT is for one segment, mapped from a file");
        }
    }

    final void checkSegment(String verb, MemorySegment segment, Set<AccessFlag> access) {
        device.rules().requireMemory(verb, segment);
        if (!segment.scope().isAlive()) {
            throw refused(verb, "the segment's arena is closed");
        }
        if (!segment.isAccessibleBy(device.anyOtherThread())) {
            throw refused(
                    verb, "the segment's arena is confined to one thread; use Arena.ofShared");
        }
        if (segment.isReadOnly() && access.contains(AccessFlag.LOCAL_WRITE)) {
            throw refused(verb, "access " + access + " asks to write a read-only segment");
        }
        if (access.contains(AccessFlag.FLUSH_PERSISTENT) && !segment.isMapped()) {
            throw refused(
                    verb,
                    "access FLUSH_PERSISTENT is for a segment mapped from a file, which this is not");
        }
    }

    final void checkAddress(String verb, long address, long length, Set<AccessFlag> access) {
        if (access.contains(AccessFlag.ZERO_BASED) && address != 0) {
            throw refused(
                    verb,
                    "address 0x" + Long.toHexString(address) + " of a ZERO_BASED region is not 0");
        }
        if (length > 0 && Long.compareUnsigned(address, address + length - 1) > 0) {
            throw refused(verb, "address 0x" + Long.toHexString(address) + " plus length wraps");
        }
    }

    private static VerbsException refused(String verb, String reason) {
        return new VerbsException(Errno.EINVAL, verb, reason);
    }

    @Override
    public void advise(MemoryAdvice advice, boolean flush, List<Sge> ranges) {
        requireOpen();
        device.requirePresent("advise");
        List<Sge> all = List.copyOf(ranges);
        device.owner().run(() -> new MemoryAdviser(this).advise(advice, all));
    }

    @Override
    public MemoryWindow allocateMemoryWindow(MemoryWindowType type) {
        requireOpen();
        device.requirePresent("allocateMemoryWindow");
        device.rules().requireWindows("allocateMemoryWindow", type);
        device.requireAllocation(AllocationPoint.MEMORY_WINDOW, "allocateMemoryWindow");
        return device.owner()
                .call(
                        () -> {
                            int limit = device.limits().maxMemoryWindows();
                            if (device.keys().windows() >= limit) {
                                throw new VerbsException(
                                        Errno.ENOMEM,
                                        "allocateMemoryWindow",
                                        "the device's limit of " + limit + " windows is reached");
                            }
                            WindowMemory memory =
                                    new WindowMemory(
                                            type,
                                            number(),
                                            device.keys().freshKey(),
                                            device.profile());
                            SoftMemoryWindow window = new SoftMemoryWindow(this, type, memory);
                            // First of all, as it may refuse.
                            children.add(window);
                            device.keys().add(memory);
                            return window;
                        });
    }

    @Override
    public SharedReceiveQueue createSharedReceiveQueue(SharedReceiveQueueOptions options) {
        requireOpen();
        return device.sharedReceiveQueues().create(this, options);
    }

    @Override
    public SharedReceiveQueue createXrcSharedReceiveQueue(
            SharedReceiveQueueOptions options, XrcDomain domain, CompletionQueue completionQueue) {
        requireOpen();
        return device.sharedReceiveQueues().createXrc(this, options, domain, completionQueue);
    }

    @Override
    public AddressHandle createAddressHandle(AddressVector addressVector) {
        requireOpen();
        return device.addressHandle(this, addressVector);
    }

    @Override
    public AddressHandle createAddressHandle(
            WorkCompletion completion, MemorySegment globalRoute, int portNumber) {
        requireOpen();
        if (completion.source().isEmpty()) {
            throw refused(
                    SoftAddressHandle.CREATE,
                    "completion of request "
                            + completion.workRequestId()
                            + " is not that of a datagram");
        }
        Routes routes = new Routes(device, SoftAddressHandle.CREATE);
        return device.addressHandle(this, routes.answer(globalRoute, portNumber));
    }

    @Override
    public ProtectionDomain allocateParentDomain(Optional<ThreadDomain> threadDomain) {
        requireOpen();
        return SoftParentDomain.of(this, threadDomain);
    }

    @Override
    public QueuePair createQueuePair(QueuePairOptions options) {
        requireOpen();
        device.requirePresent("createQueuePair");
        return QueuePairFactory.create(this, options);
    }

    @Override
    public void close() {
        if (!children.closeIfNone("closeProtectionDomain")) {
            return;
        }
        markClosed();
        closed();
        device.closed(this);
    }

    /// It was closed: gives back what is its own.
    void closed() {}

    @Override
    public String toString() {
        return "protection domain " + number;
    }
}
