package org.softverbs.soft.wire.mad;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.wire.Flyweight;

/**
 * REP: accepts a connection. Offsets count from the end of the MAD header.
 *
 * <pre>
 *    0  32 bits          localCommunicationId
 *    4  32 bits          remoteCommunicationId
 *    8  32 bits          localQueueKey
 *   12  24 bits          localQpn
 *   15  8 bits           vendorIdHigh
 *   16  24 bits          localEecn
 *   19  8 bits           vendorIdMiddle
 *   20  24 bits          startingPsn
 *   23  8 bits           vendorIdLow
 *   24  8 bits           responderResources
 *   25  8 bits           initiatorDepth
 *   26  5 bits at bit 3  targetAckDelay
 *   26  2 bits at bit 1  failoverAccepted
 *   26  bit 0            endToEndFlowControl
 *   27  3 bits at bit 5  rnrRetryCount
 *   27  bit 4            srq
 *   27  4 bits at bit 0  reserved27
 *   28  64 bits          localCaGuid
 *   36  196 bytes        privateData
 * </pre>
 */
public final class CmReplyFlyweight extends Flyweight {

    /** Length in bytes, the private data included. */
    public static final int LENGTH = 232;

    private static final int LOCAL_COMMUNICATION_ID_OFFSET = 0;
    private static final int REMOTE_COMMUNICATION_ID_OFFSET = 4;
    private static final int LOCAL_QUEUE_KEY_OFFSET = 8;
    private static final int LOCAL_QPN_OFFSET = 12;
    private static final int VENDOR_ID_HIGH_OFFSET = 15;
    private static final int LOCAL_EECN_OFFSET = 16;
    private static final int VENDOR_ID_MIDDLE_OFFSET = 19;
    private static final int STARTING_PSN_OFFSET = 20;
    private static final int VENDOR_ID_LOW_OFFSET = 23;
    private static final int RESPONDER_RESOURCES_OFFSET = 24;
    private static final int INITIATOR_DEPTH_OFFSET = 25;
    private static final int TARGET_ACK_DELAY_OFFSET = 26;
    private static final int TARGET_ACK_DELAY_SHIFT = 3;
    private static final int TARGET_ACK_DELAY_WIDTH = 5;
    private static final int FAILOVER_ACCEPTED_OFFSET = 26;
    private static final int FAILOVER_ACCEPTED_SHIFT = 1;
    private static final int FAILOVER_ACCEPTED_WIDTH = 2;
    private static final int END_TO_END_FLOW_CONTROL_OFFSET = 26;
    private static final int END_TO_END_FLOW_CONTROL_SHIFT = 0;
    private static final int RNR_RETRY_COUNT_OFFSET = 27;
    private static final int RNR_RETRY_COUNT_SHIFT = 5;
    private static final int RNR_RETRY_COUNT_WIDTH = 3;
    private static final int SRQ_OFFSET = 27;
    private static final int SRQ_SHIFT = 4;
    private static final int RESERVED_27_OFFSET = 27;
    private static final int RESERVED_27_SHIFT = 0;
    private static final int RESERVED_27_WIDTH = 4;
    private static final int LOCAL_CA_GUID_OFFSET = 28;
    private static final int PRIVATE_DATA_OFFSET = 36;
    private static final int PRIVATE_DATA_LENGTH = 196;

    /** Points this view at the header that starts at {@code offset}. */
    public CmReplyFlyweight wrap(MemorySegment segment, long offset) {
        wrapBytes(segment, offset, LENGTH);
        return this;
    }

    /** The communication ID of the sender. */
    public int localCommunicationId() {
        return i32(LOCAL_COMMUNICATION_ID_OFFSET);
    }

    /** Sets the communication ID of the sender. */
    public CmReplyFlyweight localCommunicationId(int value) {
        i32(LOCAL_COMMUNICATION_ID_OFFSET, value);
        return this;
    }

    /** The communication ID of the receiver. */
    public int remoteCommunicationId() {
        return i32(REMOTE_COMMUNICATION_ID_OFFSET);
    }

    /** Sets the communication ID of the receiver. */
    public CmReplyFlyweight remoteCommunicationId(int value) {
        i32(REMOTE_COMMUNICATION_ID_OFFSET, value);
        return this;
    }

    /** The Q_Key. */
    public int localQueueKey() {
        return i32(LOCAL_QUEUE_KEY_OFFSET);
    }

    /** Sets the Q_Key. */
    public CmReplyFlyweight localQueueKey(int value) {
        i32(LOCAL_QUEUE_KEY_OFFSET, value);
        return this;
    }

    /** The queue pair number of the sender. */
    public int localQpn() {
        return u24(LOCAL_QPN_OFFSET);
    }

    /** Sets the queue pair number of the sender. */
    public CmReplyFlyweight localQpn(int value) {
        u24(LOCAL_QPN_OFFSET, value);
        return this;
    }

    /** The high byte of the vendor ID. */
    public int vendorIdHigh() {
        return u8(VENDOR_ID_HIGH_OFFSET);
    }

    /** Sets the high byte of the vendor ID. */
    public CmReplyFlyweight vendorIdHigh(int value) {
        u8(VENDOR_ID_HIGH_OFFSET, value);
        return this;
    }

    /** The end-to-end context number. */
    public int localEecn() {
        return u24(LOCAL_EECN_OFFSET);
    }

    /** Sets the end-to-end context number. */
    public CmReplyFlyweight localEecn(int value) {
        u24(LOCAL_EECN_OFFSET, value);
        return this;
    }

    /** The middle byte of the vendor ID. */
    public int vendorIdMiddle() {
        return u8(VENDOR_ID_MIDDLE_OFFSET);
    }

    /** Sets the middle byte of the vendor ID. */
    public CmReplyFlyweight vendorIdMiddle(int value) {
        u8(VENDOR_ID_MIDDLE_OFFSET, value);
        return this;
    }

    /** The first PSN that the sender will use. */
    public int startingPsn() {
        return u24(STARTING_PSN_OFFSET);
    }

    /** Sets the first PSN that the sender will use. */
    public CmReplyFlyweight startingPsn(int value) {
        u24(STARTING_PSN_OFFSET, value);
        return this;
    }

    /** The low byte of the vendor ID. */
    public int vendorIdLow() {
        return u8(VENDOR_ID_LOW_OFFSET);
    }

    /** Sets the low byte of the vendor ID. */
    public CmReplyFlyweight vendorIdLow(int value) {
        u8(VENDOR_ID_LOW_OFFSET, value);
        return this;
    }

    /** READs and atomics that the sender accepts at once. */
    public int responderResources() {
        return u8(RESPONDER_RESOURCES_OFFSET);
    }

    /** Sets READs and atomics that the sender accepts at once. */
    public CmReplyFlyweight responderResources(int value) {
        u8(RESPONDER_RESOURCES_OFFSET, value);
        return this;
    }

    /** READs and atomics that the sender will have outstanding. */
    public int initiatorDepth() {
        return u8(INITIATOR_DEPTH_OFFSET);
    }

    /** Sets READs and atomics that the sender will have outstanding. */
    public CmReplyFlyweight initiatorDepth(int value) {
        u8(INITIATOR_DEPTH_OFFSET, value);
        return this;
    }

    /** The longest delay of an ACK; exponent. */
    public int targetAckDelay() {
        return bits8(TARGET_ACK_DELAY_OFFSET, TARGET_ACK_DELAY_SHIFT, TARGET_ACK_DELAY_WIDTH);
    }

    /** Sets the longest delay of an ACK. */
    public CmReplyFlyweight targetAckDelay(int value) {
        bits8(TARGET_ACK_DELAY_OFFSET, TARGET_ACK_DELAY_SHIFT, TARGET_ACK_DELAY_WIDTH, value);
        return this;
    }

    /** What became of the alternate path. */
    public int failoverAccepted() {
        return bits8(FAILOVER_ACCEPTED_OFFSET, FAILOVER_ACCEPTED_SHIFT, FAILOVER_ACCEPTED_WIDTH);
    }

    /** Sets what became of the alternate path. */
    public CmReplyFlyweight failoverAccepted(int value) {
        bits8(FAILOVER_ACCEPTED_OFFSET, FAILOVER_ACCEPTED_SHIFT, FAILOVER_ACCEPTED_WIDTH, value);
        return this;
    }

    /** Whether the sender counts credits. */
    public boolean endToEndFlowControl() {
        return bits8(END_TO_END_FLOW_CONTROL_OFFSET, END_TO_END_FLOW_CONTROL_SHIFT, 1) != 0;
    }

    /** Sets whether the sender counts credits. */
    public CmReplyFlyweight endToEndFlowControl(boolean value) {
        bits8(END_TO_END_FLOW_CONTROL_OFFSET, END_TO_END_FLOW_CONTROL_SHIFT, 1, value ? 1 : 0);
        return this;
    }

    /** The RNR retry count; 7 is without end. */
    public int rnrRetryCount() {
        return bits8(RNR_RETRY_COUNT_OFFSET, RNR_RETRY_COUNT_SHIFT, RNR_RETRY_COUNT_WIDTH);
    }

    /** Sets the RNR retry count. */
    public CmReplyFlyweight rnrRetryCount(int value) {
        bits8(RNR_RETRY_COUNT_OFFSET, RNR_RETRY_COUNT_SHIFT, RNR_RETRY_COUNT_WIDTH, value);
        return this;
    }

    /** Whether the sender uses a shared receive queue. */
    public boolean srq() {
        return bits8(SRQ_OFFSET, SRQ_SHIFT, 1) != 0;
    }

    /** Sets whether the sender uses a shared receive queue. */
    public CmReplyFlyweight srq(boolean value) {
        bits8(SRQ_OFFSET, SRQ_SHIFT, 1, value ? 1 : 0);
        return this;
    }

    /** The reserved bits. */
    public int reserved27() {
        return bits8(RESERVED_27_OFFSET, RESERVED_27_SHIFT, RESERVED_27_WIDTH);
    }

    /** Sets the reserved bits. */
    public CmReplyFlyweight reserved27(int value) {
        bits8(RESERVED_27_OFFSET, RESERVED_27_SHIFT, RESERVED_27_WIDTH, value);
        return this;
    }

    /** The GUID of the channel adapter of the sender. */
    public long localCaGuid() {
        return u64(LOCAL_CA_GUID_OFFSET);
    }

    /** Sets the GUID of the channel adapter of the sender. */
    public CmReplyFlyweight localCaGuid(long value) {
        u64(LOCAL_CA_GUID_OFFSET, value);
        return this;
    }

    /** The private data, 196 bytes: a view to read and write. */
    public MemorySegment privateData() {
        return slice(PRIVATE_DATA_OFFSET, PRIVATE_DATA_LENGTH);
    }
}
