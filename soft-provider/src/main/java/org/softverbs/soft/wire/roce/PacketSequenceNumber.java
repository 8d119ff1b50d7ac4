package org.softverbs.soft.wire.roce;

/**
 * Arithmetic on 24-bit sequence numbers (PSN and MSN), modulo 2<sup>24</sup>. A number is an int in
 * 0..0xFFFFFF; every method accepts any int and looks at its low 24 bits only.
 *
 * <p>Comparison is by the signed 24-bit difference, so it is meaningful for numbers less than
 * 2<sup>23</sup> apart. At a distance of exactly 2<sup>23</sup> the difference is -2<sup>23</sup>:
 * each is behind the other, which a responder treats as a duplicate.
 */
public final class PacketSequenceNumber {

    /** The 24 bits; also the largest number. */
    public static final int MASK = 0xff_ffff;

    private static final int UNUSED_BITS = Integer.SIZE - 24;

    private PacketSequenceNumber() {}

    /** {@code psn + count}; count may be negative. */
    public static int add(int psn, int count) {
        return (psn + count) & MASK;
    }

    /** The number after this one. */
    public static int next(int psn) {
        return (psn + 1) & MASK;
    }

    /** The number before this one. */
    public static int previous(int psn) {
        return (psn - 1) & MASK;
    }

    /** {@code left - right} as a signed 24-bit number, -2<sup>23</sup> to 2<sup>23</sup>-1. */
    public static int difference(int left, int right) {
        return (left - right) << UNUSED_BITS >> UNUSED_BITS;
    }

    /** Steps forward from {@code from} to {@code to}, 0 to 2<sup>24</sup>-1. */
    public static int distance(int from, int to) {
        return (to - from) & MASK;
    }

    /** Whether {@code left} comes before {@code right}. */
    public static boolean isBefore(int left, int right) {
        return difference(left, right) < 0;
    }

    /** Whether {@code left} comes after {@code right}. */
    public static boolean isAfter(int left, int right) {
        return difference(left, right) > 0;
    }

    /** Whether {@code psn} is one of the {@code count} numbers that begin with {@code first}. */
    public static boolean isWithin(int psn, int first, int count) {
        return distance(first, psn) < count;
    }
}
