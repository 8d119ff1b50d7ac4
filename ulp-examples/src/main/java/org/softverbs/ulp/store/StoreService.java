package org.softverbs.ulp.store;

import java.util.Optional;
import org.softverbs.ulp.tool.SideChannel;
import org.softverbs.ulp.tool.SideListener;

/// Lets clients in that connect to a TCP port.
///
/// The target itself is run by whoever made it.
public final class StoreService implements AutoCloseable {

    private final StoreTarget target;
    private final SideListener listener;
    private volatile boolean closed;

    /// @param target to let clients in to; this closes it not
    /// @param port 0 for one that is free
    /// @throws org.softverbs.ulp.tool.ToolException when the port cannot be had
    public StoreService(StoreTarget target, int port) {
        this.target = target;
        listener = new SideListener(port);
        Thread.ofVirtual().name("store-listener").start(this::listen);
    }

    private void listen() {
        Optional<SideChannel> client = listener.accept();
        while (client.isPresent()) {
            SideChannel channel = client.get();
            Thread.ofVirtual().name("store-entrance").start(() -> target.serve(channel));
            client = listener.accept();
        }
        closed = true;
    }

    public int port() {
        return listener.port();
    }

    /// Whether clients are let in.
    public boolean isOpen() {
        return !closed;
    }

    @Override
    public void close() {
        closed = true;
        listener.close();
    }
}
