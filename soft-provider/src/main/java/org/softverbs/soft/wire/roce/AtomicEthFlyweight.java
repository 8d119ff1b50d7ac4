package org.softverbs.soft.wire.roce;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.wire.Flyweight;

/**
 * Atomic extended transport header: operands of CMP_SWAP and FETCH_ADD.
 *
 * <pre>
 * +---------------------------------------------------------------+
 * |                      Virtual address (64)                     |
 * |                                                               |
 * +---------------------------------------------------------------+
 * |                            R_Key                              |
 * +---------------------------------------------------------------+
 * |                     Swap or add data (64)                     |
 * |                                                               |
 * +---------------------------------------------------------------+
 * |                       Compare data (64)                       |
 * |                                                               |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class AtomicEthFlyweight extends Flyweight {

    /** Header length in bytes. */
    public static final int LENGTH = 28;

    private static final int VIRTUAL_ADDRESS_OFFSET = 0;
    private static final int REMOTE_KEY_OFFSET = 8;
    private static final int SWAP_OR_ADD_OFFSET = 12;
    private static final int COMPARE_OFFSET = 20;

    /** Points this view at the header that starts at {@code offset}. */
    public AtomicEthFlyweight wrap(MemorySegment segment, long offset) {
        wrapBytes(segment, offset, LENGTH);
        return this;
    }

    /** The eight bytes to operate on; unsigned, a multiple of eight. */
    public long virtualAddress() {
        return u64(VIRTUAL_ADDRESS_OFFSET);
    }

    /** Sets the address to operate on. */
    public AtomicEthFlyweight virtualAddress(long value) {
        u64(VIRTUAL_ADDRESS_OFFSET, value);
        return this;
    }

    /** Key of the remote region. */
    public int remoteKey() {
        return i32(REMOTE_KEY_OFFSET);
    }

    /** Sets the key of the remote region. */
    public AtomicEthFlyweight remoteKey(int value) {
        i32(REMOTE_KEY_OFFSET, value);
        return this;
    }

    /** Value to store if equal, or to add. */
    public long swapOrAdd() {
        return u64(SWAP_OR_ADD_OFFSET);
    }

    /** Sets the value to store if equal, or to add. */
    public AtomicEthFlyweight swapOrAdd(long value) {
        u64(SWAP_OR_ADD_OFFSET, value);
        return this;
    }

    /** Value that CMP_SWAP expects; 0 for FETCH_ADD. */
    public long compare() {
        return u64(COMPARE_OFFSET);
    }

    /** Sets the value that CMP_SWAP expects. */
    public AtomicEthFlyweight compare(long value) {
        u64(COMPARE_OFFSET, value);
        return this;
    }
}
