package org.softverbs.ulp.store;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.softverbs.ulp.tool.SideChannel;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.PrivilegedContext;
import org.softverbs.verbs.RdmaDevices;

/// Clients of a target on another host, or of one that runs on a thread of this process.
final class StoreSession implements AutoCloseable {

    /// TCP port on which targets wait.
    static final int PORT = 18_517;

    /// A target of this process.
    private static final class OwnTarget implements AutoCloseable {
        private final PrivilegedContext device;
        private final StoreTarget target;
        private final StoreService service;
        private final Thread thread;
        private volatile boolean ends;
        private volatile @Nullable Throwable failure;

        OwnTarget(TargetOptions options) {
            StoreSettings settings = options.settings();
            device = options.common().openPrivileged(options.targetOptions());
            try {
                target = new StoreTarget(device, settings);
            } catch (RuntimeException refused) {
                device.close();
                throw refused;
            }
            service = new StoreService(target, 0);
            thread = Thread.ofPlatform().daemon().name("store-target").start(this::run);
        }

        private void run() {
            try {
                target.run(() -> !ends);
            } catch (RuntimeException | Error e) {
                failure = e;
            }
        }

        @Override
        public void close() {
            ends = true;
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new ToolException("interrupted", e);
            }
            service.close();
            target.close();
            if (failure != null) {
                throw new IllegalStateException("the target failed", failure);
            }
        }
    }

    private final DeviceContext device;
    private final @Nullable OwnTarget own;
    private final String host;
    private final int port;
    private final List<StoreClient> clients = new ArrayList<>();
    private Map<String, Object> account = new LinkedHashMap<>();

    /// @param server host of the target; nothing for one in this process
    /// @param port TCP port of the target on another host
    /// @param peer the clients' device when the target is in this process
    StoreSession(TargetOptions options, @Nullable String server, int port, String peer) {
        if (server != null) {
            own = null;
            host = server;
            this.port = port;
            device = options.common().open(options.clientOptions());
        } else {
            OwnTarget target = new OwnTarget(options);
            own = target;
            host = "127.0.0.1";
            this.port = target.service.port();
            Map<String, String> ofClient = options.clientOptions();
            // One capture, at the target, has the packets of both.
            ofClient.remove("pcap");
            try {
                device = RdmaDevices.open(peer, ofClient);
            } catch (RuntimeException refused) {
                target.close();
                target.device.close();
                throw refused;
            }
        }
    }

    StoreClient connect(int depth) {
        StoreClient client = StoreClient.connect(device, SideChannel.connect(host, port), depth);
        clients.add(client);
        return client;
    }

    /// What the target of this process did; empty for another's. To be called when this is closed.
    Map<String, Object> account() {
        return account;
    }

    @Override
    public void close() {
        clients.forEach(StoreClient::close);
        OwnTarget target = own;
        if (target != null) {
            target.close();
            account = TargetOptions.account(target.target.statistics(), target.device);
            target.device.close();
        }
        device.close();
    }
}
