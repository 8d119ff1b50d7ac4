package org.softverbs.poll;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.softverbs.verbs.CompletionChannel;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.CompletionQueueOptions;
import org.softverbs.verbs.DeviceContext;

/// A thread that sleeps until queues have completions and then serves them in turns, each a budget
/// at a time.
///
/// Its lock is held while a queue has its turn, and not in its sleep. Who wants to close something
/// wakes it, and waits until it has taken note of its event.
///
/// What a handler throws goes to the thread's handler of uncaught exceptions; the loop goes on.
final class CompletionLoop implements AutoCloseable {

    private static final Duration LONGEST_SLEEP = Duration.ofSeconds(1);

    private final PollContext context;
    private final DeviceContext device;
    private final CompletionChannel channel;
    private final Map<CompletionQueue, PolledQueue> queues = new HashMap<>();
    private final ArrayDeque<PolledQueue> turns = new ArrayDeque<>();
    private final Thread thread;
    private volatile boolean closed;
    private boolean sleeping;
    private int visitors;

    CompletionLoop(PollContext context, DeviceContext device, Thread.Builder threads) {
        this.context = context;
        this.device = device;
        this.channel = device.createCompletionChannel();
        this.thread = threads.unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /// Makes a queue that this polls, armed.
    ///
    /// @param alone whether the loop is to end with it
    PolledQueue allocate(CompletionQueueOptions options, boolean alone) {
        CompletionQueue queue = device.createCompletionQueue(options.withChannel(channel));
        PolledQueue polled = new PolledQueue(context, queue, this, alone);
        synchronized (this) {
            queues.put(queue, polled);
        }
        queue.requestNotification(false);
        return polled;
    }

    private void run() {
        while (!closed) {
            try {
                if (sleep()) {
                    serve();
                }
            } catch (InterruptedException _) {
                // It is to look what is wanted of it.
            } catch (RuntimeException | Error thrown) {
                report(thrown);
            }
        }
    }

    private void report(Throwable thrown) {
        Thread.UncaughtExceptionHandler handler = thread.getUncaughtExceptionHandler();
        if (handler == null) {
            return;
        }
        try {
            handler.uncaughtException(thread, thrown);
        } catch (RuntimeException | Error _) {
            // As of any thread: what it throws is nobody's.
        }
    }

    /// Waits for an event, unless a queue has its turn.
    ///
    /// @return false when it was closed meanwhile
    private boolean sleep() throws InterruptedException {
        boolean idle;
        synchronized (this) {
            while (visitors > 0) {
                wait();
            }
            if (closed) {
                return false;
            }
            idle = turns.isEmpty();
            sleeping = true;
        }
        Optional<CompletionQueue> event = Optional.empty();
        try {
            event = channel.awaitEvent(idle ? LONGEST_SLEEP : Duration.ZERO);
        } finally {
            wakeUp(event);
        }
        return true;
    }

    private synchronized void wakeUp(Optional<CompletionQueue> event) {
        sleeping = false;
        // It is interrupted in its sleep only, and no handler is to see that.
        boolean _ = Thread.interrupted();
        if (event.isPresent()) {
            CompletionQueue queue = event.get();
            queue.acknowledgeEvents(1);
            PolledQueue polled = queues.get(queue);
            if (polled != null && !turns.contains(polled)) {
                turns.add(polled);
            }
        }
        notifyAll();
    }

    private synchronized void serve() {
        PolledQueue next = turns.poll();
        if (next != null) {
            turn(next);
        }
    }

    private void turn(PolledQueue queue) {
        int budget = context.budget();
        boolean again = true;
        try {
            if (queue.turn(budget) < budget) {
                queue.completionQueue().requestNotification(false);
                // What came before the arming brings no event.
                again = queue.turn(budget) > 0;
            }
        } finally {
            if (again) {
                turns.add(queue);
            }
        }
    }

    /// Does something while the loop does nothing and has acknowledged all events that it took.
    private synchronized void visit(Runnable action) {
        if (Thread.currentThread().equals(thread)) {
            throw new IllegalStateException("a handler cannot close what calls it");
        }
        visitors++;
        try {
            boolean interruptedHere = false;
            while (sleeping) {
                thread.interrupt();
                try {
                    wait();
                } catch (InterruptedException e) {
                    interruptedHere = true;
                }
            }
            if (interruptedHere) {
                Thread.currentThread().interrupt();
            }
            action.run();
        } finally {
            visitors--;
            notifyAll();
        }
    }

    /// Closes a queue of this loop.
    void closeQueue(PolledQueue queue) {
        visit(
                () -> {
                    queue.completionQueue().close();
                    queues.remove(queue.completionQueue());
                    turns.remove(queue);
                });
    }

    /// Ends the thread.
    ///
    /// @throws org.softverbs.verbs.VerbsException `EBUSY` when queues are still open
    @Override
    public void close() {
        visit(
                () -> {
                    channel.close();
                    closed = true;
                });
    }
}
