package org.softverbs.soft.wire.roce;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.wire.Flyweight;

/**
 * Atomic acknowledge extended transport header; it follows the {@link AethFlyweight}.
 *
 * <pre>
 * +---------------------------------------------------------------+
 * |                   Original remote data (64)                   |
 * |                                                               |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class AtomicAckEthFlyweight extends Flyweight {

    /** Header length in bytes. */
    public static final int LENGTH = 8;

    private static final int ORIGINAL_VALUE_OFFSET = 0;

    /** Points this view at the header that starts at {@code offset}. */
    public AtomicAckEthFlyweight wrap(MemorySegment segment, long offset) {
        wrapBytes(segment, offset, LENGTH);
        return this;
    }

    /** The eight bytes before the operation. */
    public long originalValue() {
        return u64(ORIGINAL_VALUE_OFFSET);
    }

    /** Sets the eight bytes before the operation. */
    public AtomicAckEthFlyweight originalValue(long value) {
        u64(ORIGINAL_VALUE_OFFSET, value);
        return this;
    }
}
