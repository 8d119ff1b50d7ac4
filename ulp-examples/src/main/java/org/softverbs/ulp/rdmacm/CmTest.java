package org.softverbs.ulp.rdmacm;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.softverbs.cm.CmEvent;
import org.softverbs.cm.ConnectionId;
import org.softverbs.cm.ConnectionManager;
import org.softverbs.cm.ConnectionOptions;
import org.softverbs.cm.EventChannel;
import org.softverbs.cm.PortSpace;
import org.softverbs.cm.PrivateData;
import org.softverbs.cm.RejectReason;
import org.softverbs.ulp.tool.CmEvents;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.DeviceContext;
import picocli.CommandLine.Option;

/// What `ucmatose` and `udaddy` have in common: so many connections, whose events one thread takes
/// from one channel, and messages over each.
///
/// @param <N> one end of a connection
abstract class CmTest<N extends CmTestNode> extends CmCommand {

    private static final int MOST_CONNECTIONS = 1 << 14;
    private static final int MOST_MESSAGES = 1 << 14;
    private static final Duration LIMIT = Duration.ofSeconds(2);

    @Option(
            names = "-s",
            paramLabel = "ADDRESS",
            description = "Address of the server; without it this end is the server.")
    private @Nullable String server;

    @Option(
            names = "-b",
            paramLabel = "ADDRESS",
            description = "Own address (default of a server: all).")
    private @Nullable String source;

    @Option(names = "-c", paramLabel = "N", description = "Connections (default: 1).")
    private int connections = 1;

    @Option(
            names = "-C",
            paramLabel = "N",
            description = "Messages over each connection, each way (default: 10).")
    private int messages = 10;

    @Option(names = "-S", paramLabel = "BYTES", description = "Message size (default: 100).")
    private int size = 100;

    @Option(names = "-t", paramLabel = "TOS", description = "Type of service (default: 0).")
    private @Nullable Integer typeOfService;

    private final String name;
    private final Map<ConnectionId, N> nodes = new HashMap<>();
    private final List<N> order = new ArrayList<>();
    private int connectsLeft;

    CmTest(String name) {
        this.name = name;
    }

    /// The port of the server.
    abstract int port();

    abstract PortSpace portSpace();

    /// Makes an end out of an ID.
    abstract N newNode(ConnectionId id, int messages, int size);

    /// Exchanges messages once all are connected, and ends the connections.
    abstract void exchange(EventChannel channel) throws InterruptedException;

    /// The way of a peer is known: asks for the connection.
    abstract void connect(N node);

    /// Accepts a request.
    ///
    /// @return whether it counts as connected at once
    abstract boolean accept(N node);

    /// A connection is there.
    abstract void established(N node, CmEvent event);

    /// Any other event.
    abstract void other(CmEvent event);

    @Override
    void checkOptions() {
        check("-c", connections, 1, MOST_CONNECTIONS);
        check("-C", messages, 0, MOST_MESSAGES);
        check("-S", size, 0, Integer.MAX_VALUE - (1 << 10));
        Integer given = typeOfService;
        if (given != null) {
            check("-t", given, 0, 255);
        }
        checkPort("-p", port());
        if (size == 0) {
            messages = 0;
        }
    }

    final boolean isClient() {
        return server != null;
    }

    final int messages() {
        return messages;
    }

    /// The ends, in the order in which they were made.
    final List<N> nodes() {
        return order;
    }

    @Override
    final void run(DeviceContext context, ConnectionManager manager) throws InterruptedException {
        say(name + ": starting " + (isClient() ? "client" : "server"));
        connectsLeft = connections;
        // It may change while the test runs.
        List<EventChannel> channels = new ArrayList<>(List.of(manager.createEventChannel()));
        EventChannel channel = channels.getFirst();
        List<ConnectionId> listeners = new ArrayList<>();
        try {
            if (isClient()) {
                resolveAll(manager, channel);
            } else {
                listeners.add(listen(manager, channel));
            }
            while (connectsLeft > 0) {
                handle(CmEvents.next(channel, CmEvents.PATIENCE).orElseThrow(this::silence));
            }
            EventChannel last = moved(manager, channel, listeners);
            if (last != channel) {
                channels.add(last);
            }
            exchange(last);
            say("test complete");
        } finally {
            order.forEach(CmTestNode::close);
            listeners.forEach(ConnectionId::close);
            channels.forEach(EventChannel::close);
        }
        fact("connections", connections);
        fact("messages", messages);
        fact("size", size);
    }

    /// Where events are to go from now on.
    EventChannel moved(
            ConnectionManager manager, EventChannel channel, List<ConnectionId> listeners) {
        return channel;
    }

    private ToolException silence() {
        return new ToolException(connectsLeft + " of " + connections + " connections did not come");
    }

    private ConnectionId listen(ConnectionManager manager, EventChannel channel) {
        ConnectionId listener = manager.createId(channel, portSpace());
        InetAddress own = source == null ? anyAddress() : address("-b", source);
        listener.bind(new InetSocketAddress(own, port()));
        listener.listen(0);
        say(name + ": listening on port " + port());
        return listener;
    }

    private void resolveAll(ConnectionManager manager, EventChannel channel) {
        String host = server;
        InetSocketAddress there =
                new InetSocketAddress(address("-s", host == null ? "" : host), port());
        say(name + ": connecting");
        for (int i = 0; i < connections; i++) {
            ConnectionId id = manager.createId(channel, portSpace());
            add(id);
            String own = source;
            if (own != null) {
                id.bind(new InetSocketAddress(address("-b", own), 0));
            }
            id.resolveAddress(there, LIMIT);
        }
    }

    private N add(ConnectionId id) {
        N node = newNode(id, messages, size);
        nodes.put(id, node);
        order.add(node);
        return node;
    }

    final N node(CmEvent event) {
        N node = nodes.get(event.id());
        if (node == null) {
            throw new ToolException("an event of an ID that is not ours: " + event);
        }
        return node;
    }

    /// Does what an event asks for.
    final void handle(CmEvent event) {
        switch (event.type()) {
            case ADDR_RESOLVED -> {
                Integer tos = typeOfService;
                if (tos != null) {
                    event.id().options(ConnectionOptions.builder().typeOfService(tos).build());
                }
                event.id().resolveRoute(LIMIT);
            }
            case ROUTE_RESOLVED -> {
                N node = node(event);
                node.open();
                connect(node);
            }
            case CONNECT_REQUEST -> requested(event.id());
            case ESTABLISHED -> {
                established(node(event), event);
                connectsLeft--;
            }
            case ADDR_ERROR, ROUTE_ERROR, CONNECT_ERROR, UNREACHABLE, REJECTED ->
                    throw CmEvents.failure(event);
            default -> other(event);
        }
    }

    private void requested(ConnectionId id) {
        if (order.size() == connections) {
            say(name + ": failing connection request");
            id.reject(RejectReason.CONSUMER_DEFINED, PrivateData.EMPTY);
            id.close();
            return;
        }
        N node = add(id);
        node.open();
        if (accept(node)) {
            connectsLeft--;
        }
    }
}
