package org.softverbs.ulp.perf;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.softverbs.verbs.CompletionCursor;

/// The client of a bandwidth test: keeps the send queues full.
///
/// Belongs to the thread that runs the test.
final class BandwidthSender {

    /// Most messages whose times are kept to find the peak, as in perftest.
    private static final int PEAK_MESSAGES = 20_000;

    private static final int LANE_SHIFT = 40;
    private static final long SEQUENCE_MASK = (1L << LANE_SHIFT) - 1;

    private final PerfSettings settings;
    private final List<PerfLane> lanes;
    private final CompletionCursor completions;
    private final RunClock clock;
    private final @Nullable List<ArrivalCheck> checks;
    private final long[] posted;
    private final long[] completed;
    private final long perLane;
    private int every;
    private long totalPosted;
    private long totalCompleted;
    private long[] postedAt = {};
    private long[] completedAt = {};

    /// @param checks to look at what READs and atomics bring, one of each lane
    BandwidthSender(
            PerfSettings settings,
            PerfNode node,
            RunClock clock,
            @Nullable List<ArrivalCheck> checks) {
        this.settings = settings;
        this.lanes = node.lanes();
        this.completions = node.sends();
        this.clock = clock;
        this.checks = settings.test().verb().reads() ? checks : null;
        posted = new long[lanes.size()];
        completed = new long[lanes.size()];
        perLane = settings.isTimed() ? Long.MAX_VALUE : settings.iterations();
    }

    BandwidthReport run(int size) {
        reset(size);
        clock.start();
        long start = System.nanoTime();
        long total = settings.isTimed() ? Long.MAX_VALUE : perLane * lanes.size();
        while (totalCompleted < total && !clock.isOver()) {
            for (int i = 0; i < posted.length; i++) {
                fill(i);
            }
            while (completions.next()) {
                complete(PerfNode.succeeded(completions));
            }
            clock.look(totalCompleted);
        }
        long nanos = System.nanoTime() - start;
        if (settings.isTimed()) {
            return BandwidthReport.of(size, clock.sampledMessages(), clock.sampledNanos(), 0);
        }
        return BandwidthReport.of(size, totalCompleted, nanos, shortestPerMessage());
    }

    private void reset(int size) {
        Arrays.fill(posted, 0);
        Arrays.fill(completed, 0);
        totalPosted = 0;
        totalCompleted = 0;
        every = settings.completionEvery(size);
        boolean findsPeak = !settings.isTimed() && perLane * lanes.size() <= PEAK_MESSAGES;
        int stamps = findsPeak ? (int) perLane * lanes.size() : 0;
        postedAt = new long[stamps];
        completedAt = new long[stamps];
    }

    private void fill(int index) {
        long room =
                Math.min(
                        settings.sendDepth() - (posted[index] - completed[index]),
                        perLane - posted[index]);
        PerfLane lane = lanes.get(index);
        for (; room > 0; room--) {
            long sequence = posted[index]++;
            boolean signaled = posted[index] % every == 0 || posted[index] == perLane;
            if (totalPosted < postedAt.length) {
                postedAt[(int) totalPosted] = System.nanoTime();
            }
            totalPosted++;
            lane.post((long) index << LANE_SHIFT | sequence, sequence, signaled, room > 1);
        }
    }

    private void complete(long id) {
        int index = (int) (id >>> LANE_SHIFT);
        long end = (id & SEQUENCE_MASK) + 1;
        lanes.get(index).complete(end - completed[index]);
        if (checks != null) {
            look(checks.get(index), completed[index], end);
        }
        totalCompleted += end - completed[index];
        completed[index] = end;
        if (totalCompleted <= completedAt.length) {
            completedAt[(int) totalCompleted - 1] = System.nanoTime();
        }
    }

    private void look(ArrivalCheck check, long from, long to) {
        for (long sequence = from; sequence < to; sequence++) {
            if (settings.test().verb() == PerfVerb.ATOMIC) {
                check.oldValue(sequence);
            } else {
                check.read(sequence);
            }
        }
    }

    /// Nanoseconds a message in the best stretch of the run, 0 when not measured.
    private double shortestPerMessage() {
        double shortest = Double.MAX_VALUE;
        for (int end = 0; end < completedAt.length; end++) {
            if (completedAt[end] == 0) {
                continue;
            }
            for (int start = 0; start <= end; start++) {
                long nanos = completedAt[end] - postedAt[start];
                shortest = Math.min(shortest, nanos / (double) (end - start + 1));
            }
        }
        return shortest == Double.MAX_VALUE ? 0 : shortest;
    }
}
