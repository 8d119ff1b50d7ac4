package org.softverbs.soft.bench;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLongArray;

/// How long a cache line takes from one CPU to another and back: the placement of the CPUs, which
/// moves every figure that crosses them.
public final class LineRoundTrip {

    private static final int ROUNDS = 200_000;
    private static final int SAMPLES = 7;
    private static final int PING = 128;
    private static final int PONG = 512;

    private LineRoundTrip() {}

    /// Prints the median round trip in nanoseconds.
    public static void main(String[] args) throws InterruptedException {
        long[] samples = new long[SAMPLES];
        for (int i = 0; i < SAMPLES; i++) {
            samples[i] = sample();
        }
        Arrays.sort(samples);
        System.out.println(samples[SAMPLES / 2]);
    }

    private static long sample() throws InterruptedException {
        // Far apart in memory, so that the two are not on one line.
        AtomicLongArray lines = new AtomicLongArray(1024);
        Thread echo =
                Thread.ofPlatform()
                        .daemon()
                        .start(
                                () -> {
                                    for (long i = 1; i <= ROUNDS; i++) {
                                        while (lines.getAcquire(PING) != i) {
                                            Thread.onSpinWait();
                                        }
                                        lines.setRelease(PONG, i);
                                    }
                                });
        long start = System.nanoTime();
        for (long i = 1; i <= ROUNDS; i++) {
            lines.setRelease(PING, i);
            while (lines.getAcquire(PONG) != i) {
                Thread.onSpinWait();
            }
        }
        long nanos = System.nanoTime() - start;
        echo.join();
        return nanos / ROUNDS;
    }
}
