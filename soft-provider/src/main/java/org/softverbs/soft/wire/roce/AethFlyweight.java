package org.softverbs.soft.wire.roce;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.wire.Flyweight;

/**
 * Acknowledge extended transport header.
 *
 * <pre>
 * +---------------+-----------------------------------------------+
 * |   Syndrome    |                     MSN                       |
 * +---------------+-----------------------------------------------+
 * </pre>
 */
public final class AethFlyweight extends Flyweight {

    /** Header length in bytes. */
    public static final int LENGTH = 4;

    private static final int SYNDROME_OFFSET = 0;
    private static final int MSN_OFFSET = 1;

    /** Points this view at the header that starts at {@code offset}. */
    public AethFlyweight wrap(MemorySegment segment, long offset) {
        wrapBytes(segment, offset, LENGTH);
        return this;
    }

    /** What is acknowledged or refused; see {@link AckSyndrome}. */
    public int syndrome() {
        return u8(SYNDROME_OFFSET);
    }

    /** Sets the syndrome. */
    public AethFlyweight syndrome(int value) {
        u8(SYNDROME_OFFSET, value);
        return this;
    }

    /** Messages that the responder completed, 24 bits. */
    public int messageSequenceNumber() {
        return u24(MSN_OFFSET);
    }

    /** Sets the message sequence number. */
    public AethFlyweight messageSequenceNumber(int value) {
        u24(MSN_OFFSET, value);
        return this;
    }
}
