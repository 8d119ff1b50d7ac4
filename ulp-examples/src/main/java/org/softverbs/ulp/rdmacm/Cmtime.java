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
import org.softverbs.cm.CmEventType;
import org.softverbs.cm.ConnectionId;
import org.softverbs.cm.ConnectionManager;
import org.softverbs.cm.ConnectionParameters;
import org.softverbs.cm.EventChannel;
import org.softverbs.cm.PortSpace;
import org.softverbs.ulp.tool.CmEvents;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `cmtime`: as rdma-core's, in either role. Measures each step of making connections.
@Command(
        name = "cmtime",
        description =
                "Measures how long each step of making connections takes, as cmtime does; either end"
                        + " may be that tool.")
final class Cmtime extends CmCommand {

    private static final int MOST_CONNECTIONS = 1 << 14;

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

    @Option(
            names = "-c",
            paramLabel = "N",
            description =
                    "Connections (default: 100). A server ends after as many; 0 is for one that does"
                            + " not end.")
    private int connections = 100;

    @Option(names = "-p", paramLabel = "PORT", description = "Port (default: 7471).")
    private int port = 7471;

    @Option(
            names = "-r",
            paramLabel = "N",
            description = "Tries more to find an address or a route (default: 2).")
    private int retries = 2;

    @Option(
            names = "-t",
            paramLabel = "MS",
            description = "Time for finding an address or a route (default: 2000).")
    private int timeout = 2000;

    @Override
    void checkOptions() {
        check("-c", connections, server == null ? 0 : 1, MOST_CONNECTIONS);
        check("-r", retries, 0, 1000);
        check("-t", timeout, 1, 1_000_000);
        checkPort("-p", port);
    }

    @Override
    void run(DeviceContext context, ConnectionManager manager) throws InterruptedException {
        fact("connections", connections);
        try (EventChannel channel = manager.createEventChannel();
                ProtectionDomain domain = context.allocateProtectionDomain();
                CompletionQueue queue = context.createCompletionQueue(1)) {
            QueuePairOptions options =
                    QueuePairOptions.reliableConnection(
                            queue, new QueuePairCapabilities(1, 1, 1, 1, 0));
            if (server == null) {
                serve(manager, channel, domain, options);
            } else {
                measure(manager, channel, domain, options);
            }
        }
    }

    private void serve(
            ConnectionManager manager,
            EventChannel channel,
            ProtectionDomain domain,
            QueuePairOptions options)
            throws InterruptedException {
        InetAddress own = source == null ? anyAddress() : address("-b", source);
        try (ConnectionId listener = manager.createId(channel, PortSpace.TCP)) {
            listener.bind(new InetSocketAddress(own, port));
            listener.listen(0);
            say("cmtime: listening on port " + port);
            int over = 0;
            while (connections == 0 || over < connections) {
                CmEvent event = CmEvents.next(channel, Duration.ofDays(1)).orElse(null);
                if (event != null && serve(event, domain, options)) {
                    over++;
                }
            }
        }
    }

    /// @return whether a connection is over for good
    private boolean serve(CmEvent event, ProtectionDomain domain, QueuePairOptions options) {
        ConnectionId id = event.id();
        switch (event.type()) {
            case CONNECT_REQUEST -> {
                id.createQueuePair(domain, options);
                id.accept(ConnectionParameters.DEFAULT);
            }
            case DISCONNECTED -> id.disconnect();
            // The peer asks again when an answer is lost: the end is the end of timewait.
            case TIMEWAIT_EXIT -> {
                id.close();
                return true;
            }
            case CONNECT_ERROR, UNREACHABLE, REJECTED -> {
                complain("cmtime: " + CmEvents.failure(event).getMessage());
                id.close();
                return true;
            }
            default -> {}
        }
        return false;
    }

    private void measure(
            ConnectionManager manager,
            EventChannel channel,
            ProtectionDomain domain,
            QueuePairOptions options)
            throws InterruptedException {
        String host = server;
        InetSocketAddress there =
                new InetSocketAddress(address("-s", host == null ? "" : host), port);
        List<ConnectionId> ids = new ArrayList<>();
        StepTimes times = new StepTimes(connections);
        Duration limit = Duration.ofMillis(timeout);
        ConnectionParameters parameters =
                ConnectionParameters.builder().responderResources(1).initiatorDepth(1).build();
        try {
            times.begin("create id");
            for (int i = 0; i < connections; i++) {
                times.start(i);
                ids.add(manager.createId(channel, PortSpace.TCP));
                times.stop(i);
            }
            String own = source;
            if (own != null) {
                InetSocketAddress from = new InetSocketAddress(address("-b", own), 0);
                each(times, "bind addr", ids, id -> id.bind(from));
            }
            each(
                    times,
                    "resolve addr",
                    ids,
                    id -> id.resolveAddress(there, limit),
                    channel,
                    CmEventType.ADDR_RESOLVED);
            each(
                    times,
                    "resolve route",
                    ids,
                    id -> id.resolveRoute(limit),
                    channel,
                    CmEventType.ROUTE_RESOLVED);
            each(times, "create qp", ids, id -> id.createQueuePair(domain, options));
            each(
                    times,
                    "connect",
                    ids,
                    id -> id.connect(parameters),
                    channel,
                    CmEventType.ESTABLISHED);
            each(
                    times,
                    "disconnect",
                    ids,
                    ConnectionId::disconnect,
                    channel,
                    CmEventType.DISCONNECTED);
            each(times, "destroy", ids, ConnectionId::close);
        } finally {
            ids.forEach(ConnectionId::close);
        }
        times.lines().forEach(this::say);
        fact("steps", times.facts());
    }

    /// A verb of an ID.
    @FunctionalInterface
    private interface Step {
        void take(ConnectionId id);
    }

    /// Measures a step that is over when its verb returns.
    private static void each(StepTimes times, String name, List<ConnectionId> ids, Step step) {
        times.begin(name);
        for (int i = 0; i < ids.size(); i++) {
            times.start(i);
            step.take(ids.get(i));
            times.stop(i);
        }
    }

    /// Measures a step that is over with an event.
    private void each(
            StepTimes times,
            String name,
            List<ConnectionId> ids,
            Step step,
            EventChannel channel,
            CmEventType last)
            throws InterruptedException {
        Map<ConnectionId, Integer> numbers = new HashMap<>();
        int[] triesLeft = new int[ids.size()];
        times.begin(name);
        for (int i = 0; i < ids.size(); i++) {
            numbers.put(ids.get(i), i);
            triesLeft[i] = retries;
            times.start(i);
            step.take(ids.get(i));
        }
        int left = ids.size();
        while (left > 0) {
            CmEvent event = CmEvents.next(channel, CmEvents.PATIENCE).orElseThrow();
            int number = numbers.getOrDefault(event.id(), 0);
            if (event.type() == last) {
                times.stop(number);
                left--;
            } else if (isWorthATry(event) && triesLeft[number]-- > 0) {
                step.take(event.id());
            } else if (event.type() != CmEventType.TIMEWAIT_EXIT) {
                throw CmEvents.failure(event);
            }
        }
    }

    private static boolean isWorthATry(CmEvent event) {
        return event.type() == CmEventType.ADDR_ERROR || event.type() == CmEventType.ROUTE_ERROR;
    }
}
