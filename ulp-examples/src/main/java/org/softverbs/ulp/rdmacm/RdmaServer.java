package org.softverbs.ulp.rdmacm;

import java.time.Duration;
import java.util.Optional;
import org.softverbs.cm.AddressInfo;
import org.softverbs.cm.ConnectionEndpoint;
import org.softverbs.cm.ConnectionManager;
import org.softverbs.cm.ConnectionParameters;
import org.softverbs.cm.PortSpace;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.DeviceContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `rdma-server`: as rdma-core's `rdma_server`.
@Command(
        name = "rdma-server",
        description =
                "Waits for a message of rdma_client, or of rdma-client, and answers it, as"
                        + " rdma_server does.")
final class RdmaServer extends CmCommand {

    private static final Duration FOR_EVER = Duration.ofDays(1);

    @Option(names = "-p", paramLabel = "PORT", description = "Port (default: 7471).")
    private int port = 7471;

    @Override
    void checkOptions() {
        checkPort("-p", port);
    }

    @Override
    void run(DeviceContext context, ConnectionManager manager) throws InterruptedException {
        say("rdma_server: start");
        AddressInfo own = AddressInfo.passive(PortSpace.TCP, "0.0.0.0", port);
        try (ConnectionEndpoint listener = ConnectionEndpoint.open(manager, own)) {
            listener.listen(0);
            say("rdma_server: listening on port " + port);
            try (ConnectionEndpoint endpoint =
                            listener.awaitRequest(FOR_EVER)
                                    .orElseThrow(() -> new ToolException("nobody came"));
                    SmallMessages messages = new SmallMessages(endpoint)) {
                endpoint.createQueuePair(Optional.empty(), SmallMessages.CAPABILITIES);
                messages.postReceive();
                endpoint.accept(ConnectionParameters.DEFAULT);
                messages.awaitReceive();
                messages.sendLast();
                endpoint.disconnect();
            }
        }
        say("rdma_server: end 0");
    }
}
