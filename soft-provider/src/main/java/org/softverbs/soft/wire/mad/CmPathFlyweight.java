package org.softverbs.soft.wire.mad;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.wire.Flyweight;

/**
 * A path in a {@link CmRequestFlyweight}.
 *
 * <pre>
 *    0  16 bits          localLid
 *    2  16 bits          remoteLid
 *    4  16 bytes         localGid
 *   20  16 bytes         remoteGid
 *   36  32 bits          flowWord
 *   40  8 bits           trafficClass
 *   41  8 bits           hopLimit
 *   42  4 bits at bit 4  serviceLevel
 *   42  bit 3            subnetLocal
 *   42  3 bits at bit 0  reservedSubnet
 *   43  5 bits at bit 3  localAckTimeout
 *   43  3 bits at bit 0  reservedTimeout
 * </pre>
 */
public final class CmPathFlyweight extends Flyweight {

    /** Header length in bytes. */
    public static final int LENGTH = 44;

    private static final int FLOW_LABEL_SHIFT = 12;
    private static final int RATE_MASK = 0x3f;

    private static final int LOCAL_LID_OFFSET = 0;
    private static final int REMOTE_LID_OFFSET = 2;
    private static final int LOCAL_GID_OFFSET = 4;
    private static final int LOCAL_GID_LENGTH = 16;
    private static final int REMOTE_GID_OFFSET = 20;
    private static final int REMOTE_GID_LENGTH = 16;
    private static final int FLOW_WORD_OFFSET = 36;
    private static final int TRAFFIC_CLASS_OFFSET = 40;
    private static final int HOP_LIMIT_OFFSET = 41;
    private static final int SERVICE_LEVEL_OFFSET = 42;
    private static final int SERVICE_LEVEL_SHIFT = 4;
    private static final int SERVICE_LEVEL_WIDTH = 4;
    private static final int SUBNET_LOCAL_OFFSET = 42;
    private static final int SUBNET_LOCAL_SHIFT = 3;
    private static final int RESERVED_SUBNET_OFFSET = 42;
    private static final int RESERVED_SUBNET_SHIFT = 0;
    private static final int RESERVED_SUBNET_WIDTH = 3;
    private static final int LOCAL_ACK_TIMEOUT_OFFSET = 43;
    private static final int LOCAL_ACK_TIMEOUT_SHIFT = 3;
    private static final int LOCAL_ACK_TIMEOUT_WIDTH = 5;
    private static final int RESERVED_TIMEOUT_OFFSET = 43;
    private static final int RESERVED_TIMEOUT_SHIFT = 0;
    private static final int RESERVED_TIMEOUT_WIDTH = 3;

    /** Points this view at the header that starts at {@code offset}. */
    public CmPathFlyweight wrap(MemorySegment segment, long offset) {
        wrapBytes(segment, offset, LENGTH);
        return this;
    }

    /** The LID of the sender; 0xffff on Ethernet. */
    public int localLid() {
        return u16(LOCAL_LID_OFFSET);
    }

    /** Sets the LID of the sender. */
    public CmPathFlyweight localLid(int value) {
        u16(LOCAL_LID_OFFSET, value);
        return this;
    }

    /** The LID of the receiver. */
    public int remoteLid() {
        return u16(REMOTE_LID_OFFSET);
    }

    /** Sets the LID of the receiver. */
    public CmPathFlyweight remoteLid(int value) {
        u16(REMOTE_LID_OFFSET, value);
        return this;
    }

    /** The GID of the sender: a copy. */
    public byte[] localGid() {
        byte[] copy = new byte[LOCAL_GID_LENGTH];
        bytes(LOCAL_GID_OFFSET, copy);
        return copy;
    }

    /** Sets the GID of the sender, exactly 16 bytes. */
    public CmPathFlyweight localGid(byte[] value) {
        bytes(LOCAL_GID_OFFSET, LOCAL_GID_LENGTH, value);
        return this;
    }

    /** The GID of the receiver: a copy. */
    public byte[] remoteGid() {
        byte[] copy = new byte[REMOTE_GID_LENGTH];
        bytes(REMOTE_GID_OFFSET, copy);
        return copy;
    }

    /** Sets the GID of the receiver, exactly 16 bytes. */
    public CmPathFlyweight remoteGid(byte[] value) {
        bytes(REMOTE_GID_OFFSET, REMOTE_GID_LENGTH, value);
        return this;
    }

    /** Flow label, six reserved bits and packet rate in one word. */
    public int flowWord() {
        return i32(FLOW_WORD_OFFSET);
    }

    /** Sets flow label, six reserved bits and packet rate in one word. */
    public CmPathFlyweight flowWord(int value) {
        i32(FLOW_WORD_OFFSET, value);
        return this;
    }

    /** The traffic class. */
    public int trafficClass() {
        return u8(TRAFFIC_CLASS_OFFSET);
    }

    /** Sets the traffic class. */
    public CmPathFlyweight trafficClass(int value) {
        u8(TRAFFIC_CLASS_OFFSET, value);
        return this;
    }

    /** The hop limit. */
    public int hopLimit() {
        return u8(HOP_LIMIT_OFFSET);
    }

    /** Sets the hop limit. */
    public CmPathFlyweight hopLimit(int value) {
        u8(HOP_LIMIT_OFFSET, value);
        return this;
    }

    /** The service level. */
    public int serviceLevel() {
        return bits8(SERVICE_LEVEL_OFFSET, SERVICE_LEVEL_SHIFT, SERVICE_LEVEL_WIDTH);
    }

    /** Sets the service level. */
    public CmPathFlyweight serviceLevel(int value) {
        bits8(SERVICE_LEVEL_OFFSET, SERVICE_LEVEL_SHIFT, SERVICE_LEVEL_WIDTH, value);
        return this;
    }

    /** Whether the path stays in the subnet. */
    public boolean subnetLocal() {
        return bits8(SUBNET_LOCAL_OFFSET, SUBNET_LOCAL_SHIFT, 1) != 0;
    }

    /** Sets whether the path stays in the subnet. */
    public CmPathFlyweight subnetLocal(boolean value) {
        bits8(SUBNET_LOCAL_OFFSET, SUBNET_LOCAL_SHIFT, 1, value ? 1 : 0);
        return this;
    }

    /** The reserved bits beside it. */
    public int reservedSubnet() {
        return bits8(RESERVED_SUBNET_OFFSET, RESERVED_SUBNET_SHIFT, RESERVED_SUBNET_WIDTH);
    }

    /** Sets the reserved bits beside it. */
    public CmPathFlyweight reservedSubnet(int value) {
        bits8(RESERVED_SUBNET_OFFSET, RESERVED_SUBNET_SHIFT, RESERVED_SUBNET_WIDTH, value);
        return this;
    }

    /** The ACK timeout; 4.096 us times two to that power. */
    public int localAckTimeout() {
        return bits8(LOCAL_ACK_TIMEOUT_OFFSET, LOCAL_ACK_TIMEOUT_SHIFT, LOCAL_ACK_TIMEOUT_WIDTH);
    }

    /** Sets the ACK timeout. */
    public CmPathFlyweight localAckTimeout(int value) {
        bits8(LOCAL_ACK_TIMEOUT_OFFSET, LOCAL_ACK_TIMEOUT_SHIFT, LOCAL_ACK_TIMEOUT_WIDTH, value);
        return this;
    }

    /** The reserved bits beside the timeout. */
    public int reservedTimeout() {
        return bits8(RESERVED_TIMEOUT_OFFSET, RESERVED_TIMEOUT_SHIFT, RESERVED_TIMEOUT_WIDTH);
    }

    /** Sets the reserved bits beside the timeout. */
    public CmPathFlyweight reservedTimeout(int value) {
        bits8(RESERVED_TIMEOUT_OFFSET, RESERVED_TIMEOUT_SHIFT, RESERVED_TIMEOUT_WIDTH, value);
        return this;
    }

    /** The flow label, 20 bits. */
    public int flowLabel() {
        return flowWord() >>> FLOW_LABEL_SHIFT;
    }

    /** Sets the flow label. */
    public CmPathFlyweight flowLabel(int value) {
        return flowWord((flowWord() & ~(-1 << FLOW_LABEL_SHIFT)) | value << FLOW_LABEL_SHIFT);
    }

    /** The packet rate code, six bits; 0 is the rate of the port. */
    public int packetRate() {
        return flowWord() & RATE_MASK;
    }

    /** Sets the packet rate code. */
    public CmPathFlyweight packetRate(int value) {
        return flowWord((flowWord() & ~RATE_MASK) | (value & RATE_MASK));
    }
}
