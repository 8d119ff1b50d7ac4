package org.softverbs.soft.wire.mad;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.wire.Flyweight;

/**
 * SIDR_REQ: asks for the queue pair of a datagram service. Offsets count from the end of the MAD
 * header.
 *
 * <pre>
 *    0  32 bits          requestId
 *    4  16 bits          partitionKey
 *    6  16 bits          reserved6
 *    8  64 bits          serviceId
 *   16  216 bytes        privateData
 * </pre>
 */
public final class CmServiceIdRequestFlyweight extends Flyweight {

    /** Length in bytes, the private data included. */
    public static final int LENGTH = 232;

    private static final int REQUEST_ID_OFFSET = 0;
    private static final int PARTITION_KEY_OFFSET = 4;
    private static final int RESERVED_6_OFFSET = 6;
    private static final int SERVICE_ID_OFFSET = 8;
    private static final int PRIVATE_DATA_OFFSET = 16;
    private static final int PRIVATE_DATA_LENGTH = 216;

    /** Points this view at the header that starts at {@code offset}. */
    public CmServiceIdRequestFlyweight wrap(MemorySegment segment, long offset) {
        wrapBytes(segment, offset, LENGTH);
        return this;
    }

    /** The ID of the request. */
    public int requestId() {
        return i32(REQUEST_ID_OFFSET);
    }

    /** Sets the ID of the request. */
    public CmServiceIdRequestFlyweight requestId(int value) {
        i32(REQUEST_ID_OFFSET, value);
        return this;
    }

    /** The partition key. */
    public int partitionKey() {
        return u16(PARTITION_KEY_OFFSET);
    }

    /** Sets the partition key. */
    public CmServiceIdRequestFlyweight partitionKey(int value) {
        u16(PARTITION_KEY_OFFSET, value);
        return this;
    }

    /** The reserved field. */
    public int reserved6() {
        return u16(RESERVED_6_OFFSET);
    }

    /** Sets the reserved field. */
    public CmServiceIdRequestFlyweight reserved6(int value) {
        u16(RESERVED_6_OFFSET, value);
        return this;
    }

    /** The service ID; see {@link ServiceId}. */
    public long serviceId() {
        return u64(SERVICE_ID_OFFSET);
    }

    /** Sets the service ID. */
    public CmServiceIdRequestFlyweight serviceId(long value) {
        u64(SERVICE_ID_OFFSET, value);
        return this;
    }

    /** The private data, 216 bytes: a view to read and write. */
    public MemorySegment privateData() {
        return slice(PRIVATE_DATA_OFFSET, PRIVATE_DATA_LENGTH);
    }
}
