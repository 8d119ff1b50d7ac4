package org.softverbs.ulp.perf;

import java.util.concurrent.TimeUnit;
import org.softverbs.ulp.tool.ToolException;

/// Time during a run: whether a run by time is over, what was done in the part of it that counts,
/// and whether anything happens at all.
///
/// The first and the last seconds of a run by time do not count, as in perftest.
final class RunClock {

    private static final long MARGIN_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

    /// Reading the time costs about as much as an empty poll.
    private static final int ROUNDS_PER_LOOK = 32;

    private static final int MARGIN_PARTS = 4;

    private final long duration;
    private final long margin;
    private final Progress progress;
    private long started;
    private long lastDone;
    private long lastChange;
    private int rounds;
    private boolean over;
    private long sampleStart;
    private long sampleEnd;
    private long doneAtSampleStart;
    private long doneAtSampleEnd;

    RunClock(PerfSettings settings, Progress progress) {
        this.duration = TimeUnit.SECONDS.toNanos(settings.seconds());
        this.margin = Math.min(MARGIN_NANOS, duration / MARGIN_PARTS);
        this.progress = progress;
    }

    void start() {
        started = System.nanoTime();
        lastChange = started;
        lastDone = 0;
        over = false;
        sampleStart = 0;
        sampleEnd = 0;
    }

    /// To be called in each round of a loop.
    ///
    /// @param done messages so far
    /// @throws ToolException when nothing happened for long
    void look(long done) {
        if (++rounds % ROUNDS_PER_LOOK == 0) {
            lookNow(done);
        }
    }

    private void lookNow(long done) {
        long now = System.nanoTime();
        if (done != lastDone) {
            lastDone = done;
            lastChange = now;
        } else if (now - lastChange > PATIENCE_NANOS) {
            throw new ToolException(
                    "nothing happened for "
                            + TimeUnit.NANOSECONDS.toSeconds(PATIENCE_NANOS)
                            + " seconds");
        }
        progress.show(now - started, done);
        if (duration > 0) {
            sample(now, done);
        }
    }

    private void sample(long now, long done) {
        long elapsed = now - started;
        if (sampleStart == 0 && elapsed >= margin) {
            sampleStart = now;
            doneAtSampleStart = done;
        }
        if (sampleEnd == 0 && elapsed >= duration - margin) {
            sampleEnd = now;
            doneAtSampleEnd = done;
        }
        over = elapsed >= duration;
    }

    /// Whether a run by time has come to its end.
    boolean isOver() {
        return over;
    }

    /// Whether a run by time is in the part that counts.
    boolean isSampling() {
        return sampleStart != 0 && sampleEnd == 0;
    }

    /// Messages in the part of a run by time that counts.
    long sampledMessages() {
        return doneAtSampleEnd - doneAtSampleStart;
    }

    long sampledNanos() {
        return sampleEnd - sampleStart;
    }
}
