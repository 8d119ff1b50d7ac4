package org.softverbs.soft.device;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.softverbs.soft.host.Clock;
import org.softverbs.soft.qp.TransportEngine;

/// The right to touch a device: whoever holds the lock is the owner, and there is one owner at a
/// time. Engines need no locks because of it.
///
/// The owner may sleep in the link while it holds the lock; one who wants it wakes the link first.
/// Several devices may share an owner.
public final class DeviceOwner implements AutoCloseable {

    /// What an owner drives.
    interface Driven {

        /// Does what there is to do; may sleep up to `waitNanos` when there is nothing.
        int progress(long waitNanos);

        /// As [#progress] without sleeping, for a thread that polls and comes back soon.
        int progressForPoller();

        /// Sends what was posted; does not look for packets.
        void transmitPosted();

        /// Whether work was posted that was not sent. Any thread.
        boolean hasPosted();

        /// When this has something to do although no packet comes and nothing is posted; never too
        /// late, perhaps too early. [TransportEngine#NO_DEADLINE] for never.
        long nextDeadline();

        /// Whether something waits to be sent, if only for room in the link.
        boolean hasMoreToSend();

        /// Ends a sleep in [#progress], or the next one. Any thread.
        void wakeup();

        /// The device's own thread ended by a bug of ours. For the owner: everything that is posted
        /// is to be completed, so that nobody waits for ever.
        void onThreadDeath(Throwable cause);
    }

    private static final Logger LOG = LoggerFactory.getLogger(DeviceOwner.class);

    /// How long nobody may poll before the device's own thread steps in: longer than a poller is
    /// kept from its CPU when others want it too.
    private static final long TAKEOVER_NANOS = 10_000_000;

    /// Empty polls in a row, a few hundred microseconds of them, before a poller lets others run.
    private static final int POLLS_BEFORE_YIELD = 500;

    /// How long the device's own thread looks for more before it sleeps.
    private static final long SPIN_NANOS = 50_000;

    /// How long it sleeps when it has several devices to look after.
    private static final long SHORT_SLEEP_NANOS = 100_000;

    private static final long LONGEST_SLEEP_NANOS = 100_000_000;

    private final ReentrantLock lock = new ReentrantLock();

    // Who wants the lock says so before waking its holder, who then does not take it back first.
    private final AtomicInteger waiters = new AtomicInteger();
    private final ProgressMode mode;
    private final Clock clock;
    private volatile Driven[] driven = {};
    // Counted and not timed, which saves each poll a look at the clock. Two pollers may undo each
    // other's count; at worst the device's thread steps in once too often.
    private final AtomicInteger polls = new AtomicInteger();
    private volatile boolean unattended = true;
    private int emptyPolls;
    private long lastReceivedNanos;
    private volatile boolean closed;
    private @Nullable Thread thread;

    public DeviceOwner(ProgressMode mode, Clock clock) {
        this.mode = mode;
        this.clock = clock;
        this.lastReceivedNanos = clock.nanoTime() - SPIN_NANOS;
    }

    public ProgressMode mode() {
        return mode;
    }

    /// Whether the calling thread is the owner.
    public boolean isOwner() {
        return lock.isHeldByCurrentThread();
    }

    /// @throws IllegalStateException when it was closed, or lost its last device
    synchronized void add(Driven device) {
        if (closed) {
            throw new IllegalStateException("the owner is closed; a device needs another");
        }
        run(
                () -> {
                    Driven[] more = Arrays.copyOf(driven, driven.length + 1);
                    more[driven.length] = device;
                    driven = more;
                });
        if (thread == null && mode != ProgressMode.MANUAL) {
            thread = Thread.ofPlatform().daemon().name("softverbs-device").start(this::loop);
        }
    }

    @SuppressWarnings("ReferenceEquality")
    synchronized void remove(Driven device) {
        run(
                () ->
                        driven =
                                Arrays.stream(driven)
                                        .filter(other -> other != device)
                                        .toArray(Driven[]::new));
        if (driven.length == 0) {
            close();
        }
    }

    /// Does something as owner.
    public void run(Runnable action) {
        acquire();
        try {
            action.run();
        } finally {
            release();
        }
    }

    /// Finds something out as owner.
    public <T> T call(Supplier<T> action) {
        acquire();
        try {
            return action.get();
        } finally {
            release();
        }
    }

    private void acquire() {
        if (lock.tryLock()) {
            return;
        }
        waiters.incrementAndGet();
        try {
            wakeHolder();
            lock.lock();
        } finally {
            waiters.decrementAndGet();
        }
    }

    /// Gives the lock back, and sends what was posted by those who found it taken.
    private void release() {
        lock.unlock();
        if (lock.isHeldByCurrentThread()) {
            return;
        }
        Driven device = firstWithPosts();
        while (device != null) {
            if (!lock.tryLock()) {
                wakeHolder();
                return;
            }
            try {
                device.transmitPosted();
            } finally {
                lock.unlock();
            }
            device = firstWithPosts();
        }
    }

    private @Nullable Driven firstWithPosts() {
        for (Driven device : driven) {
            if (device.hasPosted()) {
                return device;
            }
        }
        return null;
    }

    /// Whoever holds the lock may sleep in a link, or be about to.
    private void wakeHolder() {
        for (Driven device : driven) {
            device.wakeup();
        }
    }

    /// Work was posted: it goes out at once if nobody else is at it, else by whoever is.
    void onPosted(Driven device) {
        if (!lock.tryLock()) {
            wakeHolder();
            return;
        }
        try {
            device.transmitPosted();
        } finally {
            release();
        }
    }

    /// A completion queue was found empty.
    @SuppressWarnings("ThreadPriorityCheck")
    void onEmptyPoll() {
        if (mode != ProgressMode.POLL) {
            return;
        }
        polls.setRelease(polls.getPlain() + 1);
        if (unattended) {
            unattended = false;
        }
        if (!lock.tryLock()) {
            // The device's own thread stepped in and may need this CPU to step back.
            wakeHolder();
            Thread.yield();
            return;
        }
        boolean idle;
        try {
            int received = 0;
            for (Driven device : driven) {
                received += device.progressForPoller();
            }
            idle = received == 0;
            emptyPolls = idle ? emptyPolls + 1 : 0;
        } finally {
            release();
        }
        if (waiters.get() > 0 || (idle && emptyPolls > POLLS_BEFORE_YIELD)) {
            // On few cores the peer may need this one.
            Thread.yield();
        }
    }

    /// The calling thread goes to wait for an event: the device's own thread steps in now.
    void onWait() {
        if (mode == ProgressMode.POLL) {
            unattended = true;
            Thread own = thread;
            if (own != null) {
                LockSupport.unpark(own);
            }
        }
    }

    /// Makes all devices go on once.
    ///
    /// @return packets received
    public int progress() {
        acquire();
        try {
            return progressAll(0);
        } finally {
            release();
        }
    }

    /// When the earliest timer of a device is due: a driver that moves the clock goes there next.
    ///
    /// @return nanoseconds of the clock; `Long.MAX_VALUE` when no timer runs
    public long nextDeadline() {
        long earliest = TransportEngine.NO_DEADLINE;
        for (Driven device : driven) {
            earliest = Math.min(earliest, device.nextDeadline());
        }
        return earliest;
    }

    /// Whether a device could not send all it has.
    public boolean hasMoreToSend() {
        for (Driven device : driven) {
            if (device.hasMoreToSend()) {
                return true;
            }
        }
        return false;
    }

    private int progressAll(long waitNanos) {
        int received = 0;
        Driven[] devices = driven;
        // Only a single device can sleep in its link; with more, one must not hold up the others.
        long wait = devices.length == 1 ? waitNanos : 0;
        for (Driven device : devices) {
            received += device.progress(wait);
        }
        return received;
    }

    @SuppressWarnings("ThreadPriorityCheck")
    private void loop() {
        while (!closed) {
            if (mode == ProgressMode.POLL && !unattended) {
                int seen = polls.getAcquire();
                long since = clock.nanoTime();
                LockSupport.parkNanos(this, TAKEOVER_NANOS);
                // A park may end at once, by an unpark that came too late for the one before.
                if (clock.nanoTime() - since >= TAKEOVER_NANOS && polls.getAcquire() == seen) {
                    unattended = true;
                }
                continue;
            }
            try {
                progressAndSleep();
            } catch (RuntimeException | Error bug) {
                LOG.error("the device's thread ends by a bug of ours", bug);
                run(
                        () -> {
                            for (Driven device : driven) {
                                device.onThreadDeath(bug);
                            }
                        });
                return;
            }
            while (waiters.get() > 0 && !closed) {
                Thread.yield();
            }
        }
    }

    /// Goes on once. For a while after the last packet it does not sleep: the next one comes soon.
    private void progressAndSleep() {
        boolean spin = clock.nanoTime() - lastReceivedNanos < SPIN_NANOS;
        int received = 0;
        acquire();
        try {
            received = progressAll(spin ? 0 : LONGEST_SLEEP_NANOS);
        } finally {
            release();
        }
        if (received > 0) {
            lastReceivedNanos = clock.nanoTime();
        } else if (!spin && driven.length > 1) {
            LockSupport.parkNanos(this, SHORT_SLEEP_NANOS);
        }
    }

    @Override
    public void close() {
        closed = true;
        wakeHolder();
        Thread own = thread;
        if (own != null) {
            LockSupport.unpark(own);
        }
    }
}
