package org.softverbs.poll;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.softverbs.verbs.CompletionCursor;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.CompletionQueueOptions;
import org.softverbs.verbs.DeviceContext;

/// A completion queue whose completions go to the handlers of their requests.
///
/// ```
/// PolledQueue queue = workers.allocate(PollContext.EVENT_LOOP, CompletionQueueOptions.of(128));
/// long id = queue.add(completion -> ...);   // once for each request that is used again and again
/// queuePair.postSend(new SendWorkRequest.Send(id, elements, SIGNALED));
/// ```
///
/// A request's id is that of its handler. Polling allocates nothing.
///
/// Kernel names: `ib_alloc_cq`, `ib_process_cq_direct`, `ib_free_cq`.
public final class PolledQueue implements AutoCloseable {

    private final PollContext context;
    private final CompletionQueue queue;
    private final CompletionCursor cursor;
    private final HandlerTable handlers = new HandlerTable();
    private final AtomicLong unclaimed = new AtomicLong();
    private final @Nullable CompletionLoop loop;
    private final boolean ownsLoop;

    PolledQueue(
            PollContext context,
            CompletionQueue queue,
            @Nullable CompletionLoop loop,
            boolean ownsLoop) {
        this.context = context;
        this.queue = queue;
        this.cursor = queue.cursor();
        this.loop = loop;
        this.ownsLoop = ownsLoop;
    }

    /// A queue that its user polls.
    ///
    /// @throws org.softverbs.verbs.VerbsException as [DeviceContext#createCompletionQueue]
    public static PolledQueue direct(DeviceContext device, CompletionQueueOptions options) {
        return new PolledQueue(
                PollContext.DIRECT, device.createCompletionQueue(options), null, false);
    }

    /// What queue pairs are made with. Nobody else may poll it.
    public CompletionQueue completionQueue() {
        return queue;
    }

    /// Who polls it.
    public PollContext context() {
        return context;
    }

    /// Has a handler called for the requests that carry its id.
    ///
    /// @return the id
    public long add(CompletionHandler handler) {
        return handlers.add(handler);
    }

    /// Forgets a handler, whose requests must all have ended: its id may become another's.
    ///
    /// @throws IllegalArgumentException when no handler has the id
    public void remove(long id) {
        handlers.remove(id);
    }

    /// Completions so far whose id was no handler's.
    public long unclaimed() {
        return unclaimed.get();
    }

    /// Takes completions out and has them handled.
    ///
    /// @param budget most of them, at least 1
    /// @return how many there were
    /// @throws IllegalStateException when the queue is not polled by its user
    public int process(int budget) {
        if (context != PollContext.DIRECT) {
            throw new IllegalStateException(queue + " is polled by " + context);
        }
        if (budget < 1) {
            throw new IllegalArgumentException("budget " + budget + " is below 1");
        }
        return turn(budget);
    }

    /// For who polls.
    int turn(int budget) {
        int count = 0;
        while (count < budget && cursor.next()) {
            count++;
            CompletionHandler handler = handlers.find(cursor.workRequestId());
            if (handler == null) {
                unclaimed.incrementAndGet();
            } else {
                handler.done(cursor);
            }
        }
        return count;
    }

    /// Ends the queue, after the turn that may be under way. Not for its handlers.
    ///
    /// @throws org.softverbs.verbs.VerbsException `EBUSY` when queue pairs still use it
    @Override
    public void close() {
        CompletionLoop owner = loop;
        if (owner == null) {
            queue.close();
            return;
        }
        owner.closeQueue(this);
        if (ownsLoop) {
            owner.close();
        }
    }

    @Override
    public String toString() {
        return queue + " of " + context;
    }
}
