package org.softverbs.ulp.rdmacm;

import java.util.Optional;
import org.softverbs.cm.AddressInfo;
import org.softverbs.cm.ConnectionEndpoint;
import org.softverbs.cm.ConnectionManager;
import org.softverbs.cm.ConnectionParameters;
import org.softverbs.cm.PortSpace;
import org.softverbs.verbs.DeviceContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `rdma-client`: as rdma-core's `rdma_client`.
@Command(
        name = "rdma-client",
        description =
                "Sends a message to rdma_server, or to rdma-server, and waits for the answer, as"
                        + " rdma_client does.")
final class RdmaClient extends CmCommand {

    @Option(names = "-s", paramLabel = "ADDRESS", description = "Server (default: 127.0.0.1).")
    private String server = "127.0.0.1";

    @Option(names = "-p", paramLabel = "PORT", description = "Port (default: 7471).")
    private int port = 7471;

    @Override
    void checkOptions() {
        checkPort("-p", port);
    }

    @Override
    void run(DeviceContext context, ConnectionManager manager) throws InterruptedException {
        say("rdma_client: start");
        AddressInfo there = AddressInfo.of(PortSpace.TCP, server, port).getFirst();
        try (ConnectionEndpoint endpoint = ConnectionEndpoint.open(manager, there);
                SmallMessages messages = new SmallMessages(endpoint)) {
            endpoint.createQueuePair(Optional.empty(), SmallMessages.CAPABILITIES);
            messages.postReceive();
            endpoint.connect(ConnectionParameters.DEFAULT);
            messages.send();
            messages.awaitReceive();
            endpoint.disconnect();
        }
        say("rdma_client: end 0");
    }
}
