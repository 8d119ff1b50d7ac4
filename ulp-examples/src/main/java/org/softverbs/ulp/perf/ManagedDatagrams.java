package org.softverbs.ulp.perf;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.softverbs.cm.CmEvent;
import org.softverbs.cm.CmEventType;
import org.softverbs.cm.ConnectionId;
import org.softverbs.cm.ConnectionManager;
import org.softverbs.cm.ConnectionParameters;
import org.softverbs.cm.DatagramPeer;
import org.softverbs.cm.EventChannel;
import org.softverbs.cm.PortSpace;
import org.softverbs.ulp.tool.CmEvents;
import org.softverbs.verbs.AddressHandle;
import org.softverbs.verbs.DatagramDestination;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairOptions;

/// The datagram queue pairs of a test with `-R`: the connection manager tells the client where
/// those of the server are, as perftest has it. Of a test of latency the client's first datagram,
/// with its queue pair number as immediate data, tells the server the way back.
///
/// It owns the queue pairs and the ways to the peer, those of a test that failed half-way too.
///
/// Belongs to the thread that runs the test.
final class ManagedDatagrams implements AutoCloseable {

    private static final int RETRIES = 100;
    private static final long RETRY_MILLIS = 100;

    /// A queue pair of the test.
    ///
    /// @param destination where its datagrams go; nothing when it only receives
    record Service(QueuePair queuePair, @Nullable DatagramDestination destination) {}

    private final ConnectionManager manager;
    private final EventChannel channel;
    private final @Nullable ConnectionId listener;
    private final InetSocketAddress address;
    private final List<ConnectionId> ids = new ArrayList<>();
    private final List<AddressHandle> handles = new ArrayList<>();

    /// @param address the server's; of the server itself the one to listen on
    ManagedDatagrams(ConnectionManager manager, InetSocketAddress address, boolean isClient) {
        this.manager = manager;
        this.address = address;
        channel = manager.createEventChannel();
        listener = isClient ? null : ManagedConnections.listen(manager, channel, true, address);
    }

    /// Makes the queue pairs of the test, one after the other.
    ///
    /// @param greeting the first datagram, of a test in which both ends send
    List<Service> open(
            int count,
            ProtectionDomain domain,
            QueuePairOptions options,
            @Nullable DatagramGreeting greeting)
            throws InterruptedException {
        List<Service> services = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            services.add(
                    listener == null
                            ? ask(domain, options, greeting)
                            : serve(domain, options, greeting));
        }
        return services;
    }

    /// A server that does not listen yet is asked again.
    private Service ask(
            ProtectionDomain domain, QueuePairOptions options, @Nullable DatagramGreeting greeting)
            throws InterruptedException {
        for (int tries = 0; ; tries++) {
            ConnectionId id = ManagedConnections.resolve(manager, channel, PortSpace.UDP, address);
            ids.add(id);
            id.createQueuePair(domain, options);
            id.connect(ConnectionParameters.DEFAULT);
            CmEvent event = ManagedConnections.take(channel);
            if (event.type() == CmEventType.ESTABLISHED) {
                return reach(id, event.datagramPeer().orElseThrow(), domain, greeting);
            }
            ids.remove(id);
            id.close();
            if (event.type() != CmEventType.UNREACHABLE || tries == RETRIES) {
                throw CmEvents.failure(event);
            }
            TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
        }
    }

    private Service reach(
            ConnectionId id,
            DatagramPeer peer,
            ProtectionDomain domain,
            @Nullable DatagramGreeting greeting) {
        QueuePair queuePair = id.queuePair().orElseThrow();
        AddressHandle way = domain.createAddressHandle(peer.addressVector());
        handles.add(way);
        DatagramDestination there =
                new DatagramDestination(way, peer.queuePairNumber(), peer.queueKey());
        if (greeting != null) {
            greeting.send(queuePair, there);
        }
        return new Service(queuePair, there);
    }

    private Service serve(
            ProtectionDomain domain, QueuePairOptions options, @Nullable DatagramGreeting greeting)
            throws InterruptedException {
        CmEvent event = ManagedConnections.take(channel);
        if (event.type() != CmEventType.CONNECT_REQUEST) {
            throw CmEvents.failure(event);
        }
        ConnectionId id = event.id();
        ids.add(id);
        id.createQueuePair(domain, options);
        QueuePair queuePair = id.queuePair().orElseThrow();
        if (greeting == null) {
            id.accept(ConnectionParameters.DEFAULT);
            return new Service(queuePair, null);
        }
        greeting.expect(queuePair);
        id.accept(ConnectionParameters.DEFAULT);
        AddressHandle way = greeting.await();
        handles.add(way);
        return new Service(queuePair, greeting.destination(way, queuePair));
    }

    /// Ends the services, so that their protection domain can be closed.
    void endServices() {
        ids.forEach(ConnectionId::close);
        ids.clear();
        handles.forEach(AddressHandle::close);
        handles.clear();
    }

    @Override
    public void close() {
        endServices();
        ConnectionId listening = listener;
        if (listening != null) {
            listening.close();
        }
        channel.close();
    }
}
