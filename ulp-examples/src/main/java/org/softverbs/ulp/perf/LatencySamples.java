package org.softverbs.ulp.perf;

import java.util.Arrays;

/// Times from one message to the next. Takes samples without allocating; of very many it keeps the
/// last ones.
final class LatencySamples {

    /// Samples kept of a run by time.
    static final int MOST = 1 << 20;

    /// The figures of a run, in microseconds.
    ///
    /// @param size bytes of a message
    /// @param iterations messages
    /// @param min the shortest
    /// @param max the longest
    /// @param median half are shorter; perftest calls it typical
    /// @param average mean
    /// @param deviation standard deviation
    /// @param p99 99 of 100 are shorter
    /// @param p999 999 of 1000 are shorter
    record Figures(
            int size,
            long iterations,
            double min,
            double max,
            double median,
            double average,
            double deviation,
            double p99,
            double p999) {}

    private static final double NANOS_PER_MICRO = 1e3;
    private static final double P99 = 0.99;
    private static final double P999 = 0.999;

    private final long[] deltas;
    private long last;
    private long count;
    private boolean hasLast;

    LatencySamples(int capacity) {
        deltas = new long[Math.max(1, capacity)];
    }

    /// A message starts now.
    void stamp() {
        long now = System.nanoTime();
        if (hasLast) {
            deltas[(int) (count % deltas.length)] = now - last;
            count++;
        }
        last = now;
        hasLast = true;
    }

    /// What comes next is not counted.
    void pause() {
        hasLast = false;
    }

    /// Sums up.
    ///
    /// @param legs messages that go one after the other between two stamps
    Figures figures(int size, long iterations, int legs) {
        int kept = (int) Math.min(count, deltas.length);
        if (kept == 0) {
            return new Figures(size, iterations, 0, 0, 0, 0, 0, 0, 0);
        }
        long[] sorted = Arrays.copyOf(deltas, kept);
        Arrays.sort(sorted);
        double unit = NANOS_PER_MICRO * legs;
        double average = Arrays.stream(sorted).average().orElse(0) / unit;
        double squares = 0;
        for (long delta : sorted) {
            double difference = delta / unit - average;
            squares += difference * difference;
        }
        return new Figures(
                size,
                iterations,
                sorted[0] / unit,
                sorted[kept - 1] / unit,
                sorted[kept / 2] / unit,
                average,
                Math.sqrt(squares / kept),
                percentile(sorted, P99) / unit,
                percentile(sorted, P999) / unit);
    }

    private static long percentile(long[] sorted, double part) {
        int index = (int) Math.ceil(sorted.length * part) - 1;
        return sorted[Math.clamp(index, 0, sorted.length - 1)];
    }
}
