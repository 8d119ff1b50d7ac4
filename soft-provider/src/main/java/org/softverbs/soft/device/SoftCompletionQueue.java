package org.softverbs.soft.device;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.device.AsyncEventQueue.Element;
import org.softverbs.soft.host.Clock;
import org.softverbs.soft.profile.Deviation;
import org.softverbs.soft.queue.CompletionEntry;
import org.softverbs.soft.queue.CompletionRing;
import org.softverbs.soft.sanitize.RequestLedger;
import org.softverbs.verbs.AsyncEventSource;
import org.softverbs.verbs.CompletionCursor;
import org.softverbs.verbs.CompletionField;
import org.softverbs.verbs.CompletionModeration;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.CompletionQueueOptions;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.VerbCause;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.WorkCompletion;

/// A completion queue over a ring.
final class SoftCompletionQueue extends Resource implements CompletionQueue {

    /// Completions, and microseconds, of one event: 16 bits each, as in the verb.
    static final int MOST_MODERATED = 0xffff;

    private static final String CLOSE = "closeCompletionQueue";
    private static final String RESIZE = "resizeCompletionQueue";

    private final SoftDevice device;
    private final int number;
    private final @Nullable SoftCompletionChannel channel;
    private final CompletionRing ring;
    private final Children children = new Children(this);
    private final AtomicInteger unacknowledged = new AtomicInteger();
    private final CompletionQueueOptions options;
    private final Clock clock;
    private final boolean stamps;
    private final boolean tellsWallClock;
    private boolean overrunReported;
    private long moderationNanos;
    private long heldUntil;

    SoftCompletionQueue(
            SoftDevice device,
            int number,
            CompletionQueueOptions options,
            @Nullable SoftCompletionChannel channel) {
        this.device = device;
        this.number = number;
        this.options = options;
        this.channel = channel;
        this.clock = device.host().clock();
        this.stamps = options.fields().contains(CompletionField.COMPLETION_TIMESTAMP);
        this.tellsWallClock = options.fields().contains(CompletionField.COMPLETION_WALL_CLOCK);
        this.ring =
                new CompletionRing(
                        options.entries(),
                        device.profile().has(Deviation.FULL_COMPLETION_QUEUES_OVERWRITTEN),
                        this::notifyChannel,
                        this::holdEvent);
    }

    /// Adds a completion; for the owner.
    ///
    /// @return false when there is no room
    boolean add(CompletionEntry completion) {
        if (stamps) {
            completion.timestamp(clock.nanoTime());
        }
        if (tellsWallClock) {
            completion.wallClock(clock.wallClockNanos());
        }
        return ring.add(completion);
    }

    private void holdEvent() {
        heldUntil = clock.nanoTime() + moderationNanos;
        device.engine().heldEvents().hold(this);
    }

    /// When an event that it holds back is due; for the owner.
    long heldUntil() {
        return heldUntil;
    }

    private void notifyChannel() {
        SoftCompletionChannel target = channel;
        if (target != null) {
            target.add(this);
        }
    }

    SoftDevice device() {
        return device;
    }

    int number() {
        return number;
    }

    CompletionRing ring() {
        return ring;
    }

    Children children() {
        return children;
    }

    /// Remembers that its overrun was seen; false when it was before. For the owner.
    boolean markOverrunReported() {
        boolean first = !overrunReported;
        overrunReported = true;
        return first;
    }

    /// An event of this queue was taken from the channel.
    ///
    /// @return false when the queue was closed meanwhile: nobody is to hear of it
    boolean eventTaken() {
        // In one step with the look at them in close().
        synchronized (children) {
            unacknowledged.incrementAndGet();
            return isOpen();
        }
    }

    /// Takes the oldest completion, letting the device go on first when there is none.
    boolean take(CompletionEntry into) {
        if (takeNow(into)) {
            return true;
        }
        device.owner().onEmptyPoll();
        return takeNow(into);
    }

    private boolean takeNow(CompletionEntry into) {
        boolean taken = ring.take(into);
        RequestLedger requests = device.keys().requests();
        if (taken && requests != null) {
            SoftSharedReceiveQueue.noteTaken(requests, into);
        }
        return taken;
    }

    @Override
    public DeviceContext context() {
        return device;
    }

    @Override
    public int entries() {
        return ring.capacity();
    }

    @Override
    public int vector() {
        return options.vector();
    }

    @Override
    public Set<CompletionField> fields() {
        return options.fields();
    }

    @Override
    public void moderate(CompletionModeration moderation) {
        requireOpen();
        check("count", moderation.count(), MOST_MODERATED);
        check(
                "period in microseconds",
                TimeUnit.MICROSECONDS.convert(moderation.period()),
                MOST_MODERATED);
        device.owner()
                .run(
                        () -> {
                            moderationNanos = moderation.period().toNanos();
                            ring.moderate(moderation.isOn() ? moderation.count() : 1);
                            if (ring.isWithholding()) {
                                holdEvent();
                            }
                        });
    }

    private static void check(String field, long value, int most) {
        if (value < 0 || value > most) {
            throw new VerbsException(
                    Errno.EINVAL, "moderate", field + " " + value + " is not within 0 and " + most);
        }
    }

    @Override
    public void resize(int entries) {
        requireOpen();
        device.completionQueues().requireEntries(RESIZE, entries);
        // Made before the owner is kept from its work.
        CompletionEntry[] room = CompletionRing.room(entries);
        int waiting = device.owner().call(() -> ring.resize(room, entries));
        if (waiting > entries) {
            throw new VerbsException(
                    Errno.EINVAL,
                    RESIZE,
                    "entries "
                            + entries
                            + " is less than the "
                            + waiting
                            + " completions that are in the queue");
        }
    }

    @Override
    public List<WorkCompletion> poll(int max) {
        requireOpen();
        if (max < 1) {
            throw new IllegalArgumentException("max " + max + " is below 1");
        }
        CompletionEntry entry = new CompletionEntry();
        if (!take(entry)) {
            return List.of();
        }
        List<WorkCompletion> completions = new ArrayList<>();
        do {
            completions.add(entry.toWorkCompletion());
        } while (completions.size() < max && takeNow(entry));
        return completions;
    }

    @Override
    public CompletionCursor cursor() {
        requireOpen();
        return new SoftCompletionCursor(this);
    }

    @Override
    public void requestNotification(boolean solicitedOnly) {
        requireOpen();
        if (channel == null && device.rules().armsWithoutChannel()) {
            return;
        }
        if (channel == null) {
            throw new VerbsException(
                    Errno.EINVAL,
                    "requestNotification",
                    "the completion queue was made without a channel");
        }
        ring.arm(solicitedOnly);
    }

    @Override
    public void acknowledgeEvents(int count) {
        int before =
                unacknowledged.getAndUpdate(
                        value -> count < 0 || count > value ? value : value - count);
        if (count < 0 || count > before) {
            throw new VerbsException(
                    Errno.EINVAL,
                    "acknowledgeEvents",
                    "count " + count + " is not within 0 and the " + before + " events taken");
        }
    }

    @Override
    public void close() {
        AsyncEventQueue asyncEvents = device.events();
        synchronized (children) {
            int events = unacknowledged.get();
            if (isOpen() && events > 0) {
                throw new VerbsException(
                        Errno.EBUSY,
                        CLOSE,
                        events + " events are not acknowledged",
                        Explanation.of(new VerbCause.EventsNotAcknowledged(toString(), events)));
            }
            if (isOpen()) {
                asyncEvents.requireAcknowledged(
                        CLOSE, new Element(AsyncEventSource.COMPLETION_QUEUE, number), this);
            }
            if (!children.closeIfNone(CLOSE)) {
                return;
            }
            markClosed();
            asyncEvents.forget(new Element(AsyncEventSource.COMPLETION_QUEUE, number));
        }
        if (channel != null) {
            channel.forget(this);
            channel.children().remove(this);
        }
        device.completionQueues().closed(this);
    }

    @Override
    public String toString() {
        return "completion queue " + number;
    }
}
