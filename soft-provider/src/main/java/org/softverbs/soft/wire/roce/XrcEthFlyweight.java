package org.softverbs.soft.wire.roce;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.wire.Flyweight;

/**
 * XRC extended transport header, right behind the BTH of every request of the service (InfiniBand
 * annex A14).
 *
 * <pre>
 * +---------------+-----------------------------------------------+
 * |    resv 8     |                   XRC SRQ                     |
 * +---------------+-----------------------------------------------+
 * </pre>
 */
public final class XrcEthFlyweight extends Flyweight {

    /** Header length in bytes. */
    public static final int LENGTH = 4;

    private static final int RESERVED_OFFSET = 0;
    private static final int QUEUE_OFFSET = 1;

    /** Points this view at the header that starts at {@code offset}. */
    public XrcEthFlyweight wrap(MemorySegment segment, long offset) {
        wrapBytes(segment, offset, LENGTH);
        return this;
    }

    /** The reserved byte. */
    public int reserved() {
        return u8(RESERVED_OFFSET);
    }

    /** Sets the reserved byte. */
    public XrcEthFlyweight reserved(int value) {
        u8(RESERVED_OFFSET, value);
        return this;
    }

    /** Number of the shared receive queue that the request is for, 24 bits. */
    public int sharedReceiveQueue() {
        return u24(QUEUE_OFFSET);
    }

    /** Sets the number of the shared receive queue. */
    public XrcEthFlyweight sharedReceiveQueue(int value) {
        u24(QUEUE_OFFSET, value);
        return this;
    }
}
