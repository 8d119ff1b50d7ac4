package org.softverbs.soft.wire.mad;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.wire.Flyweight;

/**
 * REJ: refuses a message or gives up. Offsets count from the end of the MAD header.
 *
 * <pre>
 *    0  32 bits          localCommunicationId
 *    4  32 bits          remoteCommunicationId
 *    8  2 bits at bit 6  messageRejected
 *    8  6 bits at bit 0  reserved8
 *    9  7 bits at bit 1  infoLength
 *    9  1 bits at bit 0  reserved9
 *   10  16 bits          reason
 *   12  72 bytes         additionalInfo
 *   84  148 bytes        privateData
 * </pre>
 */
public final class CmRejectFlyweight extends Flyweight {

    /** Length in bytes, the private data included. */
    public static final int LENGTH = 232;

    private static final int LOCAL_COMMUNICATION_ID_OFFSET = 0;
    private static final int REMOTE_COMMUNICATION_ID_OFFSET = 4;
    private static final int MESSAGE_REJECTED_OFFSET = 8;
    private static final int MESSAGE_REJECTED_SHIFT = 6;
    private static final int MESSAGE_REJECTED_WIDTH = 2;
    private static final int RESERVED_8_OFFSET = 8;
    private static final int RESERVED_8_SHIFT = 0;
    private static final int RESERVED_8_WIDTH = 6;
    private static final int INFO_LENGTH_OFFSET = 9;
    private static final int INFO_LENGTH_SHIFT = 1;
    private static final int INFO_LENGTH_WIDTH = 7;
    private static final int RESERVED_9_OFFSET = 9;
    private static final int RESERVED_9_SHIFT = 0;
    private static final int RESERVED_9_WIDTH = 1;
    private static final int REASON_OFFSET = 10;
    private static final int ADDITIONAL_INFO_OFFSET = 12;
    private static final int ADDITIONAL_INFO_LENGTH = 72;
    private static final int PRIVATE_DATA_OFFSET = 84;
    private static final int PRIVATE_DATA_LENGTH = 148;

    /** Points this view at the header that starts at {@code offset}. */
    public CmRejectFlyweight wrap(MemorySegment segment, long offset) {
        wrapBytes(segment, offset, LENGTH);
        return this;
    }

    /** The communication ID of the sender. */
    public int localCommunicationId() {
        return i32(LOCAL_COMMUNICATION_ID_OFFSET);
    }

    /** Sets the communication ID of the sender. */
    public CmRejectFlyweight localCommunicationId(int value) {
        i32(LOCAL_COMMUNICATION_ID_OFFSET, value);
        return this;
    }

    /** The communication ID of the receiver. */
    public int remoteCommunicationId() {
        return i32(REMOTE_COMMUNICATION_ID_OFFSET);
    }

    /** Sets the communication ID of the receiver. */
    public CmRejectFlyweight remoteCommunicationId(int value) {
        i32(REMOTE_COMMUNICATION_ID_OFFSET, value);
        return this;
    }

    /** What is refused; 0 REQ, 1 REP, 2 other. */
    public int messageRejected() {
        return bits8(MESSAGE_REJECTED_OFFSET, MESSAGE_REJECTED_SHIFT, MESSAGE_REJECTED_WIDTH);
    }

    /** Sets what is refused. */
    public CmRejectFlyweight messageRejected(int value) {
        bits8(MESSAGE_REJECTED_OFFSET, MESSAGE_REJECTED_SHIFT, MESSAGE_REJECTED_WIDTH, value);
        return this;
    }

    /** The reserved bits. */
    public int reserved8() {
        return bits8(RESERVED_8_OFFSET, RESERVED_8_SHIFT, RESERVED_8_WIDTH);
    }

    /** Sets the reserved bits. */
    public CmRejectFlyweight reserved8(int value) {
        bits8(RESERVED_8_OFFSET, RESERVED_8_SHIFT, RESERVED_8_WIDTH, value);
        return this;
    }

    /** Bytes of the additional information that count. */
    public int infoLength() {
        return bits8(INFO_LENGTH_OFFSET, INFO_LENGTH_SHIFT, INFO_LENGTH_WIDTH);
    }

    /** Sets bytes of the additional information that count. */
    public CmRejectFlyweight infoLength(int value) {
        bits8(INFO_LENGTH_OFFSET, INFO_LENGTH_SHIFT, INFO_LENGTH_WIDTH, value);
        return this;
    }

    /** The reserved bit. */
    public int reserved9() {
        return bits8(RESERVED_9_OFFSET, RESERVED_9_SHIFT, RESERVED_9_WIDTH);
    }

    /** Sets the reserved bit. */
    public CmRejectFlyweight reserved9(int value) {
        bits8(RESERVED_9_OFFSET, RESERVED_9_SHIFT, RESERVED_9_WIDTH, value);
        return this;
    }

    /** The reason. */
    public int reason() {
        return u16(REASON_OFFSET);
    }

    /** Sets the reason. */
    public CmRejectFlyweight reason(int value) {
        u16(REASON_OFFSET, value);
        return this;
    }

    /** The additional information, 72 bytes: a view to read and write. */
    public MemorySegment additionalInfo() {
        return slice(ADDITIONAL_INFO_OFFSET, ADDITIONAL_INFO_LENGTH);
    }

    /** The private data, 148 bytes: a view to read and write. */
    public MemorySegment privateData() {
        return slice(PRIVATE_DATA_OFFSET, PRIVATE_DATA_LENGTH);
    }
}
