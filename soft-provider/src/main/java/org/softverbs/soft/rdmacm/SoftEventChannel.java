package org.softverbs.soft.rdmacm;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.softverbs.cm.CmEvent;
import org.softverbs.cm.CmEventListener;
import org.softverbs.cm.ConnectionManager;
import org.softverbs.cm.EventChannel;
import org.softverbs.verbs.Cause;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.VerbCause;
import org.softverbs.verbs.VerbsException;

/// A queue of events, or who is called with them. As long as the program takes requests its length
/// is bounded by the states of its IDs; requests that nobody takes by the backlogs.
final class SoftEventChannel implements EventChannel {

    private static final Logger LOG = LoggerFactory.getLogger(SoftEventChannel.class);

    private final SoftConnectionManager manager;
    private final LinkedBlockingQueue<SoftCmEvent> events = new LinkedBlockingQueue<>();
    private volatile @Nullable CmEventListener listener;
    private volatile boolean closed;

    SoftEventChannel(SoftConnectionManager manager) {
        this.manager = manager;
    }

    @Override
    public ConnectionManager manager() {
        return manager;
    }

    /// Hands an event over. Called without the lock of an ID.
    void add(SoftCmEvent event) {
        CmEventListener called = listener;
        if (called == null) {
            events.add(event);
            if (listener != null) {
                callWithAll();
            }
        } else {
            call(called, event);
        }
    }

    private void callWithAll() {
        CmEventListener called = Objects.requireNonNull(listener);
        SoftCmEvent event = events.poll();
        while (event != null) {
            call(called, event);
            event = events.poll();
        }
    }

    private static void call(CmEventListener called, SoftCmEvent event) {
        event.addressee().requestTaken(event);
        try {
            called.onEvent(event);
        } catch (RuntimeException | Error thrown) {
            LOG.error("listener of a channel failed on {}", event, thrown);
        }
    }

    /// Takes out the events of an ID that is closed, or goes to another channel.
    List<SoftCmEvent> remove(EventSource id) {
        List<SoftCmEvent> removed = new ArrayList<>();
        Iterator<SoftCmEvent> all = events.iterator();
        while (all.hasNext()) {
            SoftCmEvent event = all.next();
            if (event.isOf(id)) {
                all.remove();
                removed.add(event);
            }
        }
        return removed;
    }

    @Override
    public Optional<CmEvent> await(Duration timeout) throws InterruptedException {
        requireOpen();
        if (listener != null) {
            throw new IllegalStateException("the events of this channel go to its listener");
        }
        manager.cmDevices().forEach(CmDevice::onWait);
        SoftCmEvent event =
                events.poll(TimeUnit.NANOSECONDS.convert(timeout), TimeUnit.NANOSECONDS);
        if (event == null) {
            return Optional.empty();
        }
        event.take();
        event.addressee().requestTaken(event);
        return Optional.of(event);
    }

    @Override
    public synchronized void deliverTo(CmEventListener called) {
        requireOpen();
        if (listener != null) {
            throw new IllegalStateException("the channel has a listener");
        }
        listener = called;
        callWithAll();
    }

    void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the event channel is closed");
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        List<String> users = manager.idsOf(this).stream().map(Object::toString).toList();
        if (!users.isEmpty()) {
            Cause why = new VerbCause.StillInUse("the event channel", users);
            throw new VerbsException(
                    Errno.EBUSY, "closeEventChannel", why.sentence(), Explanation.of(why));
        }
        closed = true;
        manager.closed(this);
    }
}
