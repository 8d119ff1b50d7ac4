package org.softverbs.ulp.perf;

import java.nio.ByteBuffer;

/// What a bandwidth test found out, as the ends tell each other: five numbers of eight bytes, big
/// endian, each exchanged by itself.
///
/// @param size bytes of a message
/// @param iterations messages of all queue pairs together
/// @param peak best rate of any stretch in MiB/s, 0 when not measured
/// @param average rate of the whole run in MiB/s
/// @param messageRate millions of messages a second
record BandwidthReport(
        long size, long iterations, double peak, double average, double messageRate) {

    /// Eights of bytes.
    static final int WORDS = 5;

    private static final double MEBIBYTE = 1 << 20;
    private static final double NANOS = 1e9;
    private static final double MILLION = 1e6;

    /// The report of an end that measured nothing.
    static BandwidthReport none() {
        return new BandwidthReport(0, 0, 0, 0, 0);
    }

    /// The figures of so many messages in so much time.
    static BandwidthReport of(long size, long messages, long nanos, double peakNanosPerMessage) {
        double perSecond = nanos > 0 ? messages * NANOS / nanos : 0;
        double peakPerSecond = peakNanosPerMessage > 0 ? NANOS / peakNanosPerMessage : 0;
        return new BandwidthReport(
                size,
                messages,
                peakPerSecond * size / MEBIBYTE,
                perSecond * size / MEBIBYTE,
                perSecond / MILLION);
    }

    byte[] word(int index) {
        long bits =
                switch (index) {
                    case 0 -> size;
                    case 1 -> iterations;
                    case 2 -> Double.doubleToRawLongBits(peak);
                    case 3 -> Double.doubleToRawLongBits(average);
                    default -> Double.doubleToRawLongBits(messageRate);
                };
        return ByteBuffer.allocate(Long.BYTES).putLong(bits).array();
    }

    static BandwidthReport ofWords(byte[][] words) {
        long[] bits = new long[WORDS];
        for (int i = 0; i < WORDS; i++) {
            bits[i] = ByteBuffer.wrap(words[i]).getLong();
        }
        return new BandwidthReport(
                bits[0],
                bits[1],
                Double.longBitsToDouble(bits[2]),
                Double.longBitsToDouble(bits[3]),
                Double.longBitsToDouble(bits[4]));
    }
}
