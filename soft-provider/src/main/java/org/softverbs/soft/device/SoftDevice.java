package org.softverbs.soft.device;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.soft.dma.DmaAttachment;
import org.softverbs.soft.dma.DmaSettings;
import org.softverbs.soft.host.AllocationPoint;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.host.JvmOptions;
import org.softverbs.soft.jfr.FlightEvents;
import org.softverbs.soft.link.PacketLink;
import org.softverbs.soft.packet.Path;
import org.softverbs.soft.profile.DeviceProfile;
import org.softverbs.soft.qp.DeviceWitness;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.AsyncEvent;
import org.softverbs.verbs.CompletionChannel;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.CompletionQueueOptions;
import org.softverbs.verbs.DeviceAttributes;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.DeviceResources;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.ExtendedDeviceAttributes;
import org.softverbs.verbs.GidEntry;
import org.softverbs.verbs.PortAttributes;
import org.softverbs.verbs.ProgramMemory;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.RdmaDevice;
import org.softverbs.verbs.RealTimeValues;
import org.softverbs.verbs.ThreadDomain;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.XrcDomain;

/// A software RoCEv2 device: one link, one port, one GID.
///
/// The composition root: everything a device is made of is joined here, and everything that comes
/// from outside (clock, random source, memory) comes from its [Host].
public class SoftDevice extends Resource implements DeviceContext {

    private static final int DEFAULT_PARTITION_KEY = 0xffff;

    private final Host host;
    private final DeviceOwner owner;
    private final DeviceLimits limits;
    private final ProfileRules rules;
    private final DmaAttachment attachment;
    private final RdmaDevice device;
    private final SoftPort port;
    private final DeviceKeys keys;
    private final AsyncEventQueue events = new AsyncEventQueue();
    private final DeviceEngine engine;
    private final SoftCmDevice cm;
    private final Children children = new Children(this);
    private final AtomicInteger nextNumber = new AtomicInteger(1);
    private final XrcDomains xrcDomains = new XrcDomains();
    private final Quota domains;
    private final CompletionQueueFactory completionQueues;
    private final Quota addressHandles;
    private final SharedReceiveQueueFactory sharedReceiveQueues;
    private volatile Runnable whenClosed = () -> {};
    private final Thread neverStarted = Thread.ofPlatform().unstarted(() -> {});

    SoftDevice(
            RdmaDevice device,
            Host host,
            PacketLink link,
            DeviceOwner owner,
            DeviceLimits limits,
            DeviceProfile profile,
            DmaAttachment attachment) {
        this.device = device;
        this.host = host;
        this.owner = owner;
        this.limits = limits;
        this.rules = new ProfileRules(profile);
        this.attachment = attachment;
        this.port = new SoftPort(device.name(), link, limits, profile);
        this.keys = new DeviceKeys(this, host.random(), attachment);
        this.domains = new Quota("allocateProtectionDomain", limits.maxProtectionDomains());
        this.completionQueues = new CompletionQueueFactory(this, children);
        this.addressHandles = new Quota("createAddressHandle", limits.maxAddressHandles());
        this.sharedReceiveQueues = new SharedReceiveQueueFactory(this, nextNumber);
        this.engine =
                new DeviceEngine(
                        device.name(),
                        device.nodeGuid(),
                        host,
                        link,
                        port,
                        owner,
                        events,
                        limits,
                        profile);
        this.cm = new SoftCmDevice(this);
        engine.onChange(cm);
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
                DeviceProfile.standard(),
                DmaAttachment.of(DmaSettings.of(DmaAddressing.PHYSICAL), host));
    }

    /// Opens a device over a link.
    ///
    /// @param profile what it does otherwise than others
    /// @param attachment how it reaches the host's memory; closed with the device
    public static SoftDevice open(
            RdmaDevice device,
            Host host,
            PacketLink link,
            DeviceOwner owner,
            DeviceLimits limits,
            DeviceProfile profile,
            DmaAttachment attachment) {
        SoftDevice opened = new SoftDevice(device, host, link, owner, limits, profile, attachment);
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

    final Host host() {
        return host;
    }

    final DeviceOwner owner() {
        return owner;
    }

    final DeviceLimits limits() {
        return limits;
    }

    /// What its profile allows and refuses.
    final ProfileRules rules() {
        return rules;
    }

    final DeviceProfile profile() {
        return rules.profile();
    }

    final SharedReceiveQueueFactory sharedReceiveQueues() {
        return sharedReceiveQueues;
    }

    final DeviceKeys keys() {
        return keys;
    }

    /// What connection managers have of it.
    final SoftCmDevice cm() {
        return cm;
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
        return DeviceDescription.attributes(device, rules.told(limits), attachment);
    }

    @Override
    public ExtendedDeviceAttributes queryExtendedDevice() {
        requirePresent("queryExtendedDevice");
        return DeviceDescription.extended(device, profile());
    }

    @Override
    public RealTimeValues queryRealTimeValues() {
        requirePresent("queryRealTimeValues");
        return new RealTimeValues(host.clock().nanoTime(), host.clock().wallClockNanos());
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
        return domains.make(nextNumber, maker, children);
    }

    /// @throws VerbsException `ENOMEM` when the host has none now
    final void requireAllocation(AllocationPoint point, String verb) {
        if (!host.allows(point)) {
            throw new VerbsException(Errno.ENOMEM, verb, "the host has no memory for it now");
        }
    }

    final void closed(SoftProtectionDomain domain) {
        children.remove(domain);
        domains.release();
    }

    /// @throws VerbsException `ENOMEM` at the device's limit
    final SoftAddressHandle addressHandle(SoftProtectionDomain domain, AddressVector vector) {
        requirePresent(SoftAddressHandle.CREATE);
        requireAllocation(AllocationPoint.ADDRESS_HANDLE, SoftAddressHandle.CREATE);
        Path path = new Routes(this, SoftAddressHandle.CREATE).path(vector);
        return addressHandles.make(
                nextNumber,
                number -> new SoftAddressHandle(domain, number, vector, path),
                rules.parentsOfAddressHandle(domain));
    }

    @Override
    public XrcDomain openXrcDomain(String name) {
        requirePresent("openXrcDomain");
        SoftXrcDomain opened = new SoftXrcDomain(this, xrcDomains.open(name), name);
        children.add(opened);
        return opened;
    }

    final void closed(SoftXrcDomain domain) {
        children.remove(domain);
        xrcDomains.close(domain.name());
    }

    final void closed(SoftAddressHandle handle) {
        handle.domain().children().remove(handle);
        addressHandles.release();
    }

    @Override
    public ProgramMemory mapMemory(MemorySegment segment) {
        requirePresent("mapMemory");
        return new SoftProgramMemory(this, children, segment);
    }

    @Override
    public ThreadDomain allocateThreadDomain() {
        requirePresent("allocateThreadDomain");
        return new SoftThreadDomain(this, children);
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
    public CompletionQueue createCompletionQueue(CompletionQueueOptions options) {
        requireOpen();
        return completionQueues.create(options, nextNumber);
    }

    final CompletionQueueFactory completionQueues() {
        return completionQueues;
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
    public void acknowledge(AsyncEvent event) {
        requireOpen();
        events.acknowledge(event);
    }

    final AsyncEventQueue events() {
        return events;
    }

    @Override
    public Map<String, Long> counters() {
        requireOpen();
        return owner.call(
                () -> {
                    Map<String, Long> values = engine.counters().toMap();
                    values.putAll(engine.management().counters());
                    values.put("page_faults", keys.pages().faults());
                    values.put("page_invalidations", keys.pages().invalidations());
                    values.put("page_prefetches", keys.pages().prefetched());
                    values.put("lost_async_events", events.lost());
                    values.put("link_send_failures", engine.link().sendFailures());
                    return values;
                });
    }

    /// Has something done when it is closed, before; once.
    final void whenClosed(Runnable action) {
        whenClosed = action;
    }

    @Override
    public DeviceResources resources() {
        requireOpen();
        return ResourceSnapshot.of(this, children.list());
    }

    @Override
    public void close() {
        if (!children.closeIfNone("closeDevice")) {
            return;
        }
        whenClosed.run();
        markClosed();
        try {
            // What a listener throws at what is left mapped keeps nothing open.
            host.sanitizer().ifPresent(it -> it.unbind(attachment.device()));
        } finally {
            owner.run(
                    () -> {
                        engine.management().close(host.clock().nanoTime());
                        engine.link().flush();
                        engine.link().close();
                    });
            owner.remove(engine);
            attachment.close();
        }
    }

    @Override
    public String toString() {
        return "device " + device.name();
    }
}
