package org.softverbs.ulp.perf;

/// Where in a buffer the messages of one size lie. Small ones take turns in a few cache lines, as
/// perftest has it, so that they do not all meet in one.
///
/// @param slots places
/// @param stride bytes from one to the next
record BufferCycle(int slots, int stride) {

    /// Bytes that small messages take turns in.
    static final int LENGTH = 4096;

    /// The places for messages of one size.
    ///
    /// @param length bytes that the ends agreed to take turns in
    /// @param line bytes of a cache line, as agreed
    static BufferCycle of(int size, int length, int line) {
        if (size > length / 2) {
            return new BufferCycle(1, 0);
        }
        int stride = Math.max(line, (size + line - 1) / line * line);
        return new BufferCycle(length / stride, stride);
    }

    /// One place for all.
    static BufferCycle fixed() {
        return new BufferCycle(1, 0);
    }

    long offset(long sequence) {
        return sequence % slots * stride;
    }
}
