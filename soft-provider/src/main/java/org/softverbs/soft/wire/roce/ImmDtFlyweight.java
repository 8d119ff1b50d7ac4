package org.softverbs.soft.wire.roce;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.wire.Flyweight;

/**
 * Immediate data: four bytes handed to the receiver in its completion.
 *
 * <pre>
 * +---------------------------------------------------------------+
 * |                        Immediate data                         |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class ImmDtFlyweight extends Flyweight {

    /** Header length in bytes. */
    public static final int LENGTH = 4;

    private static final int IMMEDIATE_OFFSET = 0;

    /** Points this view at the header that starts at {@code offset}. */
    public ImmDtFlyweight wrap(MemorySegment segment, long offset) {
        wrapBytes(segment, offset, LENGTH);
        return this;
    }

    /** The four bytes as a big-endian number. */
    public int immediate() {
        return i32(IMMEDIATE_OFFSET);
    }

    /** Sets the four bytes as a big-endian number. */
    public ImmDtFlyweight immediate(int value) {
        i32(IMMEDIATE_OFFSET, value);
        return this;
    }
}
