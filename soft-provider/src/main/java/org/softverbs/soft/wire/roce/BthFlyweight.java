package org.softverbs.soft.wire.roce;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.wire.Flyweight;

/**
 * Base transport header, the first twelve bytes of every RoCEv2 datagram.
 *
 * <pre>
 *  0               1               2               3
 * +---------------+-+-+---+-------+-------------------------------+
 * |    OpCode     |S|M|Pad| TVer  |             P_Key             |
 * +-+-+-----------+-+-+---+-------+-------------------------------+
 * |F|B|  resv 6   |                  Dest QPN                     |
 * +-+-+-----------+-----------------------------------------------+
 * |A|   resv 7    |                     PSN                       |
 * +-+-------------+-----------------------------------------------+
 * S solicited event, M migration request, F FECN, B BECN, A acknowledge request
 * </pre>
 */
public final class BthFlyweight extends Flyweight {

    /** Header length in bytes. */
    public static final int LENGTH = 12;

    /** The partition key that every partition member knows. */
    public static final int DEFAULT_PARTITION_KEY = 0xffff;

    private static final int OPCODE_OFFSET = 0;
    private static final int FLAGS_OFFSET = 1;
    private static final int SOLICITED_SHIFT = 7;
    private static final int MIGRATION_SHIFT = 6;
    private static final int PAD_SHIFT = 4;
    private static final int PAD_WIDTH = 2;
    private static final int VERSION_SHIFT = 0;
    private static final int VERSION_WIDTH = 4;
    private static final int PARTITION_KEY_OFFSET = 2;
    private static final int CONGESTION_OFFSET = 4;
    private static final int FORWARD_CONGESTION_SHIFT = 7;
    private static final int BACKWARD_CONGESTION_SHIFT = 6;
    private static final int RESERVED_6_WIDTH = 6;
    private static final int DESTINATION_QPN_OFFSET = 5;
    private static final int ACK_OFFSET = 8;
    private static final int ACK_REQUEST_SHIFT = 7;
    private static final int RESERVED_7_WIDTH = 7;
    private static final int PSN_OFFSET = 9;

    /** Points this view at the header that starts at {@code offset}. */
    public BthFlyweight wrap(MemorySegment segment, long offset) {
        wrapBytes(segment, offset, LENGTH);
        return this;
    }

    /** The wire value of the opcode; see {@link RoceOpcode#of}. */
    public int opcode() {
        return u8(OPCODE_OFFSET);
    }

    /** Sets the wire value of the opcode. */
    public BthFlyweight opcode(int wireValue) {
        u8(OPCODE_OFFSET, wireValue);
        return this;
    }

    /** Whether the responder shall raise an event for this message. */
    public boolean solicitedEvent() {
        return bits8(FLAGS_OFFSET, SOLICITED_SHIFT, 1) != 0;
    }

    /** Sets the solicited event bit. */
    public BthFlyweight solicitedEvent(boolean value) {
        bits8(FLAGS_OFFSET, SOLICITED_SHIFT, 1, value ? 1 : 0);
        return this;
    }

    /** The migration request bit; rxe always sends 0. */
    public boolean migrationRequest() {
        return bits8(FLAGS_OFFSET, MIGRATION_SHIFT, 1) != 0;
    }

    /** Sets the migration request bit. */
    public BthFlyweight migrationRequest(boolean value) {
        bits8(FLAGS_OFFSET, MIGRATION_SHIFT, 1, value ? 1 : 0);
        return this;
    }

    /** Pad bytes between payload and ICRC, 0 to 3. */
    public int padCount() {
        return bits8(FLAGS_OFFSET, PAD_SHIFT, PAD_WIDTH);
    }

    /** Sets the pad count. */
    public BthFlyweight padCount(int value) {
        bits8(FLAGS_OFFSET, PAD_SHIFT, PAD_WIDTH, value);
        return this;
    }

    /** Transport header version; anything but 0 is dropped. */
    public int transportVersion() {
        return bits8(FLAGS_OFFSET, VERSION_SHIFT, VERSION_WIDTH);
    }

    /** Sets the transport header version. */
    public BthFlyweight transportVersion(int value) {
        bits8(FLAGS_OFFSET, VERSION_SHIFT, VERSION_WIDTH, value);
        return this;
    }

    /** Partition key, 16 bits; the top bit is full membership. */
    public int partitionKey() {
        return u16(PARTITION_KEY_OFFSET);
    }

    /** Sets the partition key. */
    public BthFlyweight partitionKey(int value) {
        u16(PARTITION_KEY_OFFSET, value);
        return this;
    }

    /** Forward explicit congestion notification. */
    public boolean forwardCongestion() {
        return bits8(CONGESTION_OFFSET, FORWARD_CONGESTION_SHIFT, 1) != 0;
    }

    /** Sets the FECN bit. */
    public BthFlyweight forwardCongestion(boolean value) {
        bits8(CONGESTION_OFFSET, FORWARD_CONGESTION_SHIFT, 1, value ? 1 : 0);
        return this;
    }

    /** Backward explicit congestion notification. */
    public boolean backwardCongestion() {
        return bits8(CONGESTION_OFFSET, BACKWARD_CONGESTION_SHIFT, 1) != 0;
    }

    /** Sets the BECN bit. */
    public BthFlyweight backwardCongestion(boolean value) {
        bits8(CONGESTION_OFFSET, BACKWARD_CONGESTION_SHIFT, 1, value ? 1 : 0);
        return this;
    }

    /** The six reserved bits beside FECN and BECN; not covered by the ICRC. */
    public int reserved6() {
        return bits8(CONGESTION_OFFSET, 0, RESERVED_6_WIDTH);
    }

    /** Sets the six reserved bits. */
    public BthFlyweight reserved6(int value) {
        bits8(CONGESTION_OFFSET, 0, RESERVED_6_WIDTH, value);
        return this;
    }

    /** Destination queue pair number, 24 bits. */
    public int destinationQpn() {
        return u24(DESTINATION_QPN_OFFSET);
    }

    /** Sets the destination queue pair number. */
    public BthFlyweight destinationQpn(int value) {
        u24(DESTINATION_QPN_OFFSET, value);
        return this;
    }

    /** Whether the responder shall acknowledge this packet now. */
    public boolean ackRequest() {
        return bits8(ACK_OFFSET, ACK_REQUEST_SHIFT, 1) != 0;
    }

    /** Sets the acknowledge request bit. */
    public BthFlyweight ackRequest(boolean value) {
        bits8(ACK_OFFSET, ACK_REQUEST_SHIFT, 1, value ? 1 : 0);
        return this;
    }

    /** The seven reserved bits beside the acknowledge request; covered by the ICRC. */
    public int reserved7() {
        return bits8(ACK_OFFSET, 0, RESERVED_7_WIDTH);
    }

    /** Sets the seven reserved bits. */
    public BthFlyweight reserved7(int value) {
        bits8(ACK_OFFSET, 0, RESERVED_7_WIDTH, value);
        return this;
    }

    /** Packet sequence number, 24 bits; see {@link PacketSequenceNumber}. */
    public int psn() {
        return u24(PSN_OFFSET);
    }

    /** Sets the packet sequence number. */
    public BthFlyweight psn(int value) {
        u24(PSN_OFFSET, value);
        return this;
    }

    /**
     * Writes the whole header: this opcode, pad and version, flags and reserved bits clear, the
     * default partition.
     */
    public BthFlyweight initialize(RoceOpcode opcode, int destinationQpn, int psn, int padCount) {
        i32(OPCODE_OFFSET, opcode.wireValue() << 24 | padCount << 20 | DEFAULT_PARTITION_KEY);
        i32(CONGESTION_OFFSET, destinationQpn & 0xff_ffff);
        i32(ACK_OFFSET, psn & 0xff_ffff);
        return this;
    }
}
