package org.softverbs.soft.wire.mad;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.wire.Flyweight;

/**
 * REQ: asks for a connection. Offsets count from the end of the MAD header.
 *
 * <pre>
 *    0  32 bits          localCommunicationId
 *    4  8 bits           reserved4
 *    5  24 bits          vendorId
 *    8  64 bits          serviceId
 *   16  64 bits          localCaGuid
 *   24  32 bits          reserved24
 *   28  32 bits          localQueueKey
 *   32  24 bits          localQpn
 *   35  8 bits           responderResources
 *   36  24 bits          localEecn
 *   39  8 bits           initiatorDepth
 *   40  24 bits          remoteEecn
 *   43  5 bits at bit 3  remoteResponseTimeout
 *   43  2 bits at bit 1  transportService
 *   43  bit 0            endToEndFlowControl
 *   44  24 bits          startingPsn
 *   47  5 bits at bit 3  localResponseTimeout
 *   47  3 bits at bit 0  retryCount
 *   48  16 bits          partitionKey
 *   50  4 bits at bit 4  pathMtu
 *   50  bit 3            rdcExists
 *   50  3 bits at bit 0  rnrRetryCount
 *   51  4 bits at bit 4  maxCmRetries
 *   51  bit 3            srq
 *   51  3 bits at bit 0  extendedTransport
 *  140  92 bytes         privateData
 * </pre>
 */
public final class CmRequestFlyweight extends Flyweight {

    /** Length in bytes, the private data included. */
    public static final int LENGTH = 232;

    private static final int PRIMARY_PATH_OFFSET = 52;
    private static final int ALTERNATE_PATH_OFFSET = 96;

    private static final int LOCAL_COMMUNICATION_ID_OFFSET = 0;
    private static final int RESERVED_4_OFFSET = 4;
    private static final int VENDOR_ID_OFFSET = 5;
    private static final int SERVICE_ID_OFFSET = 8;
    private static final int LOCAL_CA_GUID_OFFSET = 16;
    private static final int RESERVED_24_OFFSET = 24;
    private static final int LOCAL_QUEUE_KEY_OFFSET = 28;
    private static final int LOCAL_QPN_OFFSET = 32;
    private static final int RESPONDER_RESOURCES_OFFSET = 35;
    private static final int LOCAL_EECN_OFFSET = 36;
    private static final int INITIATOR_DEPTH_OFFSET = 39;
    private static final int REMOTE_EECN_OFFSET = 40;
    private static final int REMOTE_RESPONSE_TIMEOUT_OFFSET = 43;
    private static final int REMOTE_RESPONSE_TIMEOUT_SHIFT = 3;
    private static final int REMOTE_RESPONSE_TIMEOUT_WIDTH = 5;
    private static final int TRANSPORT_SERVICE_OFFSET = 43;
    private static final int TRANSPORT_SERVICE_SHIFT = 1;
    private static final int TRANSPORT_SERVICE_WIDTH = 2;
    private static final int END_TO_END_FLOW_CONTROL_OFFSET = 43;
    private static final int END_TO_END_FLOW_CONTROL_SHIFT = 0;
    private static final int STARTING_PSN_OFFSET = 44;
    private static final int LOCAL_RESPONSE_TIMEOUT_OFFSET = 47;
    private static final int LOCAL_RESPONSE_TIMEOUT_SHIFT = 3;
    private static final int LOCAL_RESPONSE_TIMEOUT_WIDTH = 5;
    private static final int RETRY_COUNT_OFFSET = 47;
    private static final int RETRY_COUNT_SHIFT = 0;
    private static final int RETRY_COUNT_WIDTH = 3;
    private static final int PARTITION_KEY_OFFSET = 48;
    private static final int PATH_MTU_OFFSET = 50;
    private static final int PATH_MTU_SHIFT = 4;
    private static final int PATH_MTU_WIDTH = 4;
    private static final int RDC_EXISTS_OFFSET = 50;
    private static final int RDC_EXISTS_SHIFT = 3;
    private static final int RNR_RETRY_COUNT_OFFSET = 50;
    private static final int RNR_RETRY_COUNT_SHIFT = 0;
    private static final int RNR_RETRY_COUNT_WIDTH = 3;
    private static final int MAX_CM_RETRIES_OFFSET = 51;
    private static final int MAX_CM_RETRIES_SHIFT = 4;
    private static final int MAX_CM_RETRIES_WIDTH = 4;
    private static final int SRQ_OFFSET = 51;
    private static final int SRQ_SHIFT = 3;
    private static final int EXTENDED_TRANSPORT_OFFSET = 51;
    private static final int EXTENDED_TRANSPORT_SHIFT = 0;
    private static final int EXTENDED_TRANSPORT_WIDTH = 3;
    private static final int PRIVATE_DATA_OFFSET = 140;
    private static final int PRIVATE_DATA_LENGTH = 92;

    /** Points this view at the header that starts at {@code offset}. */
    public CmRequestFlyweight wrap(MemorySegment segment, long offset) {
        wrapBytes(segment, offset, LENGTH);
        return this;
    }

    /** The communication ID of the sender. */
    public int localCommunicationId() {
        return i32(LOCAL_COMMUNICATION_ID_OFFSET);
    }

    /** Sets the communication ID of the sender. */
    public CmRequestFlyweight localCommunicationId(int value) {
        i32(LOCAL_COMMUNICATION_ID_OFFSET, value);
        return this;
    }

    /** The reserved byte. */
    public int reserved4() {
        return u8(RESERVED_4_OFFSET);
    }

    /** Sets the reserved byte. */
    public CmRequestFlyweight reserved4(int value) {
        u8(RESERVED_4_OFFSET, value);
        return this;
    }

    /** The vendor ID, used by ECE. */
    public int vendorId() {
        return u24(VENDOR_ID_OFFSET);
    }

    /** Sets the vendor ID, used by ECE. */
    public CmRequestFlyweight vendorId(int value) {
        u24(VENDOR_ID_OFFSET, value);
        return this;
    }

    /** The service ID; see {@link ServiceId}. */
    public long serviceId() {
        return u64(SERVICE_ID_OFFSET);
    }

    /** Sets the service ID. */
    public CmRequestFlyweight serviceId(long value) {
        u64(SERVICE_ID_OFFSET, value);
        return this;
    }

    /** The GUID of the channel adapter of the sender. */
    public long localCaGuid() {
        return u64(LOCAL_CA_GUID_OFFSET);
    }

    /** Sets the GUID of the channel adapter of the sender. */
    public CmRequestFlyweight localCaGuid(long value) {
        u64(LOCAL_CA_GUID_OFFSET, value);
        return this;
    }

    /** The reserved word. */
    public int reserved24() {
        return i32(RESERVED_24_OFFSET);
    }

    /** Sets the reserved word. */
    public CmRequestFlyweight reserved24(int value) {
        i32(RESERVED_24_OFFSET, value);
        return this;
    }

    /** The Q_Key. */
    public int localQueueKey() {
        return i32(LOCAL_QUEUE_KEY_OFFSET);
    }

    /** Sets the Q_Key. */
    public CmRequestFlyweight localQueueKey(int value) {
        i32(LOCAL_QUEUE_KEY_OFFSET, value);
        return this;
    }

    /** The queue pair number of the sender. */
    public int localQpn() {
        return u24(LOCAL_QPN_OFFSET);
    }

    /** Sets the queue pair number of the sender. */
    public CmRequestFlyweight localQpn(int value) {
        u24(LOCAL_QPN_OFFSET, value);
        return this;
    }

    /** READs and atomics that the sender accepts at once. */
    public int responderResources() {
        return u8(RESPONDER_RESOURCES_OFFSET);
    }

    /** Sets READs and atomics that the sender accepts at once. */
    public CmRequestFlyweight responderResources(int value) {
        u8(RESPONDER_RESOURCES_OFFSET, value);
        return this;
    }

    /** The end-to-end context number of the sender. */
    public int localEecn() {
        return u24(LOCAL_EECN_OFFSET);
    }

    /** Sets the end-to-end context number of the sender. */
    public CmRequestFlyweight localEecn(int value) {
        u24(LOCAL_EECN_OFFSET, value);
        return this;
    }

    /** READs and atomics that the sender will have outstanding. */
    public int initiatorDepth() {
        return u8(INITIATOR_DEPTH_OFFSET);
    }

    /** Sets READs and atomics that the sender will have outstanding. */
    public CmRequestFlyweight initiatorDepth(int value) {
        u8(INITIATOR_DEPTH_OFFSET, value);
        return this;
    }

    /** The end-to-end context number of the receiver. */
    public int remoteEecn() {
        return u24(REMOTE_EECN_OFFSET);
    }

    /** Sets the end-to-end context number of the receiver. */
    public CmRequestFlyweight remoteEecn(int value) {
        u24(REMOTE_EECN_OFFSET, value);
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
    public CmRequestFlyweight remoteResponseTimeout(int value) {
        bits8(
                REMOTE_RESPONSE_TIMEOUT_OFFSET,
                REMOTE_RESPONSE_TIMEOUT_SHIFT,
                REMOTE_RESPONSE_TIMEOUT_WIDTH,
                value);
        return this;
    }

    /** The transport; 0 RC, 1 UC, 2 RD, 3 XRC by the extended field. */
    public int transportService() {
        return bits8(TRANSPORT_SERVICE_OFFSET, TRANSPORT_SERVICE_SHIFT, TRANSPORT_SERVICE_WIDTH);
    }

    /** Sets the transport. */
    public CmRequestFlyweight transportService(int value) {
        bits8(TRANSPORT_SERVICE_OFFSET, TRANSPORT_SERVICE_SHIFT, TRANSPORT_SERVICE_WIDTH, value);
        return this;
    }

    /** Whether the sender counts credits. */
    public boolean endToEndFlowControl() {
        return bits8(END_TO_END_FLOW_CONTROL_OFFSET, END_TO_END_FLOW_CONTROL_SHIFT, 1) != 0;
    }

    /** Sets whether the sender counts credits. */
    public CmRequestFlyweight endToEndFlowControl(boolean value) {
        bits8(END_TO_END_FLOW_CONTROL_OFFSET, END_TO_END_FLOW_CONTROL_SHIFT, 1, value ? 1 : 0);
        return this;
    }

    /** The first PSN that the sender will use. */
    public int startingPsn() {
        return u24(STARTING_PSN_OFFSET);
    }

    /** Sets the first PSN that the sender will use. */
    public CmRequestFlyweight startingPsn(int value) {
        u24(STARTING_PSN_OFFSET, value);
        return this;
    }

    /** How long the sender may take to answer; exponent. */
    public int localResponseTimeout() {
        return bits8(
                LOCAL_RESPONSE_TIMEOUT_OFFSET,
                LOCAL_RESPONSE_TIMEOUT_SHIFT,
                LOCAL_RESPONSE_TIMEOUT_WIDTH);
    }

    /** Sets how long the sender may take to answer. */
    public CmRequestFlyweight localResponseTimeout(int value) {
        bits8(
                LOCAL_RESPONSE_TIMEOUT_OFFSET,
                LOCAL_RESPONSE_TIMEOUT_SHIFT,
                LOCAL_RESPONSE_TIMEOUT_WIDTH,
                value);
        return this;
    }

    /** The transport retry count. */
    public int retryCount() {
        return bits8(RETRY_COUNT_OFFSET, RETRY_COUNT_SHIFT, RETRY_COUNT_WIDTH);
    }

    /** Sets the transport retry count. */
    public CmRequestFlyweight retryCount(int value) {
        bits8(RETRY_COUNT_OFFSET, RETRY_COUNT_SHIFT, RETRY_COUNT_WIDTH, value);
        return this;
    }

    /** The partition key. */
    public int partitionKey() {
        return u16(PARTITION_KEY_OFFSET);
    }

    /** Sets the partition key. */
    public CmRequestFlyweight partitionKey(int value) {
        u16(PARTITION_KEY_OFFSET, value);
        return this;
    }

    /** The path MTU; 1 for 256 to 5 for 4096. */
    public int pathMtu() {
        return bits8(PATH_MTU_OFFSET, PATH_MTU_SHIFT, PATH_MTU_WIDTH);
    }

    /** Sets the path MTU. */
    public CmRequestFlyweight pathMtu(int value) {
        bits8(PATH_MTU_OFFSET, PATH_MTU_SHIFT, PATH_MTU_WIDTH, value);
        return this;
    }

    /** Whether the RD channel exists. */
    public boolean rdcExists() {
        return bits8(RDC_EXISTS_OFFSET, RDC_EXISTS_SHIFT, 1) != 0;
    }

    /** Sets whether the RD channel exists. */
    public CmRequestFlyweight rdcExists(boolean value) {
        bits8(RDC_EXISTS_OFFSET, RDC_EXISTS_SHIFT, 1, value ? 1 : 0);
        return this;
    }

    /** The RNR retry count; 7 is without end. */
    public int rnrRetryCount() {
        return bits8(RNR_RETRY_COUNT_OFFSET, RNR_RETRY_COUNT_SHIFT, RNR_RETRY_COUNT_WIDTH);
    }

    /** Sets the RNR retry count. */
    public CmRequestFlyweight rnrRetryCount(int value) {
        bits8(RNR_RETRY_COUNT_OFFSET, RNR_RETRY_COUNT_SHIFT, RNR_RETRY_COUNT_WIDTH, value);
        return this;
    }

    /** How often a CM message is sent again. */
    public int maxCmRetries() {
        return bits8(MAX_CM_RETRIES_OFFSET, MAX_CM_RETRIES_SHIFT, MAX_CM_RETRIES_WIDTH);
    }

    /** Sets how often a CM message is sent again. */
    public CmRequestFlyweight maxCmRetries(int value) {
        bits8(MAX_CM_RETRIES_OFFSET, MAX_CM_RETRIES_SHIFT, MAX_CM_RETRIES_WIDTH, value);
        return this;
    }

    /** Whether the sender uses a shared receive queue. */
    public boolean srq() {
        return bits8(SRQ_OFFSET, SRQ_SHIFT, 1) != 0;
    }

    /** Sets whether the sender uses a shared receive queue. */
    public CmRequestFlyweight srq(boolean value) {
        bits8(SRQ_OFFSET, SRQ_SHIFT, 1, value ? 1 : 0);
        return this;
    }

    /** The extended transport type. */
    public int extendedTransport() {
        return bits8(EXTENDED_TRANSPORT_OFFSET, EXTENDED_TRANSPORT_SHIFT, EXTENDED_TRANSPORT_WIDTH);
    }

    /** Sets the extended transport type. */
    public CmRequestFlyweight extendedTransport(int value) {
        bits8(EXTENDED_TRANSPORT_OFFSET, EXTENDED_TRANSPORT_SHIFT, EXTENDED_TRANSPORT_WIDTH, value);
        return this;
    }

    /** The private data, 92 bytes: a view to read and write. */
    public MemorySegment privateData() {
        return slice(PRIVATE_DATA_OFFSET, PRIVATE_DATA_LENGTH);
    }

    /** Points {@code path} at the primary path. */
    public CmPathFlyweight primaryPath(CmPathFlyweight path) {
        return path.wrap(segment(), offset() + PRIMARY_PATH_OFFSET);
    }

    /** Points {@code path} at the alternate path. */
    public CmPathFlyweight alternatePath(CmPathFlyweight path) {
        return path.wrap(segment(), offset() + ALTERNATE_PATH_OFFSET);
    }
}
