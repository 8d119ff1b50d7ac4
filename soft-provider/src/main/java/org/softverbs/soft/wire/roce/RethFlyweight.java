package org.softverbs.soft.wire.roce;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.wire.Flyweight;

/**
 * RDMA extended transport header: the remote range of a WRITE or READ.
 *
 * <pre>
 * +---------------------------------------------------------------+
 * |                      Virtual address (64)                     |
 * |                                                               |
 * +---------------------------------------------------------------+
 * |                            R_Key                              |
 * +---------------------------------------------------------------+
 * |                          DMA length                           |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class RethFlyweight extends Flyweight {

    /** Header length in bytes. */
    public static final int LENGTH = 16;

    private static final int VIRTUAL_ADDRESS_OFFSET = 0;
    private static final int REMOTE_KEY_OFFSET = 8;
    private static final int DMA_LENGTH_OFFSET = 12;

    /** Points this view at the header that starts at {@code offset}. */
    public RethFlyweight wrap(MemorySegment segment, long offset) {
        wrapBytes(segment, offset, LENGTH);
        return this;
    }

    /** First byte of the remote range; unsigned. */
    public long virtualAddress() {
        return u64(VIRTUAL_ADDRESS_OFFSET);
    }

    /** Sets the first byte of the remote range. */
    public RethFlyweight virtualAddress(long value) {
        u64(VIRTUAL_ADDRESS_OFFSET, value);
        return this;
    }

    /** Key of the remote region. */
    public int remoteKey() {
        return i32(REMOTE_KEY_OFFSET);
    }

    /** Sets the key of the remote region. */
    public RethFlyweight remoteKey(int value) {
        i32(REMOTE_KEY_OFFSET, value);
        return this;
    }

    /** Bytes of the whole message, 0 to 2<sup>32</sup>-1; legal to 2<sup>31</sup>. */
    public long dmaLength() {
        return u32(DMA_LENGTH_OFFSET);
    }

    /** Sets the bytes of the whole message. */
    public RethFlyweight dmaLength(long value) {
        i32(DMA_LENGTH_OFFSET, (int) value);
        return this;
    }
}
