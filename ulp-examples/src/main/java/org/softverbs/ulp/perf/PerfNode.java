package org.softverbs.ulp.perf;

import java.lang.foreign.Arena;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.softverbs.ulp.tool.PortGids;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.AddressHandle;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.CompletionCursor;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.DatagramDestination;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.PrivilegedContext;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.WorkCompletionStatus;

/// What an end of a test is made of: queue pairs, one buffer for them all, two completion queues.
///
/// Belongs to the thread that runs the test.
final class PerfNode implements AutoCloseable {

    private static final int MIN_RNR_TIMER = 12;
    private static final int TIMEOUT = 14;
    private static final int RETRIES = 7;
    private static final int NUMBER_BOUND = 1 << 24;
    private static final int PAGE = 4096;

    /// READs and atomics outstanding on a test of them, if the device can.
    private static final int OUTSTANDING_READS = 128;

    private final SecureRandom random = new SecureRandom();
    private final PerfSettings settings;
    private final DeviceContext context;
    private final QueuePairCapabilities capabilities;
    private final ProtectionDomain domain;
    private final CompletionQueue sendQueue;
    private final CompletionQueue receiveQueue;
    private final CompletionCursor sends;
    private final CompletionCursor receives;
    private final MemoryRegion region;
    private final long part;
    private final int outstandingReads;
    private final List<QueuePair> queuePairs = new ArrayList<>();
    private final List<KeyRecord> keys = new ArrayList<>();
    private final List<PerfLane> lanes = new ArrayList<>();
    private final List<AddressHandle> handles = new ArrayList<>();
    private final List<ReadWritePart> physical = new ArrayList<>();
    private final List<ManagedDatagrams.Service> services = new ArrayList<>();
    private final @Nullable ManagedConnections connections;

    /// @param context the device
    /// @param settings the test
    /// @param cycle bytes that small messages take turns in
    /// @param connections what makes the queue pairs later, and connects them; nothing for those
    ///     that this makes
    PerfNode(
            DeviceContext context,
            PerfSettings settings,
            int cycle,
            @Nullable ManagedConnections connections) {
        this.settings = settings;
        this.connections = connections;
        PerfVerb verb = settings.test().verb();
        domain = context.allocateProtectionDomain();
        this.context = context;
        capabilities = capabilities();
        sendQueue =
                context.createCompletionQueue(
                        capabilities.maxSendRequests() * settings.queuePairs() + 1);
        receiveQueue =
                context.createCompletionQueue(settings.receiveDepth() * settings.queuePairs() + 1);
        sends = sendQueue.cursor();
        receives = receiveQueue.cursor();
        long longest = Math.max(settings.largestSize(), Math.max(cycle, settings.sendDepth() * 8L));
        part = (longest + settings.prefix() + PAGE - 1) / PAGE * PAGE;
        Set<AccessFlag> access = EnumSet.of(AccessFlag.LOCAL_WRITE);
        access.addAll(verb.remoteAccess());
        region =
                domain.registerMemory(
                        Arena.ofAuto().allocate(part * 2 * settings.queuePairs(), PAGE), access);
        int most = context.queryDevice().maxReadAtomic();
        outstandingReads = verb.reads() ? Math.min(OUTSTANDING_READS, most) : 1;
        if (connections == null) {
            for (int i = 0; i < settings.queuePairs(); i++) {
                add(makeQueuePair());
            }
        }
    }

    /// Whether the queue pairs come from the connection manager.
    boolean isManaged() {
        return connections != null;
    }

    /// Has the connection manager make the queue pairs and connect them.
    void makeManaged(Mtu mtu) throws InterruptedException {
        ManagedConnections manager = connections;
        ManagedDatagrams datagrams = manager == null ? null : manager.datagrams();
        if (datagrams != null) {
            DatagramGreeting greeting =
                    settings.test().isLatency()
                            ? new DatagramGreeting(domain, region, sends, receives)
                            : null;
            for (ManagedDatagrams.Service service :
                    datagrams.open(settings.queuePairs(), domain, options(), greeting)) {
                add(service.queuePair());
                services.add(service);
            }
        } else if (manager != null) {
            int reads = settings.test().verb().reads() ? outstandingReads : 0;
            manager.connect(settings.queuePairs(), domain, options(), reads, mtu)
                    .forEach(this::add);
        }
    }

    private QueuePairCapabilities capabilities() {
        return settings.usesContexts()
                ? ReadWritePart.capabilities(
                        context,
                        settings.largestSize(),
                        settings.sendQueueDepth(),
                        settings.receiveDepth())
                : new QueuePairCapabilities(
                        settings.sendQueueDepth(), settings.receiveDepth(), 1, 1, 0);
    }

    private QueuePairOptions options() {
        return new QueuePairOptions(settings.type(), sendQueue, receiveQueue, capabilities, false);
    }

    private QueuePair makeQueuePair() {
        QueuePair queuePair = domain.createQueuePair(options());
        queuePair.modify(
                settings.type() == QueuePairType.UD
                        ? QueuePairAttributes.toInitDatagram(PerfLane.QUEUE_KEY)
                        : QueuePairAttributes.toInit(settings.test().verb().remoteAccess()));
        return queuePair;
    }

    private void add(QueuePair queuePair) {
        int index = queuePairs.size();
        queuePairs.add(queuePair);
        boolean isRemote = !settings.test().verb().remoteAccess().isEmpty();
        keys.add(
                new KeyRecord(
                        outstandingReads,
                        queuePair.number(),
                        random.nextInt(NUMBER_BOUND) | KeyRecord.MARK,
                        isRemote ? region.remoteKey() : 0,
                        region.address() + inOffset(index),
                        PortGids.first(context),
                        true));
    }

    private long inOffset(int index) {
        return part * (settings.queuePairs() + index);
    }

    /// What the peer has to know about each queue pair.
    List<KeyRecord> keys() {
        return keys;
    }

    /// Connects each queue pair to its peer, unless that is done, and makes the lanes.
    void connect(List<KeyRecord> peers, Mtu mtu) {
        for (int i = 0; i < queuePairs.size(); i++) {
            QueuePair queuePair = queuePairs.get(i);
            KeyRecord peer = isManaged() ? peerOf(i, peers) : peers.get(i);
            if (!isManaged()) {
                connect(queuePair, keys.get(i), peer, mtu);
            }
            PerfLane lane =
                    new PerfLane(
                            settings,
                            queuePair,
                            region,
                            part * i,
                            inOffset(i),
                            keys.get(i),
                            peer,
                            destination(i, peer),
                            newPhysical(queuePair));
            lanes.add(lane);
        }
    }

    private @Nullable DatagramDestination destination(int index, KeyRecord peer) {
        if (settings.type() != QueuePairType.UD) {
            return null;
        }
        if (isManaged()) {
            return services.get(index).destination();
        }
        AddressHandle way = domain.createAddressHandle(new AddressVector(peer.gid(), 0));
        handles.add(way);
        return new DatagramDestination(way, peer.queuePairNumber(), PerfLane.QUEUE_KEY);
    }

    /// Of several connections the peer may have another one first. Whoever sends no datagrams does
    /// not know whose it gets.
    private KeyRecord peerOf(int index, List<KeyRecord> peers) {
        int number = queuePairs.get(index).query().destinationQueuePairNumber();
        if (settings.type() == QueuePairType.UD) {
            DatagramDestination there = services.get(index).destination();
            if (there == null) {
                return peers.get(index);
            }
            number = there.queuePairNumber();
        }
        return named(number, peers);
    }

    private static KeyRecord named(int number, List<KeyRecord> peers) {
        return peers.stream()
                .filter(it -> it.queuePairNumber() == number)
                .findFirst()
                .orElseThrow(
                        () ->
                                new ToolException(
                                        "the peer told nothing of its QPN 0x"
                                                + Integer.toHexString(number)));
    }

    private @Nullable ReadWritePart newPhysical(QueuePair queuePair) {
        if (!settings.usesContexts() || !(context instanceof PrivilegedContext privileged)) {
            return null;
        }
        ReadWritePart fresh =
                new ReadWritePart(queuePair, privileged, part, settings.test().verb());
        physical.add(fresh);
        return fresh;
    }

    /// The parts of this end's buffer that are host physical memory.
    List<ReadWritePart> physical() {
        return physical;
    }

    private void connect(QueuePair queuePair, KeyRecord own, KeyRecord peer, Mtu mtu) {
        switch (settings.type()) {
            case RC -> connectReliably(queuePair, own, peer, mtu);
            case UC -> {
                queuePair.modify(
                        QueuePairAttributes.toReadyToReceiveUnreliable(
                                new AddressVector(peer.gid(), 0),
                                peer.queuePairNumber(),
                                peer.packetSequenceNumber(),
                                mtu));
                queuePair.modify(
                        QueuePairAttributes.toReadyToSendUnreliable(own.packetSequenceNumber()));
            }
            case XRC_SEND, XRC_RECV, GSI ->
                    throw new IllegalStateException(settings.type() + " is not measured");
            case UD -> {
                queuePair.modify(QueuePairAttributes.to(QueuePairState.RTR));
                queuePair.modify(
                        QueuePairAttributes.toReadyToSendUnreliable(own.packetSequenceNumber()));
            }
        }
    }

    private void connectReliably(QueuePair queuePair, KeyRecord own, KeyRecord peer, Mtu mtu) {
        queuePair.modify(
                QueuePairAttributes.builder()
                        .state(QueuePairState.RTR)
                        .addressVector(new AddressVector(peer.gid(), 0))
                        .destinationQueuePairNumber(peer.queuePairNumber())
                        .receivePacketSequenceNumber(peer.packetSequenceNumber())
                        .pathMtu(mtu)
                        .maxDestinationReadAtomic(outstandingReads)
                        .minRnrTimer(MIN_RNR_TIMER)
                        .build());
        queuePair.modify(
                QueuePairAttributes.builder()
                        .state(QueuePairState.RTS)
                        .sendPacketSequenceNumber(own.packetSequenceNumber())
                        .timeout(TIMEOUT)
                        .retryCount(RETRIES)
                        .rnrRetry(RETRIES)
                        .maxReadAtomic(Math.clamp(peer.outstandingReads(), 1, outstandingReads))
                        .build());
    }

    /// Puts bytes that one of our ends can check where the test takes its data from.
    void fillPatterns() {
        PerfVerb verb = settings.test().verb();
        for (PerfLane lane : lanes) {
            int seed = lane.own().packetSequenceNumber();
            switch (verb) {
                case SEND, WRITE -> fill(lane.outOffset(), seed);
                case READ -> {
                    if (!settings.isClient()) {
                        fill(lane.inOffset(), seed);
                    }
                }
                case ATOMIC -> {}
            }
        }
        if (verb == PerfVerb.WRITE) {
            for (int i = 0; i < physical.size(); i++) {
                ArrivalCheck.fill(
                        physical.get(i).memory().segment(), keys.get(i).packetSequenceNumber());
            }
        }
    }

    private void fill(long offset, int seed) {
        ArrivalCheck.fill(region.segment().asSlice(offset, part), seed);
    }

    /// Makes a check for each lane.
    List<ArrivalCheck> checks() {
        List<ArrivalCheck> checks = new ArrayList<>();
        for (PerfLane lane : lanes) {
            checks.add(
                    new ArrivalCheck(lane, settings.atomic(), Arena.ofAuto().allocate(part, PAGE)));
        }
        return checks;
    }

    List<PerfLane> lanes() {
        return lanes;
    }

    /// Completions of the send queues.
    CompletionCursor sends() {
        return sends;
    }

    /// Completions of the receive queues.
    CompletionCursor receives() {
        return receives;
    }

    /// Lets the device go on. A completion that is left over from a run by time is thrown away.
    void poll() {
        receives.next();
    }

    /// The work request that a completion belongs to.
    ///
    /// @throws ToolException when it failed
    static long succeeded(CompletionCursor completion) {
        if (completion.status() != WorkCompletionStatus.SUCCESS) {
            throw failure(completion);
        }
        return completion.workRequestId();
    }

    static ToolException failure(CompletionCursor completion) {
        return new ToolException(
                "completion with error on QPN 0x"
                        + Integer.toHexString(completion.queuePairNumber())
                        + ": "
                        + completion.explain().line());
    }

    @Override
    public void close() {
        queuePairs.forEach(QueuePair::close);
        ManagedConnections manager = connections;
        if (manager != null) {
            manager.endTest();
        }
        handles.forEach(AddressHandle::close);
        physical.forEach(ReadWritePart::close);
        region.close();
        sendQueue.close();
        receiveQueue.close();
        domain.close();
    }
}
