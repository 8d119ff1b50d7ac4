package org.softverbs.soft.wire.mad;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.wire.Flyweight;

/**
 * APR: answers an offered path. For tools: softverbs migrates no paths. Offsets count from the end
 * of the MAD header.
 *
 * <pre>
 *    0  32 bits          localCommunicationId
 *    4  32 bits          remoteCommunicationId
 *    8  8 bits           infoLength
 *    9  8 bits           status
 *   10  16 bits          reserved10
 *   12  72 bytes         additionalInfo
 *   84  148 bytes        privateData
 * </pre>
 */
public final class CmAlternatePathResponseFlyweight extends Flyweight {

    /** Length in bytes, the private data included. */
    public static final int LENGTH = 232;

    private static final int LOCAL_COMMUNICATION_ID_OFFSET = 0;
    private static final int REMOTE_COMMUNICATION_ID_OFFSET = 4;
    private static final int INFO_LENGTH_OFFSET = 8;
    private static final int STATUS_OFFSET = 9;
    private static final int RESERVED_10_OFFSET = 10;
    private static final int ADDITIONAL_INFO_OFFSET = 12;
    private static final int ADDITIONAL_INFO_LENGTH = 72;
    private static final int PRIVATE_DATA_OFFSET = 84;
    private static final int PRIVATE_DATA_LENGTH = 148;

    /** Points this view at the header that starts at {@code offset}. */
    public CmAlternatePathResponseFlyweight wrap(MemorySegment segment, long offset) {
        wrapBytes(segment, offset, LENGTH);
        return this;
    }

    /** The communication ID of the sender. */
    public int localCommunicationId() {
        return i32(LOCAL_COMMUNICATION_ID_OFFSET);
    }

    /** Sets the communication ID of the sender. */
    public CmAlternatePathResponseFlyweight localCommunicationId(int value) {
        i32(LOCAL_COMMUNICATION_ID_OFFSET, value);
        return this;
    }

    /** The communication ID of the receiver. */
    public int remoteCommunicationId() {
        return i32(REMOTE_COMMUNICATION_ID_OFFSET);
    }

    /** Sets the communication ID of the receiver. */
    public CmAlternatePathResponseFlyweight remoteCommunicationId(int value) {
        i32(REMOTE_COMMUNICATION_ID_OFFSET, value);
        return this;
    }

    /** Bytes of the additional information that count. */
    public int infoLength() {
        return u8(INFO_LENGTH_OFFSET);
    }

    /** Sets bytes of the additional information that count. */
    public CmAlternatePathResponseFlyweight infoLength(int value) {
        u8(INFO_LENGTH_OFFSET, value);
        return this;
    }

    /** The result. */
    public int status() {
        return u8(STATUS_OFFSET);
    }

    /** Sets the result. */
    public CmAlternatePathResponseFlyweight status(int value) {
        u8(STATUS_OFFSET, value);
        return this;
    }

    /** The reserved field. */
    public int reserved10() {
        return u16(RESERVED_10_OFFSET);
    }

    /** Sets the reserved field. */
    public CmAlternatePathResponseFlyweight reserved10(int value) {
        u16(RESERVED_10_OFFSET, value);
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
