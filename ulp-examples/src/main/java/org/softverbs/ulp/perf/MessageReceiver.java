package org.softverbs.ulp.perf;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.CompletionCursor;

/// The receiving side of a test of SEND: keeps receives posted and counts what arrives.
///
/// Belongs to the thread that runs the test.
final class MessageReceiver {

    private final PerfSettings settings;
    private final List<PerfLane> lanes;
    private final CompletionCursor completions;
    private final @Nullable List<ArrivalCheck> checks;
    private final long[] posted;
    private final long[] received;
    private final long perLane;
    private long totalReceived;

    MessageReceiver(PerfSettings settings, PerfNode node, @Nullable List<ArrivalCheck> checks) {
        this.settings = settings;
        this.lanes = node.lanes();
        this.completions = node.receives();
        this.checks = checks;
        posted = new long[lanes.size()];
        received = new long[lanes.size()];
        perLane = settings.isTimed() ? Long.MAX_VALUE : settings.iterations();
    }

    /// Posts the receives of a run; the peer may send when this has returned.
    void prepare() {
        Arrays.fill(posted, 0);
        Arrays.fill(received, 0);
        totalReceived = 0;
        for (int i = 0; i < posted.length; i++) {
            long count = Math.min(settings.receiveDepth(), perLane);
            for (long n = 0; n < count; n++) {
                post(i);
            }
        }
    }

    private void post(int index) {
        lanes.get(index).postReceive(index, posted[index]++);
    }

    /// Takes what has arrived.
    ///
    /// @return messages in this run so far
    long take() {
        while (completions.next()) {
            int index = (int) PerfNode.succeeded(completions);
            arrived(index, completions.byteLength());
        }
        return totalReceived;
    }

    /// Takes one message of the first lane if there is one. Its receive is not posted again before
    /// [#replenish()], so that an answer need not wait for it, unless it was the only one.
    boolean takeOne() {
        if (!completions.next()) {
            return false;
        }
        int index = (int) PerfNode.succeeded(completions);
        check(index, completions.byteLength());
        if (posted[index] == received[index]) {
            replenish();
        }
        return true;
    }

    /// Posts the receives of the first lane again that [#takeOne()] took.
    void replenish() {
        if (posted[0] < Math.min(perLane, received[0] + settings.receiveDepth())) {
            post(0);
        }
    }

    private void arrived(int index, long length) {
        check(index, length);
        if (posted[index] < perLane) {
            post(index);
        }
    }

    private void check(int index, long bytes) {
        PerfLane lane = lanes.get(index);
        long length = lane.messageLength(bytes);
        long sequence = received[index]++;
        totalReceived++;
        if (length != lane.size()) {
            throw new ToolException(
                    "message "
                            + sequence
                            + " has "
                            + length
                            + " bytes instead of "
                            + lane.size()
                            + ": the peer runs another size");
        }
        if (checks != null) {
            checks.get(index).received(sequence);
        }
    }

    /// Receives a whole run.
    BandwidthReport run(int size, RunClock clock) {
        long total = settings.isTimed() ? Long.MAX_VALUE : perLane * lanes.size();
        clock.start();
        long start = 0;
        while (totalReceived < total && !clock.isOver()) {
            if (take() > 0 && start == 0) {
                // The time until the client starts is not ours.
                start = System.nanoTime();
                clock.start();
            }
            clock.look(totalReceived);
        }
        long nanos = System.nanoTime() - start;
        if (settings.isTimed()) {
            return BandwidthReport.of(size, clock.sampledMessages(), clock.sampledNanos(), 0);
        }
        return BandwidthReport.of(size, totalReceived, nanos, 0);
    }
}
