package org.softverbs.ulp.rdmacm;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.softverbs.cm.CmEventType;
import org.softverbs.cm.ConnectionId;
import org.softverbs.cm.ConnectionManager;
import org.softverbs.cm.DatagramPeer;
import org.softverbs.cm.EventChannel;
import org.softverbs.cm.PortSpace;
import org.softverbs.ulp.tool.CmEvents;
import org.softverbs.verbs.DeviceContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `mckey`: as rdma-core's, sender or receiver.
@Command(
        name = "mckey",
        description =
                "Joins a multicast group by the connection manager, and sends to it or receives from"
                        + " it, as mckey does.")
final class Mckey extends CmCommand {

    private static final int MOST_CONNECTIONS = 1 << 10;
    private static final int MOST_MESSAGES = 1 << 14;
    private static final Duration LIMIT = Duration.ofSeconds(2);

    @Option(
            names = {"-m", "-M"},
            paramLabel = "ADDRESS",
            required = true,
            description = "The group.")
    private String group = "";

    @Option(names = "-s", description = "Send, and do not receive.")
    private boolean isSender;

    @Option(names = "-b", paramLabel = "ADDRESS", description = "Own address.")
    private @Nullable String source;

    @Option(names = "-c", paramLabel = "N", description = "Members (default: 1).")
    private int connections = 1;

    @Option(names = "-C", paramLabel = "N", description = "Messages of each (default: 10).")
    private int messages = 10;

    @Option(names = "-S", paramLabel = "BYTES", description = "Message size (default: 100).")
    private int size = 100;

    @Option(
            names = "-p",
            paramLabel = "udp",
            description = "Port space (default: ${DEFAULT-VALUE}).")
    private String portSpace = "udp";

    @Override
    void checkOptions() {
        check("-c", connections, 1, MOST_CONNECTIONS);
        check("-C", messages, 0, MOST_MESSAGES);
        check("-S", size, 1, 4096);
        if (!portSpace.equals("udp") && !portSpace.equals("0x0111")) {
            throw usage("-p " + portSpace + ": there is udp, which is 0x0111, and no other");
        }
        if (!address("-m", group).isMulticastAddress()) {
            throw usage("-m " + group + " is no multicast address");
        }
    }

    @Override
    void run(DeviceContext context, ConnectionManager manager) throws InterruptedException {
        say("mckey: starting " + (isSender ? "client" : "server"));
        say("mckey: joining");
        InetAddress there = address("-m", group);
        List<DatagramNode> nodes = new ArrayList<>();
        EventChannel channel = manager.createEventChannel();
        try {
            for (int i = 0; i < connections; i++) {
                nodes.add(join(manager, channel, there));
            }
            exchange(nodes);
            nodes.forEach(node -> node.id().leaveMulticast(there));
            say("test complete");
        } finally {
            nodes.forEach(CmTestNode::close);
            channel.close();
        }
        fact("members", connections);
        fact("messages", messages);
        fact("size", size);
    }

    private DatagramNode join(ConnectionManager manager, EventChannel channel, InetAddress there)
            throws InterruptedException {
        ConnectionId id = manager.createId(channel, PortSpace.UDP);
        DatagramNode node = new DatagramNode(id, messages, size);
        try {
            String own = source;
            if (own != null) {
                id.bind(new InetSocketAddress(address("-b", own), 0));
            }
            id.resolveAddress(new InetSocketAddress(there, 0), LIMIT);
            CmEvents.expect(channel, CmEventType.ADDR_RESOLVED);
            node.open();
            id.joinMulticast(there);
            DatagramPeer joined =
                    CmEvents.expect(channel, CmEventType.MULTICAST_JOIN)
                            .datagramPeer()
                            .orElseThrow();
            node.setPeer(joined);
            say("mckey: joined dgid: " + joined.addressVector().destinationGid());
            return node;
        } catch (RuntimeException | InterruptedException e) {
            node.close();
            throw e;
        }
    }

    private void exchange(List<DatagramNode> nodes) throws InterruptedException {
        if (isSender) {
            say("initiating data transfers");
            nodes.forEach(node -> node.postSends(messages));
            for (DatagramNode node : nodes) {
                node.sends().await(messages);
            }
        } else {
            say("receiving data transfers");
            for (DatagramNode node : nodes) {
                node.receives().await(messages);
            }
        }
        say("data transfers complete");
    }
}
