package org.softverbs.ulp.rdmacm;

import java.util.EnumSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.softverbs.cm.CmEvent;
import org.softverbs.cm.ConnectionId;
import org.softverbs.cm.ConnectionParameters;
import org.softverbs.cm.DatagramPeer;
import org.softverbs.cm.EventChannel;
import org.softverbs.cm.PortSpace;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.AddressHandle;
import org.softverbs.verbs.DatagramDestination;
import org.softverbs.verbs.DatagramSource;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.WorkCompletion;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `udaddy`: as rdma-core's, in either role.
@Command(
        name = "udaddy",
        description =
                "Asks the connection manager for datagram services and sends datagrams both ways, as"
                        + " udaddy does; either end may be that tool.")
final class Udaddy extends CmTest<Udaddy.Node> {

    private static final int PORT = 7174;

    @Option(
            names = {"-p", "-P"},
            paramLabel = "udp",
            description = "Port space (default: ${DEFAULT-VALUE}).")
    private String portSpace = "udp";

    Udaddy() {
        super("udaddy");
    }

    /// One end of a datagram service.
    static final class Node extends CmTestNode {

        private @Nullable DatagramDestination peer;

        Node(ConnectionId id, int messages, int size) {
            super(id, messages, size);
        }

        @Override
        QueuePairType type() {
            return QueuePairType.UD;
        }

        @Override
        int prefix() {
            return DatagramSource.GLOBAL_ROUTE_LENGTH;
        }

        @Override
        void open() {
            int mtu = id().device().orElseThrow().queryPort(1).activeMtu().bytes();
            if (size() > mtu) {
                throw new ToolException(
                        "message size " + size() + " is larger than the active MTU " + mtu);
            }
            super.open();
        }

        private void setPeer(AddressHandle handle, int number, int queueKey) {
            peer = new DatagramDestination(handle, number, queueKey);
        }

        /// Takes a datagram; the first one tells where the peer is.
        private void receive() throws InterruptedException {
            WorkCompletion completion = receives().take();
            if (peer == null) {
                AddressHandle handle =
                        domain().createAddressHandle(completion, region().segment(), 1);
                int queueKey = queuePair().query().queueKey();
                setPeer(handle, completion.immediate().orElseThrow(), queueKey);
            }
        }

        private void postSends(int count) {
            DatagramDestination there = peer;
            if (there == null) {
                throw new IllegalStateException("the peer is not known");
            }
            for (int i = 0; i < count; i++) {
                queuePair()
                        .postSend(
                                new SendWorkRequest.SendDatagramWithImmediate(
                                        i,
                                        List.of(region().element(prefix(), size())),
                                        there,
                                        queuePair().number(),
                                        EnumSet.noneOf(SendFlag.class)));
            }
        }

        @Override
        void closeOthers() {
            DatagramDestination there = peer;
            if (there != null) {
                there.handle().close();
            }
        }
    }

    @Override
    void checkOptions() {
        super.checkOptions();
        if (!portSpace.equals("udp") && !portSpace.equals("0x0111")) {
            throw usage("-P " + portSpace + ": there is udp, which is 0x0111, and no other");
        }
    }

    @Override
    int port() {
        return PORT;
    }

    @Override
    PortSpace portSpace() {
        return PortSpace.UDP;
    }

    @Override
    Node newNode(ConnectionId id, int messages, int size) {
        return new Node(id, messages, size);
    }

    @Override
    void connect(Node node) {
        node.id().connect(ConnectionParameters.DEFAULT);
    }

    @Override
    boolean accept(Node node) {
        node.id().accept(ConnectionParameters.DEFAULT);
        return true;
    }

    @Override
    void established(Node node, CmEvent event) {
        DatagramPeer there = event.datagramPeer().orElseThrow();
        node.setPeer(
                node.domain().createAddressHandle(there.addressVector()),
                there.queuePairNumber(),
                there.queueKey());
    }

    @Override
    void other(CmEvent event) {
        // Nothing else happens to a datagram service.
    }

    @Override
    void exchange(EventChannel channel) throws InterruptedException {
        if (messages() == 0) {
            return;
        }
        if (isClient()) {
            say("initiating data transfers");
            nodes().forEach(node -> node.postSends(messages()));
        }
        say("receiving data transfers");
        for (Node node : nodes()) {
            for (int i = 0; i < messages(); i++) {
                node.receive();
            }
        }
        if (!isClient()) {
            say("sending replies");
            nodes().forEach(node -> node.postSends(messages()));
        }
        for (Node node : nodes()) {
            node.sends().await(messages());
        }
        say("data transfers complete");
    }
}
