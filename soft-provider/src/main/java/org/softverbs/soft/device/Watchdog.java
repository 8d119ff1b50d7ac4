package org.softverbs.soft.device;

import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.softverbs.soft.jfr.FlightEvents;
import org.softverbs.soft.qp.TransportCounter;
import org.softverbs.soft.qp.TransportCounters;
import org.softverbs.verbs.Wait;

/// Looks now and then for queue pairs that wait for something and make no progress, and tells of
/// each once, until it goes on.
///
/// For the owner of the device.
final class Watchdog {

    /// When a watchdog that is off looks next.
    static final long NEVER = Long.MAX_VALUE;

    private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);
    private static final int LOOKS = 4;

    private final String device;
    private final TransportCounters counters;
    private long limitNanos;
    private long nextLook = NEVER;

    Watchdog(String device, TransportCounters counters) {
        this.device = device;
        this.counters = counters;
    }

    /// Switches it on.
    ///
    /// @param limit how long a queue pair may wait without progress, in nanoseconds
    void start(long limit, long nowNanos) {
        limitNanos = limit;
        nextLook = nowNanos;
    }

    boolean isDue(long nowNanos) {
        return nextLook != NEVER && nowNanos - nextLook >= 0;
    }

    void look(Iterable<QueuePairPort> ports, long nowNanos) {
        nextLook = nowNanos + Math.max(1, limitNanos / LOOKS);
        for (QueuePairPort port : ports) {
            look(port, nowNanos);
        }
    }

    private void look(QueuePairPort port, long nowNanos) {
        List<Wait> waits = port.engine().waitsFor(nowNanos);
        long mark = port.engine().progressMark();
        // What is about to be sent again waits for nothing just now, and is stuck all the same.
        boolean idle = waits.isEmpty() && port.core().sendQueue().isEmpty();
        if (idle || !port.watched || mark != port.progressMark) {
            port.watched = true;
            port.progressMark = mark;
            port.progressNanos = nowNanos;
            port.stuckTold = false;
            return;
        }
        long waited = nowNanos - port.progressNanos;
        if (waited >= limitNanos && !port.stuckTold && !waits.isEmpty()) {
            port.stuckTold = true;
            tell(port, waits, waited);
        }
    }

    private void tell(QueuePairPort port, List<Wait> waits, long waited) {
        int number = port.core().number();
        String text = waits.stream().map(Wait::sentence).collect(Collectors.joining("; "));
        counters.add(TransportCounter.STUCK_QUEUE_PAIRS);
        FlightEvents.stuck(device, number, text, waited);
        LOG.warn(
                "device {}: queue pair 0x{} made no progress for {} ms; it waits for {}",
                device,
                Integer.toHexString(number),
                waited / 1_000_000,
                text);
    }
}
