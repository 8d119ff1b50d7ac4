package org.softverbs.soft.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * A reusable view of one header in network byte order. Wrapping checks that the whole header lies
 * in the segment; after that no accessor fails and none allocates. Unsigned fields widen in the
 * getter, setters store the low bits that fit.
 */
public abstract class Flyweight {

    /** Unaligned 16-bit value in network byte order. */
    public static final ValueLayout.OfShort U16 =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    /** Unaligned 32-bit value in network byte order. */
    public static final ValueLayout.OfInt U32 =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    /** Unaligned 64-bit value in network byte order. */
    public static final ValueLayout.OfLong U64 =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private MemorySegment segment = MemorySegment.NULL;
    private long base;

    /** Creates a view of nothing. */
    protected Flyweight() {}

    /** The segment of the last {@code wrap}. */
    public final MemorySegment segment() {
        return segment;
    }

    /** Where the header starts in {@link #segment()}, in bytes. */
    public final long offset() {
        return base;
    }

    /**
     * Points this view at {@code length} bytes of {@code bytes}.
     *
     * @throws IndexOutOfBoundsException if they do not all lie in the segment
     */
    protected final void wrapBytes(MemorySegment bytes, long offset, long length) {
        Objects.checkFromIndexSize(offset, length, bytes.byteSize());
        segment = bytes;
        base = offset;
    }

    /** Reads eight bits. */
    protected final int u8(int offset) {
        return segment.get(ValueLayout.JAVA_BYTE, base + offset) & 0xff;
    }

    /** Reads 16 bits. */
    protected final int u16(int offset) {
        return segment.get(U16, base + offset) & 0xffff;
    }

    /** Reads 24 bits. */
    protected final int u24(int offset) {
        return u16(offset) << 8 | u8(offset + 2);
    }

    /** Reads 32 bits. */
    protected final int i32(int offset) {
        return segment.get(U32, base + offset);
    }

    /** Reads 32 bits, widened. */
    protected final long u32(int offset) {
        return Integer.toUnsignedLong(i32(offset));
    }

    /** Reads 64 bits; the value is unsigned. */
    protected final long u64(int offset) {
        return segment.get(U64, base + offset);
    }

    /** Reads {@code width} bits, whose lowest is bit {@code shift} of the byte. */
    protected final int bits8(int offset, int shift, int width) {
        return (u8(offset) >>> shift) & ((1 << width) - 1);
    }

    /** Stores eight bits. */
    protected final void u8(int offset, int value) {
        segment.set(ValueLayout.JAVA_BYTE, base + offset, (byte) value);
    }

    /** Stores 16 bits. */
    protected final void u16(int offset, int value) {
        segment.set(U16, base + offset, (short) value);
    }

    /** Stores 24 bits. */
    protected final void u24(int offset, int value) {
        u16(offset, value >>> 8);
        u8(offset + 2, value);
    }

    /** Stores 32 bits. */
    protected final void i32(int offset, int value) {
        segment.set(U32, base + offset, value);
    }

    /** Stores 64 bits. */
    protected final void u64(int offset, long value) {
        segment.set(U64, base + offset, value);
    }

    /** Stores {@code width} bits and leaves the rest of the byte. */
    protected final void bits8(int offset, int shift, int width, int value) {
        int mask = ((1 << width) - 1) << shift;
        u8(offset, (u8(offset) & ~mask) | ((value << shift) & mask));
    }

    /** Copies {@code target.length} bytes out. */
    protected final void bytes(int offset, byte[] target) {
        MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, base + offset, target, 0, target.length);
    }

    /**
     * Copies {@code source} in.
     *
     * @throws IllegalArgumentException if it is not {@code length} bytes long
     */
    protected final void bytes(int offset, int length, byte[] source) {
        if (source.length != length) {
            throw new IllegalArgumentException(
                    "field is " + length + " bytes, value is " + source.length);
        }
        MemorySegment.copy(source, 0, segment, ValueLayout.JAVA_BYTE, base + offset, length);
    }

    /** A view of {@code length} bytes. */
    protected final MemorySegment slice(int offset, int length) {
        return segment.asSlice(base + offset, length);
    }
}
