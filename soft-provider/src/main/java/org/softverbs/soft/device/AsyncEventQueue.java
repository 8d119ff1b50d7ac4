package org.softverbs.soft.device;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.softverbs.verbs.AsyncEvent;
import org.softverbs.verbs.AsyncEventSource;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.VerbCause;
import org.softverbs.verbs.VerbsException;

/// Asynchronous events that wait to be read, the newest of which are lost when nobody reads, and
/// an account of those that were read and not acknowledged. Any thread.
final class AsyncEventQueue {

    /// Events that are kept.
    private static final int CAPACITY = 1024;

    /// What an event names.
    ///
    /// @param handle which of those that have a queue pair open it is for
    record Element(AsyncEventSource source, int number, int handle) {

        Element(AsyncEventSource source, int number) {
            this(source, number, 0);
        }

        static Element of(AsyncEvent event) {
            return new Element(event.type().source(), event.element(), event.handle());
        }

        /// Ports and the device are there whatever becomes of their events.
        boolean canBeClosed() {
            return source != AsyncEventSource.PORT && source != AsyncEventSource.DEVICE;
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition added = lock.newCondition();
    private final ArrayDeque<AsyncEvent> events = new ArrayDeque<>();
    private final Map<Element, Integer> unacknowledged = new HashMap<>();
    private long lost;

    void add(AsyncEvent event) {
        lock.lock();
        try {
            if (events.size() == CAPACITY) {
                lost++;
            } else {
                events.add(event);
                added.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    long lost() {
        lock.lock();
        try {
            return lost;
        } finally {
            lock.unlock();
        }
    }

    Optional<AsyncEvent> await(Duration timeout) throws InterruptedException {
        long left = TimeUnit.NANOSECONDS.convert(timeout);
        lock.lockInterruptibly();
        try {
            while (events.isEmpty()) {
                if (left <= 0) {
                    return Optional.empty();
                }
                left = added.awaitNanos(left);
            }
            AsyncEvent event = events.remove();
            Element element = Element.of(event);
            if (element.canBeClosed()) {
                unacknowledged.merge(element, 1, Integer::sum);
            }
            return Optional.of(event);
        } finally {
            lock.unlock();
        }
    }

    /// @throws VerbsException `EINVAL` when no such event was taken
    void acknowledge(AsyncEvent event) {
        Element element = Element.of(event);
        lock.lock();
        try {
            if (!element.canBeClosed()) {
                return;
            }
            int count = unacknowledged.getOrDefault(element, 0);
            if (count == 0) {
                throw new VerbsException(
                        Errno.EINVAL,
                        "acknowledgeAsyncEvent",
                        event + " was not taken, or is acknowledged already");
            }
            if (count == 1) {
                unacknowledged.remove(element);
            } else {
                unacknowledged.put(element, count - 1);
            }
        } finally {
            lock.unlock();
        }
    }

    /// @throws VerbsException `EBUSY` when events of it were taken and not acknowledged
    void requireAcknowledged(String verb, Element element, Object what) {
        lock.lock();
        try {
            int count = unacknowledged.getOrDefault(element, 0);
            if (count > 0) {
                throw new VerbsException(
                        Errno.EBUSY,
                        verb,
                        count + " asynchronous events are not acknowledged",
                        Explanation.of(
                                new VerbCause.EventsNotAcknowledged(what.toString(), count)));
            }
        } finally {
            lock.unlock();
        }
    }

    /// It is closed: nobody is to hear of it any more.
    void forget(Element element) {
        lock.lock();
        try {
            events.removeIf(event -> Element.of(event).equals(element));
            unacknowledged.remove(element);
        } finally {
            lock.unlock();
        }
    }
}
