package org.softverbs.soft.device;

import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.softverbs.soft.jfr.FlightEvents;
import org.softverbs.soft.qp.DeviceWitness;
import org.softverbs.soft.qp.TransportCounter;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.Cause;
import org.softverbs.verbs.Explanation;
import org.softverbs.verbs.QueuePairState;

/// Ends queue pairs for what is outside their engines: completion queues that overran, a device
/// that is gone, a bug of ours. For the owner.
final class QueuePairFailures {

    private static final Logger LOG = LoggerFactory.getLogger(QueuePairFailures.class);

    private final String name;
    private final DeviceEngine device;
    private final List<SoftCompletionQueue> overrun = new ArrayList<>();

    QueuePairFailures(String name, DeviceEngine device) {
        this.name = name;
        this.device = device;
    }

    private static boolean isAlive(QueuePairPort port) {
        QueuePairState state = port.core().state();
        return state != QueuePairState.ERR && state != QueuePairState.RESET;
    }

    void failAll(Cause why) {
        for (QueuePairPort port : device.queuePairs().values()) {
            if (isAlive(port)) {
                toError(port, why);
            }
        }
    }

    /// A completion found no room: the queue is dead, and its queue pairs go to ERR.
    void onOverrun(SoftCompletionQueue queue) {
        device.counters().add(TransportCounter.COMPLETIONS_LOST);
        if (queue.markOverrunReported()) {
            overrun.add(queue);
            FlightEvents.overran(name, queue.number(), queue.entries());
            queue.ring().notifyWaiter();
        }
    }

    /// Ends the queue pairs of completion queues that overran since the last time.
    void failOverrun() {
        while (!overrun.isEmpty()) {
            SoftCompletionQueue queue = overrun.removeLast();
            device.raise(
                    AsyncEventType.CQ_ERR,
                    queue.number(),
                    "the completion queue of " + queue.entries() + " entries overran");
            for (QueuePairPort port : device.queuePairs().values()) {
                if (port.uses(queue) && isAlive(port)) {
                    toError(
                            port,
                            new Cause.CompletionQueueOverrun(queue.number(), queue.entries()));
                }
            }
        }
    }

    /// Moves a queue pair to ERR from outside its engine.
    private void toError(QueuePairPort port, Cause why) {
        tell(port, Explanation.of(why));
        device.move(port, QueuePairState.ERR);
        flush(port);
        device.activate(port);
    }

    private void tell(QueuePairPort port, Explanation reason) {
        port.core().failed(reason);
        DeviceWitness told = device.witness();
        if (told != null) {
            told.failed(port.core(), reason);
        }
    }

    /// A flush that throws leaves the queue pairs behind it to theirs.
    private void flush(QueuePairPort port) {
        try {
            port.engine().onError();
        } catch (RuntimeException | Error bug) {
            device.counters().add(TransportCounter.ENGINE_FAULTS);
            LOG.error("queue pair {} cannot be flushed", port.core().number(), bug);
        }
    }

    /// An engine threw: its queue pair ends, the others go on.
    void onBug(QueuePairPort port, Throwable bug) {
        LOG.error("queue pair {} failed by a bug of ours", port.core().number(), bug);
        device.counters().add(TransportCounter.ENGINE_FAULTS);
        tell(port, Explanation.of(new Cause.InternalFault(String.valueOf(bug))));
        device.move(port, QueuePairState.ERR);
        device.raise(AsyncEventType.QP_FATAL, port.core().number(), "internal error: " + bug);
        flush(port);
    }
}
