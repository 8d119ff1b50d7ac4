package org.softverbs.ulp.store;

import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.softverbs.ulp.tool.SideChannel;
import org.softverbs.ulp.tool.SideListener;
import org.softverbs.ulp.tool.ToolException;

/// Lets clients in that connect to a TCP port.
///
/// A client that cannot be accepted (too many open files, perhaps) does not end this: it goes on
/// after a short wait. The target itself is run by whoever made it.
public final class StoreService implements AutoCloseable {

    private static final long RETRY_MILLIS = 50;

    private final StoreTarget target;
    private final SideListener listener;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicLong failures = new AtomicLong();

    /// @param target to let clients in to; this closes it not
    /// @param port 0 for one that is free
    /// @throws ToolException when the port cannot be had
    public StoreService(StoreTarget target, int port) {
        this(target, new SideListener(port));
    }

    /// @param listener to be closed by this
    StoreService(StoreTarget target, SideListener listener) {
        this.target = target;
        this.listener = listener;
        Thread.ofVirtual().name("store-listener").start(this::listen);
    }

    private void listen() {
        try {
            boolean ends = false;
            while (!ends) {
                ends = !acceptOne() && closed.await(RETRY_MILLIS, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            close();
        }
    }

    /// @return whether a client came; false when none will, or it could not be accepted
    private boolean acceptOne() {
        Optional<SideChannel> client;
        try {
            client = listener.accept();
        } catch (ToolException failed) {
            failures.incrementAndGet();
            return false;
        }
        client.ifPresentOrElse(this::letIn, closed::countDown);
        return client.isPresent();
    }

    private void letIn(SideChannel channel) {
        Thread.ofVirtual().name("store-entrance").start(() -> target.serve(channel));
    }

    public int port() {
        return listener.port();
    }

    /// Whether clients are let in.
    public boolean isOpen() {
        return closed.getCount() > 0;
    }

    /// How often a client could not be accepted.
    public long failures() {
        return failures.get();
    }

    @Override
    public void close() {
        closed.countDown();
        listener.close();
    }
}
