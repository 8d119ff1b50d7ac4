package org.softverbs.soft.device;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.softverbs.cm.ConnectionId;
import org.softverbs.soft.qp.ConnectionAttributes;
import org.softverbs.soft.qp.QueuePairCore;
import org.softverbs.soft.qp.TransportCounters;
import org.softverbs.soft.queue.ReceiveQueue;
import org.softverbs.soft.queue.SharedReceives;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.DeviceResources;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.Wait;

/// Looks at all that is open on a device.
///
/// What changes with packets is read by the owner, in one step for all queue pairs.
final class ResourceSnapshot {

    private static final int UNKNOWN_PSN = -1;

    private final SoftDevice device;
    private final List<DeviceResources.ProtectionDomainEntry> domains = new ArrayList<>();
    private final List<DeviceResources.CompletionQueueEntry> queues = new ArrayList<>();
    private final List<SoftQueuePair> queuePairs = new ArrayList<>();
    private final List<DeviceResources.SharedReceiveQueueEntry> shared = new ArrayList<>();
    private final List<DeviceResources.MemoryRegionEntry> regions = new ArrayList<>();

    private ResourceSnapshot(SoftDevice device) {
        this.device = device;
    }

    /// @param top what was made from the device
    static DeviceResources of(SoftDevice device, List<Object> top) {
        ResourceSnapshot snapshot = new ResourceSnapshot(device);
        top.forEach(snapshot::add);
        return new DeviceResources(
                device.device().name(),
                snapshot.domains,
                snapshot.queues,
                snapshot.queuePairs(),
                snapshot.shared,
                snapshot.regions,
                snapshot.ids());
    }

    private void add(Object child) {
        switch (child) {
            case SoftProtectionDomain domain -> add(domain);
            case SoftCompletionQueue queue ->
                    queues.add(
                            new DeviceResources.CompletionQueueEntry(
                                    queue.number(),
                                    queue.entries(),
                                    queue.ring().isEmpty(),
                                    queue.ring().lost(),
                                    queue.children().size()));
            case SoftQueuePair queuePair -> queuePairs.add(queuePair);
            case SoftSharedReceiveQueue queue -> add(queue);
            case SoftMemoryRegion region ->
                    regions.add(
                            new DeviceResources.MemoryRegionEntry(
                                    region.localKey(),
                                    region.remoteKey(),
                                    region.address(),
                                    region.length(),
                                    region.access().stream().map(Enum::name).sorted().toList(),
                                    domainOf(region)));
            default -> {
                // Windows, handles, channels: what they are for shows at the others.
            }
        }
    }

    private static int domainOf(SoftMemoryRegion region) {
        return region.protectionDomain() instanceof SoftProtectionDomain own ? own.identity() : 0;
    }

    private void add(SoftProtectionDomain domain) {
        List<Object> children = domain.children().list();
        domains.add(new DeviceResources.ProtectionDomainEntry(domain.identity(), children.size()));
        children.forEach(this::add);
    }

    private void add(SoftSharedReceiveQueue queue) {
        SharedReceives receives = queue.receives();
        shared.add(
                new DeviceResources.SharedReceiveQueueEntry(
                        queue.number(),
                        queue.domain().identity(),
                        receives.queue().size(),
                        receives.queue().capacity(),
                        receives.limit(),
                        queue.children().size()));
    }

    private List<DeviceResources.QueuePairEntry> queuePairs() {
        return device.owner()
                .call(
                        () -> {
                            long now = device.host().clock().nanoTime();
                            return queuePairs.stream().map(it -> entry(it, now)).toList();
                        });
    }

    private static DeviceResources.QueuePairEntry entry(SoftQueuePair queuePair, long now) {
        QueuePairPort port = queuePair.port();
        QueuePairCore core = port.core();
        QueuePairState state = core.state();
        ConnectionAttributes connection = core.connection();
        boolean hasPeer = core.type() != QueuePairType.UD && connection.hasPath();
        boolean receives = isOneOf(state, QueuePairState.RTR, QueuePairState.RTS);
        boolean sends = isOneOf(state, QueuePairState.RTS, QueuePairState.SQD);
        Explanation error = core.firstError();
        return new DeviceResources.QueuePairEntry(
                core.number(),
                core.type().name(),
                state.name(),
                queuePair.domain().identity(),
                numberOf(queuePair.sendCompletionQueue()),
                numberOf(queuePair.receiveCompletionQueue()),
                hasPeer ? connection.path().destination().toString() : "",
                hasPeer ? connection.destinationQpn() : 0,
                sends ? port.engine().nextSendPsn() : UNKNOWN_PSN,
                receives || sends ? port.engine().nextReceivePsn() : UNKNOWN_PSN,
                core.sendQueue().tail() - core.sendQueue().head(),
                core.sendQueue().capacity(),
                receivesOf(core),
                port.engine().waitsFor(now).stream().map(Wait::sentence).toList(),
                error == null ? "" : error.line(),
                countedBy(port.counters()));
    }

    private static boolean isOneOf(QueuePairState state, QueuePairState one, QueuePairState other) {
        return state == one || state == other;
    }

    private static int numberOf(CompletionQueue queue) {
        return queue instanceof SoftCompletionQueue own ? own.number() : 0;
    }

    private static long receivesOf(QueuePairCore core) {
        SharedReceives from = core.receives().shared();
        ReceiveQueue queue = from == null ? core.receiveQueue() : from.queue();
        return queue.size();
    }

    private static Map<String, Long> countedBy(TransportCounters counters) {
        Map<String, Long> counted = new LinkedHashMap<>(counters.toMap());
        counted.values().removeIf(value -> value == 0);
        return counted;
    }

    private List<DeviceResources.ConnectionIdEntry> ids() {
        return device.cm().ids().stream().map(ResourceSnapshot::entry).toList();
    }

    private static DeviceResources.ConnectionIdEntry entry(ConnectionId id) {
        return new DeviceResources.ConnectionIdEntry(
                id.portSpace().name(),
                id.state().name(),
                id.localAddress().map(ResourceSnapshot::text).orElse(""),
                id.peerAddress().map(ResourceSnapshot::text).orElse(""),
                id.queuePair().map(QueuePair::number).orElse(0));
    }

    private static String text(InetSocketAddress address) {
        return address.getAddress().getHostAddress() + " port " + address.getPort();
    }
}
