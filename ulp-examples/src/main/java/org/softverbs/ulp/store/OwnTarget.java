package org.softverbs.ulp.store;

import org.jspecify.annotations.Nullable;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.PrivilegedContext;

/// A target in this process, run by a thread of its own.
final class OwnTarget implements AutoCloseable {

    private final Openings openings = new Openings();
    private final StoreTarget target;
    private final StoreService service;
    private volatile boolean ends;
    private volatile @Nullable Throwable failure;

    /// @param device of the target; this closes it not
    /// @param port 0 for one that is free
    /// @throws ToolException when the port cannot be had; nothing is left open
    OwnTarget(PrivilegedContext device, StoreSettings settings, int port) {
        try {
            target = openings.add(new StoreTarget(device, settings), StoreTarget::close);
            service = openings.add(new StoreService(target, port), StoreService::close);
            openings.add(
                    Thread.ofPlatform().daemon().name("store-target").start(this::run), this::end);
        } catch (RuntimeException | Error refused) {
            openings.closeAfter(refused);
            throw refused;
        }
    }

    private void run() {
        try {
            target.run(() -> !ends);
        } catch (RuntimeException | Error e) {
            failure = e;
        }
    }

    private void end(Thread thread) {
        ends = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ToolException("interrupted", e);
        }
    }

    /// TCP port on which it waits.
    int port() {
        return service.port();
    }

    StoreStatistics statistics() {
        return target.statistics();
    }

    /// @throws IllegalStateException when the target failed
    @Override
    public void close() {
        openings.close();
        if (failure != null) {
            throw new IllegalStateException("the target failed", failure);
        }
    }
}
