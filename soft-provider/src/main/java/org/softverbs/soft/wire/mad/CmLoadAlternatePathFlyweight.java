package org.softverbs.soft.wire.mad;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.wire.Flyweight;

/**
 * LAP: offers an alternate path. For tools: softverbs migrates no paths. Offsets count from the end
 * of the MAD header.
 *
 * <pre>
 *    0  32 bits          localCommunicationId
 *    4  32 bits          remoteCommunicationId
 *    8  32 bits          reserved8
 *   12  24 bits          remoteQpn
 *   15  5 bits at bit 3  remoteResponseTimeout
 *   64  168 bytes        privateData
 * </pre>
 */
public final class CmLoadAlternatePathFlyweight extends Flyweight {

    /** Length in bytes, the private data included. */
    public static final int LENGTH = 232;

    private static final int LOCAL_COMMUNICATION_ID_OFFSET = 0;
    private static final int REMOTE_COMMUNICATION_ID_OFFSET = 4;
    private static final int RESERVED_8_OFFSET = 8;
    private static final int REMOTE_QPN_OFFSET = 12;
    private static final int REMOTE_RESPONSE_TIMEOUT_OFFSET = 15;
    private static final int REMOTE_RESPONSE_TIMEOUT_SHIFT = 3;
    private static final int REMOTE_RESPONSE_TIMEOUT_WIDTH = 5;
    private static final int PRIVATE_DATA_OFFSET = 64;
    private static final int PRIVATE_DATA_LENGTH = 168;

    /** Points this view at the header that starts at {@code offset}. */
    public CmLoadAlternatePathFlyweight wrap(MemorySegment segment, long offset) {
        wrapBytes(segment, offset, LENGTH);
        return this;
    }

    /** The communication ID of the sender. */
    public int localCommunicationId() {
        return i32(LOCAL_COMMUNICATION_ID_OFFSET);
    }

    /** Sets the communication ID of the sender. */
    public CmLoadAlternatePathFlyweight localCommunicationId(int value) {
        i32(LOCAL_COMMUNICATION_ID_OFFSET, value);
        return this;
    }

    /** The communication ID of the receiver. */
    public int remoteCommunicationId() {
        return i32(REMOTE_COMMUNICATION_ID_OFFSET);
    }

    /** Sets the communication ID of the receiver. */
    public CmLoadAlternatePathFlyweight remoteCommunicationId(int value) {
        i32(REMOTE_COMMUNICATION_ID_OFFSET, value);
        return this;
    }

    /** The reserved word. */
    public int reserved8() {
        return i32(RESERVED_8_OFFSET);
    }

    /** Sets the reserved word. */
    public CmLoadAlternatePathFlyweight reserved8(int value) {
        i32(RESERVED_8_OFFSET, value);
        return this;
    }

    /** The queue pair number of the receiver. */
    public int remoteQpn() {
        return u24(REMOTE_QPN_OFFSET);
    }

    /** Sets the queue pair number of the receiver. */
    public CmLoadAlternatePathFlyweight remoteQpn(int value) {
        u24(REMOTE_QPN_OFFSET, value);
        return this;
    }

    /** How long the receiver may take to answer; exponent. */
    public int remoteResponseTimeout() {
        return bits8(
                REMOTE_RESPONSE_TIMEOUT_OFFSET,
                REMOTE_RESPONSE_TIMEOUT_SHIFT,
                REMOTE_RESPONSE_TIMEOUT_WIDTH);
    }

    /** Sets how long the receiver may take to answer. */
    public CmLoadAlternatePathFlyweight remoteResponseTimeout(int value) {
        bits8(
                REMOTE_RESPONSE_TIMEOUT_OFFSET,
                REMOTE_RESPONSE_TIMEOUT_SHIFT,
                REMOTE_RESPONSE_TIMEOUT_WIDTH,
                value);
        return this;
    }

    /** The private data, 168 bytes: a view to read and write. */
    public MemorySegment privateData() {
        return slice(PRIVATE_DATA_OFFSET, PRIVATE_DATA_LENGTH);
    }
}
