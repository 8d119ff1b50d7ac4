package org.softverbs.soft.rdmacm;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.softverbs.verbs.Cause;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.VerbCause;
import org.softverbs.verbs.VerbsException;

/// What an ID has for its events and its lock: first the owner of its device, then the lock; events
/// leave when it is released.
abstract class EventSource {

    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicInteger unacknowledged = new AtomicInteger();
    private final List<SoftCmEvent> outbox = new ArrayList<>();
    private volatile SoftEventChannel channel;
    private volatile @Nullable CmDevice device;

    EventSource(SoftEventChannel channel) {
        this.channel = channel;
    }

    /// Does something as owner of the device, if there is one, and with the lock; then hands over
    /// the events that it brought about.
    final void owned(Runnable action) {
        CmDevice current = device;
        if (current == null) {
            locked(action);
        } else {
            current.run(() -> locked(action));
        }
    }

    /// Does something with the lock.
    final void locked(Runnable action) {
        lock.lock();
        List<SoftCmEvent> events = List.of();
        try {
            action.run();
        } finally {
            if (lock.getHoldCount() == 1) {
                events = List.copyOf(outbox);
                outbox.clear();
            }
            lock.unlock();
        }
        SoftEventChannel to = channel;
        events.forEach(to::add);
    }

    /// Has an event handed over once the lock is released.
    final void raise(SoftCmEvent event) {
        outbox.add(event);
    }

    final SoftEventChannel currentChannel() {
        return channel;
    }

    /// Has events go to another channel, those that wait first.
    final void moveEvents(SoftEventChannel to) {
        List<SoftCmEvent> waiting = channel.remove(this);
        channel = to;
        outbox.addAll(0, waiting);
    }

    final Optional<CmDevice> currentDevice() {
        return Optional.ofNullable(device);
    }

    final void use(CmDevice next) {
        device = next;
    }

    @SuppressWarnings("ReferenceEquality")
    final boolean isOn(CmDevice other) {
        return device == other;
    }

    final CmDevice requireDevice(String verb) {
        return currentDevice()
                .orElseThrow(
                        () ->
                                new VerbsException(
                                        Errno.EINVAL, verb, this + " is not bound to a device"));
    }

    final void eventTaken() {
        unacknowledged.incrementAndGet();
    }

    final void eventAcknowledged() {
        unacknowledged.decrementAndGet();
    }

    /// @throws VerbsException `EBUSY` when events that were taken are not acknowledged
    final void requireAcknowledged(String verb) {
        int open = unacknowledged.get();
        if (open > 0) {
            Cause why = new VerbCause.EventsNotAcknowledged(toString(), open);
            throw new VerbsException(Errno.EBUSY, verb, why.sentence(), Explanation.of(why));
        }
    }
}
