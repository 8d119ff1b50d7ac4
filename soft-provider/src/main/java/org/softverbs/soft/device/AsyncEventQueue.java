package org.softverbs.soft.device;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.softverbs.verbs.AsyncEvent;

/// Asynchronous events that wait to be read: the newest are lost when nobody reads.
final class AsyncEventQueue {

    /// Events that are kept.
    private static final int CAPACITY = 1024;

    private final LinkedBlockingQueue<AsyncEvent> events = new LinkedBlockingQueue<>(CAPACITY);
    private final AtomicLong lost = new AtomicLong();

    void add(AsyncEvent event) {
        if (!events.offer(event)) {
            lost.incrementAndGet();
        }
    }

    long lost() {
        return lost.get();
    }

    Optional<AsyncEvent> await(Duration timeout) throws InterruptedException {
        return Optional.ofNullable(
                events.poll(TimeUnit.NANOSECONDS.convert(timeout), TimeUnit.NANOSECONDS));
    }
}
