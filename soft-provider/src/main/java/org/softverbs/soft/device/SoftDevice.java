package org.softverbs.soft.device;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.soft.dma.DmaAttachment;
import org.softverbs.soft.dma.DmaSettings;
import org.softverbs.soft.host.AllocationPoint;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.host.JvmOptions;
import org.softverbs.soft.jfr.FlightEvents;
import org.softverbs.soft.link.PacketLink;
import org.softverbs.soft.memory.KeyTable;
import org.softverbs.soft.memory.KeyedMemory;
import org.softverbs.soft.memory.MemoryAccess;
import org.softverbs.soft.qp.DeviceWitness;
import org.softverbs.soft.qp.TransportCounter;
import org.softverbs.soft.sanitize.DeviceLedger;
import org.softverbs.soft.sanitize.KeyChecks;
import org.softverbs.soft.sanitize.RequestLedger;
import org.softverbs.verbs.AsyncEvent;
import org.softverbs.verbs.CompletionChannel;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.DeviceAttributes;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.GidEntry;
import org.softverbs.verbs.PortAttributes;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.RdmaDevice;
import org.softverbs.verbs.VerbsException;

/// A software RoCEv2 device: one link, one port, one GID.
///
/// The composition root: everything a device is made of is joined here, and everything that comes
/// from outside (clock, random source, memory) comes from its [Host].
public class SoftDevice extends Resource implements DeviceContext {

    private static final int DEFAULT_PARTITION_KEY = 0xffff;

    private final Host host;
    private final DeviceOwner owner;
    private final DeviceLimits limits;
    private final DmaAttachment attachment;
    private final int localDmaLkey;
    private final RdmaDevice device;
    private final SoftPort port;
    private final KeyTable keys;
    private final MemoryAccess memoryAccess;
    private final @Nullable RequestLedger requests;
    private final @Nullable KeyChecks keyChecks;
    private final AsyncEventQueue events = new AsyncEventQueue();
    private final DeviceEngine engine;
    private final Children children = new Children(this);
    private final AtomicInteger nextNumber = new AtomicInteger(1);
    private final AtomicInteger domains = new AtomicInteger();
    private final AtomicInteger completionQueues = new AtomicInteger();
    private final Thread neverStarted = Thread.ofPlatform().unstarted(() -> {});

    SoftDevice(
            RdmaDevice device,
            Host host,
            PacketLink link,
            DeviceOwner owner,
            DeviceLimits limits,
            DmaAttachment attachment) {
        this.device = device;
        this.host = host;
        this.owner = owner;
        this.limits = limits;
        this.attachment = attachment;
        this.port = new SoftPort(device.name(), link, limits);
        this.keys = new KeyTable(host.random());
        this.memoryAccess =
                attachment
                        .ledger()
                        .<MemoryAccess>map(it -> new CheckedKeys(keys, it.keyChecks()))
                        .orElse(keys);
        this.requests = attachment.ledger().map(DeviceLedger::requests).orElse(null);
        this.keyChecks = attachment.ledger().map(DeviceLedger::keyChecks).orElse(null);
        this.localDmaLkey =
                keys.addLocalDmaKey(attachment.memory(), attachment.isZeroLocalDmaKey());
        attachment.ledger().ifPresent(this::tellLocalDmaKeys);
        this.engine = new DeviceEngine(device.name(), host, link, port, owner, events);
    }

    /// Opens a device over a link, with physical addresses for DMA.
    ///
    /// @param device name and identity
    /// @param host the machine it is in
    /// @param link its port; closed with the device
    /// @param owner who drives it
    /// @param limits how much it holds
    public static SoftDevice open(
            RdmaDevice device, Host host, PacketLink link, DeviceOwner owner, DeviceLimits limits) {
        return open(
                device,
                host,
                link,
                owner,
                limits,
                DmaAttachment.of(DmaSettings.of(DmaAddressing.PHYSICAL), host));
    }

    /// Opens a device over a link.
    ///
    /// @param attachment how it reaches the host's memory; closed with the device
    public static SoftDevice open(
            RdmaDevice device,
            Host host,
            PacketLink link,
            DeviceOwner owner,
            DeviceLimits limits,
            DmaAttachment attachment) {
        SoftDevice opened = new SoftDevice(device, host, link, owner, limits, attachment);
        opened.start();
        return opened;
    }

    /// Begins to be driven, with the watchdog that [JvmOptions#WATCHDOG] asks for.
    final void start() {
        Optional<Duration> limit = JvmOptions.watchdog().map(DeviceOptions::watchdogOfJvm);
        owner.add(engine);
        limit.ifPresent(this::watch);
        FlightEvents.opened(device.name());
    }

    final DmaAttachment attachment() {
        return attachment;
    }

    /// The local DMA key, a number that is no other key of the device.
    final int localDmaLkey() {
        return localDmaLkey;
    }

    /// Has somebody told of what the device does from now on; before it is used.
    ///
    /// @throws IllegalStateException when somebody is told already: whoever records the device or
    ///     runs it in a simulation
    public final void observe(DeviceWitness witness) {
        requireOpen();
        owner.run(
                () -> {
                    if (engine.witness() != null) {
                        throw new IllegalStateException(this + " is observed already");
                    }
                    engine.observe(witness);
                });
    }

    /// Adds what has a key. For the owner.
    final void addKey(KeyedMemory memory) {
        keys.add(memory);
        DeviceWitness witness = engine.witness();
        if (witness != null) {
            witness.registered(memory);
        }
    }

    /// Takes a key out of the table. For the owner.
    final void dropKey(int key) {
        keys.remove(key);
        DeviceWitness witness = engine.witness();
        if (witness != null) {
            witness.deregistered(key);
        }
    }

    /// Takes a key out, for good.
    final void removeKey(int key) {
        owner.run(
                () -> {
                    dropKey(key);
                    if (keyChecks != null) {
                        keyChecks.removed(key);
                    }
                    // Packets under way may still point into the memory.
                    engine.link().detach();
                });
    }

    final Host host() {
        return host;
    }

    final DeviceOwner owner() {
        return owner;
    }

    final DeviceLimits limits() {
        return limits;
    }

    final KeyTable keys() {
        return keys;
    }

    /// Where requests under way are noted for the sanitizer, when it is on.
    final @Nullable RequestLedger requests() {
        return requests;
    }

    private void tellLocalDmaKeys(DeviceLedger ledger) {
        ledger.requests().localDmaKey(localDmaLkey);
        if (attachment.isZeroLocalDmaKey()) {
            ledger.requests().localDmaKey(0);
        }
    }

    /// What judges keys for the sanitizer, when it is on.
    final @Nullable KeyChecks keyChecks() {
        return keyChecks;
    }

    /// A queue pair has no requests under way any more.
    final void forgetRequests(int queuePair) {
        if (requests != null) {
            requests.dropped(queuePair);
        }
    }

    final MemoryAccess memoryAccess() {
        return memoryAccess;
    }

    final DeviceEngine engine() {
        return engine;
    }

    final PortAttributes port() {
        return port.attributes();
    }

    final List<GidEntry> gids() {
        return port.gids();
    }

    /// @throws IllegalStateException when it was closed
    /// @throws VerbsException `EIO` when it was taken out
    final void requirePresent(String verb) {
        requireOpen();
        port.requirePresent(verb);
    }

    /// A thread that is none of those that may own memory.
    final Thread anyOtherThread() {
        return neverStarted;
    }

    @Override
    public RdmaDevice device() {
        return device;
    }

    @Override
    public DeviceAttributes queryDevice() {
        requirePresent("queryDevice");
        return new DeviceAttributes(
                "softverbs",
                device.nodeGuid(),
                Long.MAX_VALUE,
                limits.maxQueuePairs(),
                limits.maxQueuePairRequests(),
                limits.maxSge(),
                limits.maxInlineData(),
                limits.maxCompletionQueues(),
                limits.maxCompletionQueueEntries(),
                limits.maxMemoryRegions(),
                limits.maxProtectionDomains(),
                limits.maxReadAtomic(),
                limits.maxReadAtomic(),
                1,
                attachment.device().addressing(),
                limits.maxFastRegistrationPages(),
                limits.maxMemoryWindows(),
                limits.maxSge(),
                0);
    }

    @Override
    public PortAttributes queryPort(int portNumber) {
        requirePort("queryPort", portNumber);
        return port();
    }

    @Override
    public List<GidEntry> gidTable(int portNumber) {
        requirePort("gidTable", portNumber);
        return gids();
    }

    @Override
    public int partitionKey(int portNumber, int index) {
        requirePort("partitionKey", portNumber);
        if (index != 0) {
            throw new VerbsException(
                    Errno.EINVAL, "partitionKey", "index " + index + " is not within 0 and 0");
        }
        return DEFAULT_PARTITION_KEY;
    }

    private void requirePort(String verb, int portNumber) {
        requirePresent(verb);
        if (portNumber != 1) {
            throw new VerbsException(
                    Errno.EINVAL, verb, "port " + portNumber + " is not within 1 and 1");
        }
    }

    @Override
    public ProtectionDomain allocateProtectionDomain() {
        return allocate(number -> new SoftProtectionDomain(this, number));
    }

    final <D extends SoftProtectionDomain> D allocate(IntFunction<D> maker) {
        requirePresent("allocateProtectionDomain");
        requireAllocation(AllocationPoint.PROTECTION_DOMAIN, "allocateProtectionDomain");
        claim(domains, limits.maxProtectionDomains(), "allocateProtectionDomain");
        D domain = makeOrRelease(domains, maker);
        addOrRelease(domains, domain, children);
        return domain;
    }

    /// @throws VerbsException `ENOMEM` when the host has none now
    final void requireAllocation(AllocationPoint point, String verb) {
        if (!host.allows(point)) {
            throw new VerbsException(Errno.ENOMEM, verb, "the host has no memory for it now");
        }
    }

    private static void claim(AtomicInteger count, int limit, String verb) {
        if (count.incrementAndGet() > limit) {
            count.decrementAndGet();
            throw new VerbsException(
                    Errno.ENOMEM, verb, "the device's limit of " + limit + " is reached");
        }
    }

    /// Makes what was claimed, with a number; when it cannot be made, for want of memory too, the
    /// claim is given back.
    private <T> T makeOrRelease(AtomicInteger count, IntFunction<T> maker) {
        try {
            return maker.apply(nextNumber.getAndIncrement());
        } catch (RuntimeException | OutOfMemoryError refused) {
            count.decrementAndGet();
            throw refused;
        }
    }

    /// Adds what was claimed to its parents; when one was closed meanwhile the claim is given back.
    private static void addOrRelease(AtomicInteger count, Object child, Children... parents) {
        try {
            Children.addToAll(child, parents);
        } catch (IllegalStateException late) {
            count.decrementAndGet();
            throw late;
        }
    }

    final void closed(SoftProtectionDomain domain) {
        children.remove(domain);
        domains.decrementAndGet();
    }

    @Override
    public CompletionChannel createCompletionChannel() {
        requirePresent("createCompletionChannel");
        SoftCompletionChannel channel = new SoftCompletionChannel(this);
        children.add(channel);
        return channel;
    }

    final void closed(SoftCompletionChannel channel) {
        children.remove(channel);
    }

    @Override
    public CompletionQueue createCompletionQueue(int entries) {
        return newCompletionQueue(entries, null);
    }

    @Override
    public CompletionQueue createCompletionQueue(int entries, CompletionChannel channel) {
        if (channel instanceof SoftCompletionChannel soft && soft.device() == this) {
            soft.requireOpen();
            return newCompletionQueue(entries, soft);
        }
        throw new VerbsException(
                Errno.EINVAL, "createCompletionQueue", "the channel is of another context");
    }

    private CompletionQueue newCompletionQueue(
            int entries, @Nullable SoftCompletionChannel channel) {
        requirePresent("createCompletionQueue");
        int limit = limits.maxCompletionQueueEntries();
        if (entries < 1 || entries > limit) {
            throw new VerbsException(
                    Errno.EINVAL,
                    "createCompletionQueue",
                    "entries " + entries + " is not within 1 and " + limit);
        }
        requireAllocation(AllocationPoint.COMPLETION_QUEUE, "createCompletionQueue");
        claim(completionQueues, limits.maxCompletionQueues(), "createCompletionQueue");
        SoftCompletionQueue queue =
                makeOrRelease(
                        completionQueues,
                        number -> new SoftCompletionQueue(this, number, entries, channel));
        if (channel == null) {
            addOrRelease(completionQueues, queue, children);
        } else {
            addOrRelease(completionQueues, queue, children, channel.children());
        }
        return queue;
    }

    final void closed(SoftCompletionQueue queue) {
        children.remove(queue);
        completionQueues.decrementAndGet();
    }

    final void closed(SoftQueuePair queuePair, QueuePairPort queuePairPort) {
        owner.run(
                () -> {
                    engine.sendWhatIsDue(queuePairPort);
                    engine.move(queuePairPort, QueuePairState.RESET);
                    queuePairPort.engine().onReset();
                    engine.remove(queuePairPort);
                    keys.unbindAllOn(queuePairPort.core().number());
                    forgetRequests(queuePairPort.core().number());
                });
        queuePairPort.forEachCompletionQueue(queue -> queue.children().remove(queuePair));
    }

    /// Tells, by the log, the flight recorder and the counter `stuck_queue_pairs`, of queue pairs
    /// that wait for something and make no progress for so long. What they wait for is
    /// [org.softverbs.verbs.QueuePair#waitsFor()].
    public final void watch(Duration limit) {
        requireOpen();
        if (limit.isNegative() || limit.isZero()) {
            throw new IllegalArgumentException("limit " + limit + " is not positive");
        }
        owner.run(() -> engine.watch(limit.toNanos()));
    }

    @Override
    public Optional<AsyncEvent> awaitAsyncEvent(Duration timeout) throws InterruptedException {
        requireOpen();
        owner.onWait();
        return events.await(timeout);
    }

    @Override
    public Map<String, Long> counters() {
        requireOpen();
        return owner.call(
                () -> {
                    Map<String, Long> values = new LinkedHashMap<>();
                    for (TransportCounter counter : TransportCounter.values()) {
                        values.put(counter.reportName(), engine.counters().get(counter));
                    }
                    values.put("lost_async_events", events.lost());
                    values.put("link_send_failures", engine.link().sendFailures());
                    return values;
                });
    }

    @Override
    public void close() {
        if (!children.closeIfNone("closeDevice")) {
            return;
        }
        markClosed();
        try {
            // What a listener throws at what is left mapped keeps nothing open.
            host.sanitizer().ifPresent(it -> it.unbind(attachment.device()));
        } finally {
            owner.run(() -> engine.link().close());
            owner.remove(engine);
            attachment.close();
        }
    }

    @Override
    public String toString() {
        return "device " + device.name();
    }
}
