package org.softverbs.soft.link.netty;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/// Looks now and then, on a virtual thread of its own, whether an interface carries traffic: to ask
/// costs system calls, which are nothing for who polls.
final class PortWatch implements AutoCloseable {

    private final BooleanSupplier interfaceIsUp;
    private final Duration period;
    private final Runnable onChange;
    private final Thread thread;
    private volatile boolean up = true;

    /// @param interfaceIsUp asks
    /// @param period time between two looks
    /// @param onChange run when the answer is another
    PortWatch(BooleanSupplier interfaceIsUp, Duration period, Runnable onChange) {
        this.interfaceIsUp = interfaceIsUp;
        this.period = period;
        this.onChange = onChange;
        this.thread = Thread.ofVirtual().name("softverbs-port").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /// What it was when last looked at. Any thread.
    boolean isUp() {
        return up;
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(period);
                boolean now = interfaceIsUp.getAsBoolean();
                if (now != up) {
                    up = now;
                    onChange.run();
                }
            }
        } catch (InterruptedException _) {
            // Closed.
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
