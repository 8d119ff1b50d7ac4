package org.softverbs.soft.wire.roce;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.wire.Flyweight;

/**
 * Datagram extended transport header.
 *
 * <pre>
 * +---------------------------------------------------------------+
 * |                            Q_Key                              |
 * +---------------+-----------------------------------------------+
 * |    resv 8     |                  Source QPN                   |
 * +---------------+-----------------------------------------------+
 * </pre>
 */
public final class DethFlyweight extends Flyweight {

    /** Header length in bytes. */
    public static final int LENGTH = 8;

    private static final int QUEUE_KEY_OFFSET = 0;
    private static final int RESERVED_OFFSET = 4;
    private static final int SOURCE_QPN_OFFSET = 5;

    /** Points this view at the header that starts at {@code offset}. */
    public DethFlyweight wrap(MemorySegment segment, long offset) {
        wrapBytes(segment, offset, LENGTH);
        return this;
    }

    /** Q_Key that the destination queue pair must hold. */
    public int queueKey() {
        return i32(QUEUE_KEY_OFFSET);
    }

    /** Sets the queue key. */
    public DethFlyweight queueKey(int value) {
        i32(QUEUE_KEY_OFFSET, value);
        return this;
    }

    /** The reserved byte. */
    public int reserved() {
        return u8(RESERVED_OFFSET);
    }

    /** Sets the reserved byte. */
    public DethFlyweight reserved(int value) {
        u8(RESERVED_OFFSET, value);
        return this;
    }

    /** Queue pair number of the sender, 24 bits. */
    public int sourceQpn() {
        return u24(SOURCE_QPN_OFFSET);
    }

    /** Sets the queue pair number of the sender. */
    public DethFlyweight sourceQpn(int value) {
        u24(SOURCE_QPN_OFFSET, value);
        return this;
    }
}
