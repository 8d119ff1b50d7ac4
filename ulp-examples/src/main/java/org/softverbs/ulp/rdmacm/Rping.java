package org.softverbs.ulp.rdmacm;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.softverbs.cm.CmEvent;
import org.softverbs.cm.CmEventType;
import org.softverbs.cm.ConnectionId;
import org.softverbs.cm.ConnectionManager;
import org.softverbs.cm.EventChannel;
import org.softverbs.cm.PortSpace;
import org.softverbs.ulp.tool.CmEvents;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.VerbsException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `rping`: as rdma-core's, in either role. The client tells the server where its data is; the
/// server reads it, and writes it back to where the client tells it next.
@Command(
        name = "rping",
        description =
                "Pings over a connection of the connection manager with RDMA READ and WRITE, as"
                        + " rping does; either end may be that tool.")
final class Rping extends CmCommand {

    private static final int SMALLEST = 26;
    private static final int LARGEST = (64 << 10) - 1;
    private static final int BACKLOG = 128;
    private static final Duration LIMIT = Duration.ofSeconds(2);

    @Option(names = "-s", description = "This end is the server.")
    private boolean isServer;

    @Option(names = "-c", description = "This end is the client.")
    private boolean isClient;

    @Option(
            names = "-a",
            paramLabel = "ADDRESS",
            description = "Address of the server; of a server the one to listen on (default: all).")
    private @Nullable String address;

    @Option(names = "-I", paramLabel = "ADDRESS", description = "Own address of a client.")
    private @Nullable String source;

    @Option(names = "-p", paramLabel = "PORT", description = "Port (default: 7174).")
    private int port = 7174;

    @Option(names = "-P", description = "Serve any number of clients, until interrupted.")
    private boolean isPersistent;

    @Option(names = "-C", paramLabel = "N", description = "Pings (default: 0, no end).")
    private int count;

    @Option(
            names = "-S",
            paramLabel = "BYTES",
            description = "Size of a ping, of a client (default: 64).")
    private int size = 64;

    @Option(names = "-v", description = "Print the data of each ping.")
    private boolean isVerbose;

    @Option(names = "-V", description = "Check the data that came back.")
    private boolean isValidated;

    @Option(names = "-d", description = "Print each step.")
    private boolean isDebugged;

    @Option(names = "-q", description = "Make and move the queue pair without the manager.")
    private boolean ownsQueuePair;

    private final AtomicInteger pings = new AtomicInteger();

    @Override
    void checkOptions() {
        if (isServer == isClient) {
            throw usage("either -s, a server, or -c, a client");
        }
        if (isClient && address == null) {
            throw usage("-a: a client needs the address of its server");
        }
        if (isPersistent && isClient) {
            throw usage("-P is for a server");
        }
        checkPort("-p", port);
        check("-S", size, SMALLEST, LARGEST);
        check("-C", count, 0, Integer.MAX_VALUE);
    }

    @Override
    void run(DeviceContext context, ConnectionManager manager) throws InterruptedException {
        EventChannel channel = manager.createEventChannel();
        try (channel) {
            ConnectionId id = manager.createId(channel, PortSpace.TCP);
            if (isServer) {
                try (id) {
                    listen(id, channel);
                }
            } else {
                ask(id, channel);
            }
        }
        fact("pings", pings.get());
        fact("size", size);
    }

    private RpingConnection.Settings settings(int bytes) {
        return new RpingConnection.Settings(
                bytes, count, ownsQueuePair, isVerbose, isValidated, isDebugged);
    }

    private void ask(ConnectionId id, EventChannel channel) throws InterruptedException {
        InetSocketAddress server = new InetSocketAddress(address("-a", address()), port);
        try {
            String from = source;
            if (from != null) {
                id.bind(new InetSocketAddress(address("-I", from), 0));
            }
            id.resolveAddress(server, LIMIT);
            CmEvents.expect(channel, CmEventType.ADDR_RESOLVED);
            id.resolveRoute(LIMIT);
            CmEvents.expect(channel, CmEventType.ROUTE_RESOLVED);
        } catch (VerbsException | ToolException | InterruptedException e) {
            id.close();
            throw e;
        }
        try (RpingConnection connection = new RpingConnection(id, settings(size), this, pings)) {
            connection.connect();
            connection.ping();
            connection.disconnect();
        }
    }

    private String address() {
        String given = address;
        return given == null ? "0.0.0.0" : given;
    }

    private void listen(ConnectionId listener, EventChannel channel) throws InterruptedException {
        InetAddress own = address("-a", address());
        listener.bind(new InetSocketAddress(own, port));
        listener.listen(BACKLOG);
        say("rping: listening on port " + port);
        if (!isPersistent) {
            serve(awaitRequest(channel).orElseThrow());
            return;
        }
        try (ExecutorService connections = Executors.newVirtualThreadPerTaskExecutor()) {
            serveAll(channel, connections);
        }
    }

    private void serveAll(EventChannel channel, ExecutorService connections) {
        try {
            while (true) {
                awaitRequest(channel)
                        .ifPresent(id -> connections.execute(() -> serveOrComplain(id)));
            }
        } catch (InterruptedException e) {
            connections.shutdownNow();
        }
    }

    private static Optional<ConnectionId> awaitRequest(EventChannel channel)
            throws InterruptedException {
        Optional<CmEvent> event = CmEvents.next(channel, Duration.ofDays(1));
        if (event.isPresent() && event.get().type() != CmEventType.CONNECT_REQUEST) {
            throw CmEvents.failure(event.get());
        }
        return event.map(CmEvent::id);
    }

    private void serveOrComplain(ConnectionId id) {
        try {
            serve(id);
        } catch (VerbsException | ToolException e) {
            complain("rping: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(ConnectionId id) throws InterruptedException {
        EventChannel own = id.manager().createEventChannel();
        try (own) {
            id.migrate(own);
            // The client says how long its pings are.
            try (RpingConnection connection =
                    new RpingConnection(id, settings(LARGEST), this, pings)) {
                connection.accept();
                connection.echo();
                connection.awaitTimewait();
            }
        }
    }
}
