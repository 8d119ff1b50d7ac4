package org.softverbs.soft.wire.mad;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.wire.Flyweight;

/**
 * DREQ: asks to end a connection. Offsets count from the end of the MAD header.
 *
 * <pre>
 *    0  32 bits          localCommunicationId
 *    4  32 bits          remoteCommunicationId
 *    8  24 bits          remoteQpn
 *   11  8 bits           reserved11
 *   12  220 bytes        privateData
 * </pre>
 */
public final class CmDisconnectRequestFlyweight extends Flyweight {

    /** Length in bytes, the private data included. */
    public static final int LENGTH = 232;

    private static final int LOCAL_COMMUNICATION_ID_OFFSET = 0;
    private static final int REMOTE_COMMUNICATION_ID_OFFSET = 4;
    private static final int REMOTE_QPN_OFFSET = 8;
    private static final int RESERVED_11_OFFSET = 11;
    private static final int PRIVATE_DATA_OFFSET = 12;
    private static final int PRIVATE_DATA_LENGTH = 220;

    /** Points this view at the header that starts at {@code offset}. */
    public CmDisconnectRequestFlyweight wrap(MemorySegment segment, long offset) {
        wrapBytes(segment, offset, LENGTH);
        return this;
    }

    /** The communication ID of the sender. */
    public int localCommunicationId() {
        return i32(LOCAL_COMMUNICATION_ID_OFFSET);
    }

    /** Sets the communication ID of the sender. */
    public CmDisconnectRequestFlyweight localCommunicationId(int value) {
        i32(LOCAL_COMMUNICATION_ID_OFFSET, value);
        return this;
    }

    /** The communication ID of the receiver. */
    public int remoteCommunicationId() {
        return i32(REMOTE_COMMUNICATION_ID_OFFSET);
    }

    /** Sets the communication ID of the receiver. */
    public CmDisconnectRequestFlyweight remoteCommunicationId(int value) {
        i32(REMOTE_COMMUNICATION_ID_OFFSET, value);
        return this;
    }

    /** The queue pair number of the receiver. */
    public int remoteQpn() {
        return u24(REMOTE_QPN_OFFSET);
    }

    /** Sets the queue pair number of the receiver. */
    public CmDisconnectRequestFlyweight remoteQpn(int value) {
        u24(REMOTE_QPN_OFFSET, value);
        return this;
    }

    /** The reserved byte. */
    public int reserved11() {
        return u8(RESERVED_11_OFFSET);
    }

    /** Sets the reserved byte. */
    public CmDisconnectRequestFlyweight reserved11(int value) {
        u8(RESERVED_11_OFFSET, value);
        return this;
    }

    /** The private data, 220 bytes: a view to read and write. */
    public MemorySegment privateData() {
        return slice(PRIVATE_DATA_OFFSET, PRIVATE_DATA_LENGTH);
    }
}
