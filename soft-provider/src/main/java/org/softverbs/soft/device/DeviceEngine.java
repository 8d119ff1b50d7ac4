package org.softverbs.soft.device;

import org.jspecify.annotations.Nullable;
import org.softverbs.soft.collection.IntMap;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.jfr.FlightEvents;
import org.softverbs.soft.link.LinkReceiver;
import org.softverbs.soft.link.PacketLink;
import org.softverbs.soft.link.PortChange;
import org.softverbs.soft.packet.InboundPacket;
import org.softverbs.soft.packet.OutboundPacket;
import org.softverbs.soft.profile.Deviation;
import org.softverbs.soft.profile.DeviceProfile;
import org.softverbs.soft.qp.DeviceWitness;
import org.softverbs.soft.qp.TransportCounter;
import org.softverbs.soft.qp.TransportCounters;
import org.softverbs.soft.queue.CompletionEntry;
import org.softverbs.soft.wire.roce.ExtensionHeader;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.verbs.AsyncEvent;
import org.softverbs.verbs.AsyncEventSource;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.Cause;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.LocalPath;
import org.softverbs.verbs.QueuePairState;

/// Runs the queue pairs of a device: gives each packet to the one it is for, lets those with work
/// send in turn, and keeps their timers.
///
/// All but [#onPosted] and [#wakeup] is for the owner.
final class DeviceEngine implements LinkReceiver, DeviceOwner.Driven {

    /// Packets that a queue pair may send before the next one has its turn.
    private static final int TRANSMIT_BUDGET = 64;

    private static final long NOT_READ = Long.MIN_VALUE;
    private static final long LONGEST_TIMER_DELAY_NANOS = 5_000_000;

    private final String name;
    private final Host host;
    private final PacketLink link;
    private final SoftPort devicePort;
    private final DeviceOwner owner;
    private final AsyncEventQueue events;
    private final IntMap<QueuePairPort> queuePairs = new IntMap<>();
    private final TurnList turns = new TurnList();
    private final QueuePairNumbers numbers;
    private final MulticastGroups groups;
    private final XrcQueues xrcQueues = new XrcQueues();
    private final TimerHeap timers = new TimerHeap();
    private final TransportCounters counters;
    private final Watchdog watchdog;
    private final HeldEvents heldEvents = new HeldEvents();
    private final OutboundPacket packet = new OutboundPacket();
    private final CompletionEntry completion = new CompletionEntry();
    private final PacketAdmission admission;
    private final ManagementPort management;
    private final QueuePairFailures failures;
    private final @Nullable EarlyMessages early;
    private volatile @Nullable DeviceWitness witness;
    private @Nullable SoftCmDevice cm;
    private long arrivalNanos;
    private boolean completed;
    private long lastTimersNanos;

    DeviceEngine(
            String name,
            long guid,
            Host host,
            PacketLink link,
            SoftPort devicePort,
            DeviceOwner owner,
            AsyncEventQueue events,
            DeviceLimits limits,
            DeviceProfile profile) {
        this.name = name;
        this.counters = new TransportCounters(name);
        this.admission = new PacketAdmission(queuePairs, counters);
        this.watchdog = new Watchdog(name, counters);
        this.host = host;
        boolean late = profile.has(Deviation.RELAXED_WRITES_PLACED_LATE);
        this.link = late ? new LandingLink(link, queuePairs) : link;
        this.devicePort = devicePort;
        this.owner = owner;
        this.events = events;
        this.failures = new QueuePairFailures(name, this);
        this.management = new ManagementPort(this, guid);
        this.groups = new MulticastGroups(this.link, limits);
        this.numbers = new QueuePairNumbers(host.random(), queuePairs, management);
        this.early =
                profile.has(Deviation.EARLY_MESSAGES_KEPT) ? new EarlyMessages(queuePairs) : null;
    }

    /// Tells of queue pairs that wait for so long without progress.
    void watch(long limitNanos) {
        watchdog.start(limitNanos, host.clock().nanoTime());
    }

    /// Has connection managers told of what becomes of the port; before it is driven.
    void onChange(SoftCmDevice who) {
        cm = who;
    }

    /// Has somebody told of what happens from now on.
    void observe(DeviceWitness who) {
        witness = who;
        counters.observe(who);
    }

    /// Who is told of what happens, if anybody is. Any thread.
    @Nullable DeviceWitness witness() {
        return witness;
    }

    PacketLink link() {
        return link;
    }

    /// What sending from a GID comes to now.
    LocalPath localPath(GlobalIdentifier source) {
        return devicePort.localPath(source);
    }

    SoftPort port() {
        return devicePort;
    }

    Host host() {
        return host;
    }

    /// Its queue pair 1.
    ManagementPort management() {
        return management;
    }

    XrcQueues xrcQueues() {
        return xrcQueues;
    }

    MulticastGroups groups() {
        return groups;
    }

    /// Completion queues that hold events back.
    HeldEvents heldEvents() {
        return heldEvents;
    }

    TransportCounters counters() {
        return counters;
    }

    OutboundPacket packet() {
        return packet;
    }

    CompletionEntry completion() {
        return completion;
    }

    IntMap<QueuePairPort> queuePairs() {
        return queuePairs;
    }

    void add(QueuePairPort port) {
        queuePairs.put(port.core().number(), port);
        FlightEvents.created(name, port.core().number());
        DeviceWitness told = witness;
        if (told != null) {
            told.created(port.core());
        }
    }

    /// A number for a queue pair that is made.
    int freshNumber() {
        return numbers.fresh();
    }

    void remove(QueuePairPort port) {
        turns.remove(port);
        queuePairs.remove(port.core().number());
        numbers.retire(port.core().number());
        timers.remove(port);
        groups.forget(port);
        forgetEarly(port);
        link.detach();
        DeviceWitness told = witness;
        if (told != null) {
            told.closed(port.core());
        }
    }

    void raise(AsyncEventType type, int element, String detail) {
        AsyncEvent event = new AsyncEvent(type, element, detail);
        DeviceWitness told = witness;
        if (told != null) {
            told.reported(event);
        }
        FlightEvents.raised(name, event);
        QueuePairPort port =
                type.source() == AsyncEventSource.QUEUE_PAIR ? queuePairs.get(element) : null;
        if (port == null) {
            events.add(event);
        } else {
            port.handles().forEachNumber(handle -> events.add(event.withHandle(handle)));
        }
    }

    /// New work was posted; any thread.
    void onPosted(QueuePairPort port) {
        turns.posted(port);
        owner.onPosted(this);
    }

    /// Lets a queue pair send, and sets its timer, when the owner next transmits.
    void activate(QueuePairPort port) {
        turns.add(port);
    }

    /// A completion was added.
    void onCompletion() {
        completed = true;
    }

    /// A completion found no room: the queue is dead, and its queue pairs go to ERR.
    void onOverrun(SoftCompletionQueue queue) {
        failures.onOverrun(queue);
    }

    @Override
    public void transmitPosted() {
        transmit(host.clock().nanoTime());
    }

    @Override
    public boolean hasPosted() {
        return turns.hasPosted();
    }

    @Override
    public long nextDeadline() {
        return Math.min(heldEvents.next(), Math.min(timers.next(), management.nextDeadline()));
    }

    @Override
    public boolean hasMoreToSend() {
        return !turns.isEmpty();
    }

    @Override
    public void wakeup() {
        link.wakeup();
    }

    @Override
    public void onThreadDeath(Throwable cause) {
        raise(AsyncEventType.DEVICE_FATAL, 0, "the device's thread ended: " + cause);
        failures.failAll(new Cause.InternalFault(String.valueOf(cause)));
    }

    @Override
    public void onPortChange(PortChange change) {
        AsyncEventType event = devicePort.take(change);
        if (event == null) {
            return;
        }
        boolean removed = change == PortChange.REMOVED;
        if (change == PortChange.DOWN) {
            counters.add(TransportCounter.LINK_DOWNED);
        }
        raise(event, removed ? 0 : SoftPort.NUMBER, devicePort.detail(change));
        SoftCmDevice told = cm;
        if (told != null && change == PortChange.ADDRESS) {
            told.onAddressChange();
        } else if (told != null && removed) {
            told.onRemoved();
            management.close(arrivalNanos());
        }
        if (removed) {
            failures.failAll(new Cause.DeviceRemoved(name));
        }
    }

    @Override
    public int progress(long waitNanos) {
        return progress(waitNanos, false);
    }

    @Override
    public int progressForPoller() {
        return progress(0, true);
    }

    /// @param answerLater whether to leave answers for the next time when the caller has
    ///     completions to look at: it will be back soon, and an acknowledgement costs as much as a
    ///     packet
    private int progress(long waitNanos, boolean answerLater) {
        long now = host.clock().nanoTime();
        transmit(now);
        long wait = 0;
        if (waitNanos > 0 && turns.isEmpty()) {
            wait = Math.min(waitNanos, Math.max(0, nextDeadline() - now));
        }
        arrivalNanos = wait > 0 ? NOT_READ : now;
        completed = false;
        int received = link.poll(this, wait);
        now = arrivalNanos();
        // What waits in the link may be what a timer waits for: it is read first. A flood cannot
        // hold timers up for long.
        boolean overdue = now - lastTimersNanos > LONGEST_TIMER_DELAY_NANOS;
        boolean fired = false;
        if (received == 0 || overdue) {
            lastTimersNanos = now;
            fired = fireTimers(now);
        }
        if (fired || (received > 0 && !(answerLater && completed))) {
            transmit(now);
        }
        if (watchdog.isDue(now)) {
            watchdog.look(queuePairs.values(), now);
        }
        return received;
    }

    /// Sends the acknowledgement that a queue pair may owe before it goes.
    void sendWhatIsDue(QueuePairPort port) {
        DeviceWitness told = witness;
        if (told != null) {
            told.acknowledge(port.core());
        }
        try {
            port.engine().transmitAcknowledge();
        } catch (RuntimeException | Error bug) {
            failures.onBug(port, bug);
        }
        link.flush();
    }

    private void transmit(long now) {
        turns.collectPosted();
        int count = turns.size();
        for (int i = 0; i < count; i++) {
            QueuePairPort port = turns.next();
            boolean more = transmit(port, now);
            timers.update(port, port.engine().nextDeadline());
            if (more) {
                turns.add(port);
            }
        }
        link.flush();
        failures.failOverrun();
    }

    private boolean transmit(QueuePairPort port, long now) {
        DeviceWitness told = witness;
        if (told != null) {
            told.turn(port.core());
        }
        try {
            return port.engine().transmit(now, TRANSMIT_BUDGET);
        } catch (RuntimeException | Error bug) {
            failures.onBug(port, bug);
            return false;
        }
    }

    private boolean fireTimers(long now) {
        heldEvents.release(now);
        boolean fired = management.onTimer(now);
        while (true) {
            QueuePairPort port = timers.pollDue(now);
            if (port == null) {
                return fired;
            }
            fired = true;
            if (port.engine().nextDeadline() <= now) {
                onTimer(port, now);
                activate(port);
            }
            timers.update(port, port.engine().nextDeadline());
        }
    }

    private void onTimer(QueuePairPort port, long now) {
        DeviceWitness told = witness;
        if (told != null) {
            told.timer(port.core());
        }
        try {
            port.engine().onTimer(now);
        } catch (RuntimeException | Error bug) {
            failures.onBug(port, bug);
        }
    }

    @Override
    public long arrivalNanos() {
        if (arrivalNanos == NOT_READ) {
            arrivalNanos = host.clock().nanoTime();
        }
        return arrivalNanos;
    }

    @Override
    public void onPacket(InboundPacket inbound) {
        if (early != null && early.keep(inbound)) {
            return;
        }
        QueuePairPort port = admission.admit(inbound);
        if (port != null) {
            deliver(port, inbound, admission.opcode());
            return;
        }
        switch (admission.addressee()) {
            case MANAGEMENT -> management.onPacket(inbound, admission.opcode(), arrivalNanos());
            case GROUP -> deliverToGroup(inbound);
            case QUEUE_PAIR, NOBODY -> {}
        }
    }

    /// A queue pair can receive from now on: it gets what came too early, in its order.
    void onReadyToReceive(QueuePairPort port) {
        if (early != null) {
            early.release(port.core().number()).forEach(this::onPacket);
        }
    }

    /// A queue pair is reset, failed or gone: what came too early is for it no more.
    private void forgetEarly(QueuePairPort port) {
        if (early != null) {
            early.release(port.core().number());
        }
    }

    /// To each its copy: who has no receive, or another Q_Key, keeps nobody else from it.
    private void deliverToGroup(InboundPacket inbound) {
        QueuePairPort[] members = groups.members(inbound);
        if (members.length == 0) {
            counters.add(TransportCounter.DROPPED_UNKNOWN_QP);
        }
        int deth = admission.opcode().offsetOf(ExtensionHeader.DETH);
        for (QueuePairPort member : members) {
            if (!groups.isOwn(member, inbound, deth)) {
                deliver(member, inbound, admission.opcode());
            }
        }
    }

    /// Gives a management datagram to the queue pair of general services.
    ///
    /// @return false when there is none
    boolean deliverToGeneralServices(InboundPacket inbound, RoceOpcode opcode) {
        QueuePairPort port = queuePairs.get(ManagementPort.NUMBER);
        if (port == null) {
            return false;
        }
        deliver(port, inbound, opcode);
        return true;
    }

    private void deliver(QueuePairPort port, InboundPacket inbound, RoceOpcode opcode) {
        DeviceWitness told = witness;
        if (told != null) {
            told.received(port.core(), inbound);
        }
        try {
            port.engine().onPacket(inbound, opcode, arrivalNanos());
        } catch (RuntimeException | Error bug) {
            failures.onBug(port, bug);
        }
        activate(port);
    }

    @Override
    public void onMalformed() {
        counters.add(TransportCounter.DROPPED_MALFORMED);
    }

    @Override
    public void onBadIcrc() {
        counters.add(TransportCounter.DROPPED_BAD_ICRC);
    }

    /// Sets the state of a queue pair, before its engine is told.
    void move(QueuePairPort port, QueuePairState state) {
        port.core().state(state);
        if (state == QueuePairState.RESET || state == QueuePairState.ERR) {
            forgetEarly(port);
        }
        DeviceWitness told = witness;
        if (told != null) {
            told.moved(port.core());
        }
    }
}
