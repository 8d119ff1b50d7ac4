package org.softverbs.soft.wire.mad;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.wire.Flyweight;

/**
 * MRA: the answer will take longer. Offsets count from the end of the MAD header.
 *
 * <pre>
 *    0  32 bits          localCommunicationId
 *    4  32 bits          remoteCommunicationId
 *    8  2 bits at bit 6  messageReceived
 *    8  6 bits at bit 0  reserved8
 *    9  5 bits at bit 3  serviceTimeout
 *    9  3 bits at bit 0  reserved9
 *   10  222 bytes        privateData
 * </pre>
 */
public final class CmMessageReceiptFlyweight extends Flyweight {

    /** Length in bytes, the private data included. */
    public static final int LENGTH = 232;

    private static final int LOCAL_COMMUNICATION_ID_OFFSET = 0;
    private static final int REMOTE_COMMUNICATION_ID_OFFSET = 4;
    private static final int MESSAGE_RECEIVED_OFFSET = 8;
    private static final int MESSAGE_RECEIVED_SHIFT = 6;
    private static final int MESSAGE_RECEIVED_WIDTH = 2;
    private static final int RESERVED_8_OFFSET = 8;
    private static final int RESERVED_8_SHIFT = 0;
    private static final int RESERVED_8_WIDTH = 6;
    private static final int SERVICE_TIMEOUT_OFFSET = 9;
    private static final int SERVICE_TIMEOUT_SHIFT = 3;
    private static final int SERVICE_TIMEOUT_WIDTH = 5;
    private static final int RESERVED_9_OFFSET = 9;
    private static final int RESERVED_9_SHIFT = 0;
    private static final int RESERVED_9_WIDTH = 3;
    private static final int PRIVATE_DATA_OFFSET = 10;
    private static final int PRIVATE_DATA_LENGTH = 222;

    /** Points this view at the header that starts at {@code offset}. */
    public CmMessageReceiptFlyweight wrap(MemorySegment segment, long offset) {
        wrapBytes(segment, offset, LENGTH);
        return this;
    }

    /** The communication ID of the sender. */
    public int localCommunicationId() {
        return i32(LOCAL_COMMUNICATION_ID_OFFSET);
    }

    /** Sets the communication ID of the sender. */
    public CmMessageReceiptFlyweight localCommunicationId(int value) {
        i32(LOCAL_COMMUNICATION_ID_OFFSET, value);
        return this;
    }

    /** The communication ID of the receiver. */
    public int remoteCommunicationId() {
        return i32(REMOTE_COMMUNICATION_ID_OFFSET);
    }

    /** Sets the communication ID of the receiver. */
    public CmMessageReceiptFlyweight remoteCommunicationId(int value) {
        i32(REMOTE_COMMUNICATION_ID_OFFSET, value);
        return this;
    }

    /** What is acknowledged; 0 REQ, 1 REP, 2 LAP. */
    public int messageReceived() {
        return bits8(MESSAGE_RECEIVED_OFFSET, MESSAGE_RECEIVED_SHIFT, MESSAGE_RECEIVED_WIDTH);
    }

    /** Sets what is acknowledged. */
    public CmMessageReceiptFlyweight messageReceived(int value) {
        bits8(MESSAGE_RECEIVED_OFFSET, MESSAGE_RECEIVED_SHIFT, MESSAGE_RECEIVED_WIDTH, value);
        return this;
    }

    /** The reserved bits. */
    public int reserved8() {
        return bits8(RESERVED_8_OFFSET, RESERVED_8_SHIFT, RESERVED_8_WIDTH);
    }

    /** Sets the reserved bits. */
    public CmMessageReceiptFlyweight reserved8(int value) {
        bits8(RESERVED_8_OFFSET, RESERVED_8_SHIFT, RESERVED_8_WIDTH, value);
        return this;
    }

    /** How long the answer may take; exponent. */
    public int serviceTimeout() {
        return bits8(SERVICE_TIMEOUT_OFFSET, SERVICE_TIMEOUT_SHIFT, SERVICE_TIMEOUT_WIDTH);
    }

    /** Sets how long the answer may take. */
    public CmMessageReceiptFlyweight serviceTimeout(int value) {
        bits8(SERVICE_TIMEOUT_OFFSET, SERVICE_TIMEOUT_SHIFT, SERVICE_TIMEOUT_WIDTH, value);
        return this;
    }

    /** The reserved bits beside the timeout. */
    public int reserved9() {
        return bits8(RESERVED_9_OFFSET, RESERVED_9_SHIFT, RESERVED_9_WIDTH);
    }

    /** Sets the reserved bits beside the timeout. */
    public CmMessageReceiptFlyweight reserved9(int value) {
        bits8(RESERVED_9_OFFSET, RESERVED_9_SHIFT, RESERVED_9_WIDTH, value);
        return this;
    }

    /** The private data, 222 bytes: a view to read and write. */
    public MemorySegment privateData() {
        return slice(PRIVATE_DATA_OFFSET, PRIVATE_DATA_LENGTH);
    }
}
