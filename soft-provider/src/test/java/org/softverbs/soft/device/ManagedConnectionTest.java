package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.softverbs.cm.CmEvent;
import org.softverbs.cm.CmEventType;
import org.softverbs.cm.ConnectionId;
import org.softverbs.cm.ConnectionManager;
import org.softverbs.cm.ConnectionParameters;
import org.softverbs.cm.DatagramPeer;
import org.softverbs.cm.EventChannel;
import org.softverbs.cm.PortSpace;
import org.softverbs.junit.Fabric;
import org.softverbs.junit.FabricNodes;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.AddressHandle;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.DatagramDestination;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionOpcode;

/// Connections and datagram services through queue pair 1 of whole devices, over a network that
/// loses and doubles packets.
class ManagedConnectionTest {

    private static final int PORT = 7471;
    private static final Duration LIMIT = Duration.ofSeconds(2);
    private static final Set<SendFlag> SIGNALED = Set.of(SendFlag.SIGNALED);

    /// One end: a manager with a channel, and what a queue pair needs.
    private static final class Side implements AutoCloseable {
        final FabricNodes fabric;
        final DeviceContext context;
        final ConnectionManager manager;
        final EventChannel channel;
        final ProtectionDomain domain;
        final CompletionQueue completions;
        final MemoryRegion region;
        final List<ConnectionId> ids = new ArrayList<>();
        @Nullable DatagramPeer group;

        Side(FabricNodes fabric, int node) {
            this.fabric = fabric;
            context = fabric.node(node);
            manager = ConnectionManager.open(context);
            channel = manager.createEventChannel();
            domain = context.allocateProtectionDomain();
            completions = context.createCompletionQueue(64);
            MemorySegment memory = Arena.ofAuto().allocate(256);
            region = domain.registerMemory(memory, EnumSet.of(AccessFlag.LOCAL_WRITE));
        }

        ConnectionId newId(PortSpace space) {
            ConnectionId id = manager.createId(channel, space);
            ids.add(id);
            return id;
        }

        InetSocketAddress address() {
            return new InetSocketAddress(
                    context.gidTable(1).getFirst().gid().toInetAddress(), PORT);
        }

        QueuePairOptions options(QueuePairType type) {
            return new QueuePairOptions(
                    type, completions, completions, QueuePairCapabilities.small(), false);
        }

        CmEvent next(CmEventType type) {
            List<CmEvent> taken = new ArrayList<>();
            fabric.await(
                    () -> {
                        takeEvent().ifPresent(taken::add);
                        return !taken.isEmpty();
                    });
            CmEvent event = taken.getFirst();
            event.acknowledge();
            assertThat(event.type()).as("%s", event).isEqualTo(type);
            return event;
        }

        private Optional<CmEvent> takeEvent() {
            try {
                return channel.await(Duration.ZERO);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        WorkCompletion nextCompletion() {
            List<WorkCompletion> taken = new ArrayList<>();
            fabric.await(
                    () -> {
                        taken.addAll(completions.poll(1));
                        return !taken.isEmpty();
                    });
            return taken.getFirst();
        }

        Sge element() {
            return new Sge(region.address(), 256, region.localKey());
        }

        ConnectionId resolved(PortSpace space, InetSocketAddress to) {
            ConnectionId id = newId(space);
            id.resolveAddress(to, LIMIT);
            next(CmEventType.ADDR_RESOLVED);
            id.resolveRoute(LIMIT);
            next(CmEventType.ROUTE_RESOLVED);
            return id;
        }

        @Override
        public void close() {
            ids.forEach(ConnectionId::close);
            region.close();
            completions.close();
            domain.close();
            channel.close();
            manager.close();
        }
    }

    @Test
    @Fabric(rates = {"LOSS=0.05", "DUPLICATE=0.05"})
    void shouldConnectExchangeAndDisconnect(FabricNodes fabric) {
        try (Side client = new Side(fabric, 1);
                Side server = new Side(fabric, 2)) {
            ConnectionId listener = server.newId(PortSpace.TCP);
            listener.bind(server.address());
            listener.listen(8);
            for (int i = 0; i < 20; i++) {
                exchange(client, server);
            }
        }
    }

    private static void exchange(Side client, Side server) {
        ConnectionId asking = client.resolved(PortSpace.TCP, server.address());
        QueuePair own = asking.createQueuePair(client.domain, client.options(QueuePairType.RC));
        own.postReceive(new ReceiveWorkRequest(1, client.element()));
        asking.connect(ConnectionParameters.DEFAULT);
        ConnectionId asked = server.next(CmEventType.CONNECT_REQUEST).id();
        server.ids.add(asked);
        QueuePair peer = asked.createQueuePair(server.domain, server.options(QueuePairType.RC));
        asked.accept(ConnectionParameters.DEFAULT);
        client.next(CmEventType.ESTABLISHED);
        server.next(CmEventType.ESTABLISHED);
        peer.postSend(new SendWorkRequest.Send(2, List.of(server.element()), SIGNALED));
        assertThat(server.nextCompletion().isSuccess()).isTrue();
        assertThat(client.nextCompletion().byteLength()).isEqualTo(256);
        asking.disconnect();
        client.next(CmEventType.DISCONNECTED);
        server.next(CmEventType.DISCONNECTED);
        assertThat(own.state()).isEqualTo(QueuePairState.ERR);
        client.next(CmEventType.TIMEWAIT_EXIT);
        server.next(CmEventType.TIMEWAIT_EXIT);
    }

    @Test
    @Fabric(rates = {"LOSS=0.05", "DUPLICATE=0.05"})
    void shouldFindADatagramServiceAndReachIt(FabricNodes fabric) {
        try (Side client = new Side(fabric, 1);
                Side server = new Side(fabric, 2)) {
            ConnectionId listener = server.newId(PortSpace.UDP);
            listener.bind(server.address());
            listener.listen(8);
            ConnectionId asking = client.resolved(PortSpace.UDP, server.address());
            QueuePair own = asking.createQueuePair(client.domain, client.options(QueuePairType.UD));
            asking.connect(ConnectionParameters.DEFAULT);
            ConnectionId asked = server.next(CmEventType.CONNECT_REQUEST).id();
            server.ids.add(asked);
            QueuePair peer = asked.createQueuePair(server.domain, server.options(QueuePairType.UD));
            peer.postReceive(new ReceiveWorkRequest(1, server.element()));
            asked.accept(ConnectionParameters.DEFAULT);
            Optional<DatagramPeer> found = client.next(CmEventType.ESTABLISHED).datagramPeer();
            DatagramPeer there = Objects.requireNonNull(found.orElse(null));
            try (AddressHandle handle = client.domain.createAddressHandle(there.addressVector())) {
                List<WorkCompletion> received = new ArrayList<>();
                while (received.isEmpty()) {
                    own.postSend(
                            new SendWorkRequest.SendDatagram(
                                    3,
                                    List.of(),
                                    new DatagramDestination(
                                            handle, there.queuePairNumber(), there.queueKey()),
                                    SIGNALED));
                    assertThat(client.nextCompletion().isSuccess()).isTrue();
                    fabric.run(Duration.ofMillis(1));
                    received.addAll(server.completions.poll(1));
                }
                assertThat(received.getFirst().byteLength()).isEqualTo(40);
            }
        }
    }

    @Test
    @Fabric(
            nodes = 3,
            rates = {"LOSS=0.05", "DUPLICATE=0.05"})
    void shouldJoinAGroupAndHearAllMembersButItself(FabricNodes fabric)
            throws UnknownHostException {
        InetAddress group = InetAddress.getByName("239.7.4.71");
        try (Side one = new Side(fabric, 1);
                Side two = new Side(fabric, 2);
                Side three = new Side(fabric, 3)) {
            QueuePair sender = joined(one, group);
            QueuePair second = joined(two, group);
            joined(three, group);
            DatagramPeer there = Objects.requireNonNull(one.group);
            assertThat(there.queuePairNumber()).isEqualTo(0xff_ffff);
            assertThat(there.queueKey()).isEqualTo(DatagramPeer.DEFAULT_QUEUE_KEY);
            int heard = 0;
            try (AddressHandle handle = one.domain.createAddressHandle(there.addressVector())) {
                for (int i = 0; i < 40; i++) {
                    sender.postSend(
                            new SendWorkRequest.SendDatagram(
                                    3,
                                    List.of(),
                                    new DatagramDestination(
                                            handle, there.queuePairNumber(), there.queueKey()),
                                    SIGNALED));
                    assertThat(one.nextCompletion().opcode()).isEqualTo(WorkCompletionOpcode.SEND);
                    fabric.run(Duration.ofMillis(1));
                    int copies = two.completions.poll(8).size();
                    for (int copy = 0; copy < copies; copy++) {
                        second.postReceive(new ReceiveWorkRequest(1, two.element()));
                    }
                    heard += copies;
                }
            }
            assertThat(heard).isBetween(30, 50);
            assertThat(three.completions.poll(8)).hasSize(1);
            assertThat(one.completions.poll(8)).isEmpty();
            one.ids.getFirst().leaveMulticast(group);
            // The others leave when their IDs are closed.
        }
    }

    private static QueuePair joined(Side side, InetAddress group) {
        ConnectionId id = side.newId(PortSpace.UDP);
        id.bind(side.address());
        QueuePair queuePair = id.createQueuePair(side.domain, side.options(QueuePairType.UD));
        queuePair.postReceive(new ReceiveWorkRequest(1, side.element()));
        id.joinMulticast(group);
        side.group = side.next(CmEventType.MULTICAST_JOIN).datagramPeer().orElseThrow();
        return queuePair;
    }

    @Test
    @Fabric
    void shouldTellThatAGroupCannotBeJoined(FabricNodes fabric) throws UnknownHostException {
        try (Side side = new Side(fabric, 1)) {
            ConnectionId id = side.newId(PortSpace.TCP);
            id.bind(side.address());
            id.createQueuePair(side.domain, side.options(QueuePairType.RC));
            id.joinMulticast(InetAddress.getByName("239.7.4.71"));
            CmEvent told = side.next(CmEventType.MULTICAST_ERROR);
            assertThat(told.status()).isEqualTo(-Errno.EINVAL.number());
        }
    }

    @Test
    @Fabric
    void shouldRejectWhereNobodyListens(FabricNodes fabric) {
        try (Side client = new Side(fabric, 1);
                Side server = new Side(fabric, 2)) {
            ConnectionId asking = client.resolved(PortSpace.TCP, server.address());
            asking.createQueuePair(client.domain, client.options(QueuePairType.RC));
            asking.connect(ConnectionParameters.DEFAULT);
            assertThat(client.next(CmEventType.REJECTED).status()).isEqualTo(8);
        }
    }
}
