package org.softverbs.soft.wire.roce;

/**
 * The 5-bit RNR NAK timer code: how long a requester waits before it tries again. Code 0 is the
 * longest wait, the other codes grow. The table is the specification's; rxe has 61.41 ms for code
 * 25 where the specification has 61.44.
 */
public final class RnrTimer {

    /** Number of codes. */
    public static final int CODES = 32;

    private static final long UNIT_NANOS = 10_000;

    /** Wait of each code in units of 10 us. */
    private static final int[] UNITS = {
        65536, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024,
        1536, 2048, 3072, 4096, 6144, 8192, 12288, 16384, 24576, 32768, 49152
    };

    private RnrTimer() {}

    /**
     * The wait that a code stands for, in nanoseconds; only the low five bits of the code count.
     */
    public static long nanos(int code) {
        return UNITS[code & CODES - 1] * UNIT_NANOS;
    }

    /**
     * The code of the shortest wait that is at least {@code nanos}; code 0 (655.36 ms) when none
     * is.
     *
     * @throws IllegalArgumentException if {@code nanos} is negative
     */
    public static int codeFor(long nanos) {
        if (nanos < 0) {
            throw new IllegalArgumentException("negative RNR wait: " + nanos + " ns");
        }
        for (int code = 1; code < CODES; code++) {
            if (nanos(code) >= nanos) {
                return code;
            }
        }
        return 0;
    }
}
