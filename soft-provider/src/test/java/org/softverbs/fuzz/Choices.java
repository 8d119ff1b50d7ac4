package org.softverbs.fuzz;

/// Decisions, read from the bytes of an input. Behind its end every byte is 255, which decides for
/// what is least unusual.
final class Choices {

    private static final int OCTET = 0xff;

    private byte[] bytes = new byte[0];
    private int at;

    void start(byte[] input) {
        bytes = input;
        at = 0;
    }

    boolean isDone() {
        return at >= bytes.length;
    }

    int octet() {
        return isDone() ? OCTET : bytes[at++] & OCTET;
    }

    int u16() {
        return octet() << 8 | octet();
    }

    int u32() {
        return u16() << 16 | u16();
    }

    long u64() {
        return ((long) u32() << 32) | (u32() & 0xffff_ffffL);
    }

    /// A number from 0 to below `bound`.
    int below(int bound) {
        return (bound <= OCTET + 1 ? octet() : u16()) % bound;
    }

    /// True for so many of 256 bytes, the least ones.
    boolean chance(int of256) {
        return octet() < of256;
    }

    int oneOf(int... values) {
        return values[below(values.length)];
    }

    long oneOf(long... values) {
        return values[below(values.length)];
    }
}
