package org.softverbs.soft.wire.roce;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.wire.Flyweight;

/**
 * Invalidate extended transport header.
 *
 * <pre>
 * +---------------------------------------------------------------+
 * |                            R_Key                              |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class IethFlyweight extends Flyweight {

    /** Header length in bytes. */
    public static final int LENGTH = 4;

    private static final int REMOTE_KEY_OFFSET = 0;

    /** Points this view at the header that starts at {@code offset}. */
    public IethFlyweight wrap(MemorySegment segment, long offset) {
        wrapBytes(segment, offset, LENGTH);
        return this;
    }

    /** The key of the receiver to invalidate. */
    public int remoteKey() {
        return i32(REMOTE_KEY_OFFSET);
    }

    /** Sets the key of the receiver to invalidate. */
    public IethFlyweight remoteKey(int value) {
        i32(REMOTE_KEY_OFFSET, value);
        return this;
    }
}
