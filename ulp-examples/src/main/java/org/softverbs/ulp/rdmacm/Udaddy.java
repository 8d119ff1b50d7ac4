package org.softverbs.ulp.rdmacm;

import org.softverbs.cm.CmEvent;
import org.softverbs.cm.ConnectionId;
import org.softverbs.cm.ConnectionParameters;
import org.softverbs.cm.EventChannel;
import org.softverbs.cm.PortSpace;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `udaddy`: as rdma-core's, in either role.
@Command(
        name = "udaddy",
        description =
                "Asks the connection manager for datagram services and sends datagrams both ways, as"
                        + " udaddy does; either end may be that tool.")
final class Udaddy extends CmTest<DatagramNode> {

    private static final int PORT = 7174;

    @Option(
            names = {"-p", "-P"},
            paramLabel = "udp",
            description = "Port space (default: ${DEFAULT-VALUE}).")
    private String portSpace = "udp";

    Udaddy() {
        super("udaddy");
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
    DatagramNode newNode(ConnectionId id, int messages, int size) {
        return new DatagramNode(id, messages, size);
    }

    @Override
    void connect(DatagramNode node) {
        node.id().connect(ConnectionParameters.DEFAULT);
    }

    @Override
    boolean accept(DatagramNode node) {
        node.id().accept(ConnectionParameters.DEFAULT);
        return true;
    }

    @Override
    void established(DatagramNode node, CmEvent event) {
        node.setPeer(event.datagramPeer().orElseThrow());
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
        for (DatagramNode node : nodes()) {
            for (int i = 0; i < messages(); i++) {
                node.receive();
            }
        }
        if (!isClient()) {
            say("sending replies");
            nodes().forEach(node -> node.postSends(messages()));
        }
        for (DatagramNode node : nodes()) {
            node.sends().await(messages());
        }
        say("data transfers complete");
    }
}
