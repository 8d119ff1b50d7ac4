package org.softverbs.soft.wire.mad;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.wire.Flyweight;

/**
 * SIDR_REP: tells the queue pair of a datagram service. Offsets count from the end of the MAD
 * header.
 *
 * <pre>
 *    0  32 bits          requestId
 *    4  8 bits           status
 *    5  8 bits           infoLength
 *    6  16 bits          vendorIdHigh
 *    8  24 bits          qpn
 *   11  8 bits           vendorIdLow
 *   12  64 bits          serviceId
 *   20  32 bits          queueKey
 *   24  72 bytes         additionalInfo
 *   96  136 bytes        privateData
 * </pre>
 */
public final class CmServiceIdReplyFlyweight extends Flyweight {

    /** Length in bytes, the private data included. */
    public static final int LENGTH = 232;

    private static final int REQUEST_ID_OFFSET = 0;
    private static final int STATUS_OFFSET = 4;
    private static final int INFO_LENGTH_OFFSET = 5;
    private static final int VENDOR_ID_HIGH_OFFSET = 6;
    private static final int QPN_OFFSET = 8;
    private static final int VENDOR_ID_LOW_OFFSET = 11;
    private static final int SERVICE_ID_OFFSET = 12;
    private static final int QUEUE_KEY_OFFSET = 20;
    private static final int ADDITIONAL_INFO_OFFSET = 24;
    private static final int ADDITIONAL_INFO_LENGTH = 72;
    private static final int PRIVATE_DATA_OFFSET = 96;
    private static final int PRIVATE_DATA_LENGTH = 136;

    /** Points this view at the header that starts at {@code offset}. */
    public CmServiceIdReplyFlyweight wrap(MemorySegment segment, long offset) {
        wrapBytes(segment, offset, LENGTH);
        return this;
    }

    /** The ID of the request. */
    public int requestId() {
        return i32(REQUEST_ID_OFFSET);
    }

    /** Sets the ID of the request. */
    public CmServiceIdReplyFlyweight requestId(int value) {
        i32(REQUEST_ID_OFFSET, value);
        return this;
    }

    /** The result; 0 valid, 1 unsupported, 2 rejected, 3 no queue pair, 4 redirect, 5 version. */
    public int status() {
        return u8(STATUS_OFFSET);
    }

    /** Sets the result. */
    public CmServiceIdReplyFlyweight status(int value) {
        u8(STATUS_OFFSET, value);
        return this;
    }

    /** Bytes of the additional information that count. */
    public int infoLength() {
        return u8(INFO_LENGTH_OFFSET);
    }

    /** Sets bytes of the additional information that count. */
    public CmServiceIdReplyFlyweight infoLength(int value) {
        u8(INFO_LENGTH_OFFSET, value);
        return this;
    }

    /** The high half of the vendor field. */
    public int vendorIdHigh() {
        return u16(VENDOR_ID_HIGH_OFFSET);
    }

    /** Sets the high half of the vendor field. */
    public CmServiceIdReplyFlyweight vendorIdHigh(int value) {
        u16(VENDOR_ID_HIGH_OFFSET, value);
        return this;
    }

    /** The queue pair number of the service. */
    public int qpn() {
        return u24(QPN_OFFSET);
    }

    /** Sets the queue pair number of the service. */
    public CmServiceIdReplyFlyweight qpn(int value) {
        u24(QPN_OFFSET, value);
        return this;
    }

    /** The low byte of the vendor field. */
    public int vendorIdLow() {
        return u8(VENDOR_ID_LOW_OFFSET);
    }

    /** Sets the low byte of the vendor field. */
    public CmServiceIdReplyFlyweight vendorIdLow(int value) {
        u8(VENDOR_ID_LOW_OFFSET, value);
        return this;
    }

    /** The service ID. */
    public long serviceId() {
        return u64(SERVICE_ID_OFFSET);
    }

    /** Sets the service ID. */
    public CmServiceIdReplyFlyweight serviceId(long value) {
        u64(SERVICE_ID_OFFSET, value);
        return this;
    }

    /** The Q_Key of the service. */
    public int queueKey() {
        return i32(QUEUE_KEY_OFFSET);
    }

    /** Sets the Q_Key of the service. */
    public CmServiceIdReplyFlyweight queueKey(int value) {
        i32(QUEUE_KEY_OFFSET, value);
        return this;
    }

    /** The additional information, 72 bytes: a view to read and write. */
    public MemorySegment additionalInfo() {
        return slice(ADDITIONAL_INFO_OFFSET, ADDITIONAL_INFO_LENGTH);
    }

    /** The private data, 136 bytes: a view to read and write. */
    public MemorySegment privateData() {
        return slice(PRIVATE_DATA_OFFSET, PRIVATE_DATA_LENGTH);
    }
}
