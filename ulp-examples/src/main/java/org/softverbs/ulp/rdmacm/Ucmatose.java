package org.softverbs.ulp.rdmacm;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.softverbs.cm.CmEvent;
import org.softverbs.cm.CmEventType;
import org.softverbs.cm.ConnectionId;
import org.softverbs.cm.ConnectionManager;
import org.softverbs.cm.ConnectionParameters;
import org.softverbs.cm.EventChannel;
import org.softverbs.cm.PortSpace;
import org.softverbs.ulp.tool.CmEvents;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `ucmatose`: as rdma-core's, in either role.
@Command(
        name = "ucmatose",
        description =
                "Makes reliable connections by the connection manager and sends messages both ways,"
                        + " as ucmatose does; either end may be that tool.")
final class Ucmatose extends CmTest<Ucmatose.Node> {

    private static final int RETRIES = 5;
    private static final Duration TIMEWAIT_PATIENCE = Duration.ofSeconds(10);

    @Option(names = "-p", paramLabel = "PORT", description = "Port (default: 7471).")
    private int port = 7471;

    @Option(
            names = "-P",
            paramLabel = "tcp|ib",
            description = "Port space (default: ${DEFAULT-VALUE}).")
    private String portSpace = "tcp";

    @Option(
            names = "-f",
            paramLabel = "name|ip|ipv6",
            description = "Form of addresses; all are understood anyway.")
    private String form = "name";

    @Option(names = "-m", description = "Move all IDs to another event channel at the end.")
    private boolean migrates;

    private int disconnected;
    private int over;

    Ucmatose() {
        super("ucmatose");
    }

    /// One end of a reliable connection.
    static final class Node extends CmTestNode {

        Node(ConnectionId id, int messages, int size) {
            super(id, messages, size);
        }

        @Override
        QueuePairType type() {
            return QueuePairType.RC;
        }

        @Override
        int prefix() {
            return 0;
        }

        private void postSends(int count) {
            for (int i = 0; i < count; i++) {
                queuePair()
                        .postSend(
                                new SendWorkRequest.Send(
                                        i,
                                        List.of(region().element()),
                                        EnumSet.noneOf(SendFlag.class)));
            }
        }
    }

    @Override
    void checkOptions() {
        super.checkOptions();
        if (!List.of("tcp", "ib").contains(portSpace)) {
            throw usage("-P " + portSpace + " is neither tcp nor ib");
        }
        if (!List.of("name", "ip", "ipv6").contains(form)) {
            throw usage("-f " + form + " is not one of name, ip and ipv6");
        }
    }

    @Override
    int port() {
        return port;
    }

    @Override
    PortSpace portSpace() {
        return portSpace.equals("ib") ? PortSpace.IB : PortSpace.TCP;
    }

    @Override
    Node newNode(ConnectionId id, int messages, int size) {
        return new Node(id, messages, size);
    }

    @Override
    void connect(Node node) {
        node.id()
                .connect(
                        ConnectionParameters.builder()
                                .responderResources(1)
                                .initiatorDepth(1)
                                .flowControl(false)
                                .retryCount(RETRIES)
                                .rnrRetryCount(0)
                                .build());
    }

    @Override
    boolean accept(Node node) {
        node.id().accept(ConnectionParameters.DEFAULT);
        return false;
    }

    @Override
    void established(Node node, CmEvent event) {
        // Counted.
    }

    @Override
    void other(CmEvent event) {
        if (event.type() == CmEventType.DISCONNECTED) {
            event.id().disconnect();
            disconnected++;
        } else if (event.type() == CmEventType.TIMEWAIT_EXIT) {
            over++;
        }
    }

    @Override
    EventChannel moved(
            ConnectionManager manager, EventChannel channel, List<ConnectionId> listeners) {
        if (!migrates) {
            return channel;
        }
        say("migrating to new event channel");
        EventChannel fresh = manager.createEventChannel();
        listeners.forEach(id -> id.migrate(fresh));
        nodes().forEach(node -> node.id().migrate(fresh));
        return fresh;
    }

    @Override
    void exchange(EventChannel channel) throws InterruptedException {
        if (isClient()) {
            answer();
        } else {
            begin();
            say("ucmatose: disconnecting");
            nodes().forEach(node -> node.id().disconnect());
        }
        while (disconnected < nodes().size()) {
            handle(
                    CmEvents.next(channel, CmEvents.PATIENCE)
                            .orElseThrow(() -> new ToolException("connections did not end")));
        }
        say("disconnected");
        if (isClient()) {
            awaitTimewaits(channel);
        }
    }

    /// The server asks again when an answer of ours is lost.
    private void awaitTimewaits(EventChannel channel) throws InterruptedException {
        boolean goesOn = true;
        while (goesOn && over < nodes().size()) {
            Optional<CmEvent> event = CmEvents.next(channel, TIMEWAIT_PATIENCE);
            event.ifPresent(this::handle);
            goesOn = event.isPresent();
        }
    }

    private void begin() throws InterruptedException {
        if (messages() == 0) {
            return;
        }
        say("initiating data transfers");
        for (Node node : nodes()) {
            node.postSends(messages());
        }
        say("completing sends");
        for (Node node : nodes()) {
            node.sends().await(messages());
        }
        say("receiving data transfers");
        for (Node node : nodes()) {
            node.receives().await(messages());
        }
        say("data transfers complete");
    }

    private void answer() throws InterruptedException {
        if (messages() == 0) {
            return;
        }
        say("receiving data transfers");
        for (Node node : nodes()) {
            node.receives().await(messages());
        }
        say("sending replies");
        for (Node node : nodes()) {
            node.postSends(messages());
        }
        say("data transfers complete");
    }
}
