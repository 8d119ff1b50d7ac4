package org.softverbs.ulp.perf;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.softverbs.cm.CmEvent;
import org.softverbs.cm.CmEventType;
import org.softverbs.cm.ConnectionId;
import org.softverbs.cm.ConnectionManager;
import org.softverbs.cm.ConnectionOptions;
import org.softverbs.cm.ConnectionParameters;
import org.softverbs.cm.EventChannel;
import org.softverbs.cm.PortSpace;
import org.softverbs.cm.RejectReason;
import org.softverbs.ulp.tool.CmEvents;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairOptions;

/// Connections by the connection manager: first one for the conversation of the ends, then one for
/// each queue pair of the test.
///
/// Belongs to the thread that runs the test.
final class ManagedConnections implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(2);
    private static final Duration CONNECT_PATIENCE = Duration.ofSeconds(10);
    private static final long RETRY_MILLIS = 50;

    /// A second until a request is repeated: the peer may not be there yet.
    private static final int RESPONSE_TIMEOUT = 18;

    private static final Duration FOR_EVER = Duration.ofDays(1);

    private final ConnectionManager manager;
    private final EventChannel channel;
    private final @Nullable ConnectionId listener;
    private final InetSocketAddress address;
    private final @Nullable ManagedDatagrams datagrams;
    private final List<ConnectionId> ids = new ArrayList<>();

    /// @param address the server's; of the server itself the one to listen on
    /// @param isDatagram whether the test is one of datagrams
    ManagedConnections(
            DeviceContext context,
            InetSocketAddress address,
            boolean isClient,
            boolean isDatagram) {
        this.address = address;
        manager = ConnectionManager.open(context);
        channel = manager.createEventChannel();
        listener = isClient ? null : listen(manager, channel, false, address);
        datagrams = isDatagram ? new ManagedDatagrams(manager, address, isClient) : null;
    }

    static ConnectionId listen(
            ConnectionManager manager,
            EventChannel events,
            boolean isDatagram,
            InetSocketAddress address) {
        ConnectionId id = manager.createId(events, isDatagram ? PortSpace.UDP : PortSpace.TCP);
        id.bind(address);
        id.listen(0);
        return id;
    }

    /// What makes the queue pairs of a test of datagrams; nothing for another.
    @Nullable ManagedDatagrams datagrams() {
        return datagrams;
    }

    /// Makes the connection for the conversation.
    PerfConversation converse() throws InterruptedException {
        EventChannel own = manager.createEventChannel();
        ConnectionParameters parameters =
                ConnectionParameters.builder().responderResources(0).initiatorDepth(0).build();
        if (listener == null) {
            return ask(own, parameters);
        }
        ConnectionId id = CmEvents.expect(channel, CmEventType.CONNECT_REQUEST, FOR_EVER).id();
        id.migrate(own);
        ManagedConversation conversation = new ManagedConversation(id, own);
        id.accept(parameters);
        CmEvents.expect(own, CmEventType.ESTABLISHED);
        return conversation;
    }

    /// Connects to a server; one that is not there yet is asked again for ten seconds.
    private PerfConversation ask(EventChannel own, ConnectionParameters parameters)
            throws InterruptedException {
        long end = System.nanoTime() + CONNECT_PATIENCE.toNanos();
        while (true) {
            ConnectionId id = resolve(manager, own, PortSpace.TCP, address);
            ManagedConversation conversation = new ManagedConversation(id, own);
            id.connect(parameters);
            CmEvent event = take(own);
            if (event.type() == CmEventType.ESTABLISHED) {
                return conversation;
            }
            conversation.closeAllButChannel();
            awaitListener(event, end);
        }
    }

    /// Waits before a server is asked again that was not there yet.
    ///
    /// @throws ToolException when it is another refusal, or too late
    private static void awaitListener(CmEvent event, long end) throws InterruptedException {
        boolean isNotThereYet =
                event.rejectReason().equals(Optional.of(RejectReason.INVALID_SERVICE_ID));
        if (!isNotThereYet || System.nanoTime() >= end) {
            throw CmEvents.failure(event);
        }
        TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
    }

    /// Makes the connections of the test, one after the other.
    ///
    /// @param reads READs and atomics outstanding on each
    List<QueuePair> connect(
            int count, ProtectionDomain domain, QueuePairOptions options, int reads, Mtu mtu)
            throws InterruptedException {
        ConnectionParameters parameters =
                ConnectionParameters.builder()
                        .responderResources(reads)
                        .initiatorDepth(reads)
                        .build();
        if (listener == null) {
            for (int i = 0; i < count; i++) {
                connect(domain, options, parameters, mtu);
            }
        } else {
            accept(count, domain, options, parameters);
        }
        return ids.stream().map(id -> id.queuePair().orElseThrow()).toList();
    }

    /// Makes one connection. perftest's server listens anew for each: it is asked again when it is
    /// between two listeners.
    private void connect(
            ProtectionDomain domain,
            QueuePairOptions options,
            ConnectionParameters parameters,
            Mtu mtu)
            throws InterruptedException {
        long end = System.nanoTime() + CONNECT_PATIENCE.toNanos();
        while (true) {
            ConnectionId id = resolve(manager, channel, PortSpace.TCP, address);
            ids.add(id);
            id.options(
                    ConnectionOptions.builder()
                            .responseTimeout(RESPONSE_TIMEOUT)
                            .pathMtu(mtu)
                            .build());
            id.createQueuePair(domain, options);
            id.connect(parameters);
            CmEvent event = take(channel);
            if (event.type() == CmEventType.ESTABLISHED) {
                return;
            }
            ids.remove(id);
            id.close();
            awaitListener(event, end);
        }
    }

    private void accept(
            int count,
            ProtectionDomain domain,
            QueuePairOptions options,
            ConnectionParameters parameters)
            throws InterruptedException {
        int established = 0;
        while (established < count) {
            CmEvent event = take(channel);
            if (event.type() == CmEventType.CONNECT_REQUEST && ids.size() < count) {
                ids.add(event.id());
                event.id().createQueuePair(domain, options);
                event.id().accept(parameters);
            } else if (event.type() == CmEventType.ESTABLISHED) {
                established++;
            } else {
                throw CmEvents.failure(event);
            }
        }
    }

    /// Makes an ID of a client, with the way to the server.
    static ConnectionId resolve(
            ConnectionManager manager,
            EventChannel events,
            PortSpace space,
            InetSocketAddress address)
            throws InterruptedException {
        ConnectionId id = manager.createId(events, space);
        boolean resolved = false;
        try {
            id.options(ConnectionOptions.builder().responseTimeout(RESPONSE_TIMEOUT).build());
            id.resolveAddress(address, LIMIT);
            CmEvents.expect(events, CmEventType.ADDR_RESOLVED);
            id.resolveRoute(LIMIT);
            CmEvents.expect(events, CmEventType.ROUTE_RESOLVED);
            resolved = true;
        } finally {
            if (!resolved) {
                id.close();
            }
        }
        return id;
    }

    static CmEvent take(EventChannel events) throws InterruptedException {
        return CmEvents.next(events, CmEvents.PATIENCE)
                .orElseThrow(
                        () -> new ToolException("no event of the connection manager came in time"));
    }

    /// Ends the connections of the test, so that their protection domain can be closed.
    void endTest() {
        ids.forEach(ConnectionId::close);
        ids.clear();
        ManagedDatagrams services = datagrams;
        if (services != null) {
            services.endServices();
        }
    }

    @Override
    public void close() {
        endTest();
        ManagedDatagrams services = datagrams;
        if (services != null) {
            services.close();
        }
        ConnectionId listening = listener;
        if (listening != null) {
            listening.close();
        }
        channel.close();
        manager.close();
    }
}
