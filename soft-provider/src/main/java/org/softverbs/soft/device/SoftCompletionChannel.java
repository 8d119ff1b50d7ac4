package org.softverbs.soft.device;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.softverbs.verbs.CompletionChannel;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.DeviceContext;

/// A queue of completion queues that have something. Each is in it once for each time it was armed,
/// so it is never longer than the number of armings.
final class SoftCompletionChannel extends Resource implements CompletionChannel {

    private final SoftDevice device;
    private final Children children = new Children(this);
    private final LinkedBlockingQueue<SoftCompletionQueue> events = new LinkedBlockingQueue<>();

    SoftCompletionChannel(SoftDevice device) {
        this.device = device;
    }

    SoftDevice device() {
        return device;
    }

    Children children() {
        return children;
    }

    void add(SoftCompletionQueue queue) {
        events.add(queue);
    }

    void forget(SoftCompletionQueue queue) {
        events.removeIf(event -> event == queue);
    }

    @Override
    public DeviceContext context() {
        return device;
    }

    @Override
    public Optional<CompletionQueue> awaitEvent(Duration timeout) throws InterruptedException {
        requireOpen();
        device.owner().onWait();
        SoftCompletionQueue queue =
                events.poll(TimeUnit.NANOSECONDS.convert(timeout), TimeUnit.NANOSECONDS);
        return queue != null && queue.eventTaken() ? Optional.of(queue) : Optional.empty();
    }

    @Override
    public void close() {
        if (!children.closeIfNone("closeCompletionChannel")) {
            return;
        }
        markClosed();
        device.closed(this);
    }

    @Override
    public String toString() {
        return "completion channel";
    }
}
