package org.softverbs.ulp.store;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.softverbs.ulp.tool.CommonOptions;
import org.softverbs.ulp.tool.SideChannel;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.PrivilegedContext;
import org.softverbs.verbs.RdmaDevices;

/// Clients of a target on another host, or of one that runs on a thread of this process.
final class StoreSession implements AutoCloseable {

    /// TCP port on which targets wait.
    static final int PORT = 18_517;

    private final Openings openings = new Openings();
    private final DeviceContext device;
    private final String host;
    private final int port;
    private Map<String, Object> account = new LinkedHashMap<>();

    /// @param server host of the target; nothing for one in this process
    /// @param port TCP port of the target on another host
    /// @param peer the clients' device when the target is in this process
    StoreSession(TargetOptions options, @Nullable String server, int port, String peer) {
        try {
            Map<String, String> ofClients = options.clientOptions();
            if (server != null) {
                host = server;
                this.port = port;
                device = openings.add(options.common().open(ofClients), DeviceContext::close);
            } else {
                host = "127.0.0.1";
                this.port = openTarget(options).port();
                // The target's device has the records.
                device =
                        openings.add(
                                RdmaDevices.open(peer, CommonOptions.withoutRecords(ofClients)),
                                DeviceContext::close);
            }
        } catch (RuntimeException | Error refused) {
            openings.closeAfter(refused);
            throw refused;
        }
    }

    private OwnTarget openTarget(TargetOptions options) {
        StoreSettings settings = options.settings();
        PrivilegedContext context =
                openings.add(
                        options.common().openPrivileged(options.targetOptions()),
                        PrivilegedContext::close);
        return openings.add(
                new OwnTarget(context, settings, 0),
                target -> {
                    target.close();
                    account = TargetOptions.account(target.statistics(), context);
                });
    }

    StoreClient connect(int depth) {
        return openings.add(
                StoreClient.connect(device, SideChannel.connect(host, port), depth),
                StoreClient::close);
    }

    /// What the target of this process did; empty for another's. To be called when this is closed.
    Map<String, Object> account() {
        return account;
    }

    @Override
    public void close() {
        openings.close();
    }
}
