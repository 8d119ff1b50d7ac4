package org.softverbs.soft.wire.roce;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.wire.Flyweight;

/**
 * Reliable datagram extended transport header. For tools: softverbs speaks no RD.
 *
 * <pre>
 * +---------------+-----------------------------------------------+
 * |    resv 8     |                  EE context                   |
 * +---------------+-----------------------------------------------+
 * </pre>
 */
public final class RdethFlyweight extends Flyweight {

    /** Header length in bytes. */
    public static final int LENGTH = 4;

    private static final int RESERVED_OFFSET = 0;
    private static final int EE_CONTEXT_OFFSET = 1;

    /** Points this view at the header that starts at {@code offset}. */
    public RdethFlyweight wrap(MemorySegment segment, long offset) {
        wrapBytes(segment, offset, LENGTH);
        return this;
    }

    /** The reserved byte. */
    public int reserved() {
        return u8(RESERVED_OFFSET);
    }

    /** Sets the reserved byte. */
    public RdethFlyweight reserved(int value) {
        u8(RESERVED_OFFSET, value);
        return this;
    }

    /** End-to-end context, 24 bits. */
    public int endToEndContext() {
        return u24(EE_CONTEXT_OFFSET);
    }

    /** Sets the end-to-end context. */
    public RdethFlyweight endToEndContext(int value) {
        u24(EE_CONTEXT_OFFSET, value);
        return this;
    }
}
