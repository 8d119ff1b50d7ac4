package org.softverbs.soft.wire.net;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.wire.Flyweight;

/**
 * IPv6 header (RFC 8200).
 *
 * <pre>
 * +-------+---------------+---------------------------------------+
 * |Version| Traffic class |              Flow label               |
 * +-------+---------------+-------+---------------+---------------+
 * |        Payload length         |  Next header  |   Hop limit   |
 * +-------------------------------+---------------+---------------+
 * |                     Source address (128)                      |
 * +---------------------------------------------------------------+
 * |                   Destination address (128)                   |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class Ipv6Flyweight extends Flyweight {

    /** Header length in bytes. */
    public static final int LENGTH = 40;

    private static final int VERSION_CLASS_LABEL_OFFSET = 0;
    private static final int PAYLOAD_LENGTH_OFFSET = 4;
    private static final int NEXT_HEADER_OFFSET = 6;
    private static final int HOP_LIMIT_OFFSET = 7;
    private static final int SOURCE_OFFSET = 8;
    private static final int SOURCE_LENGTH = 16;
    private static final int DESTINATION_OFFSET = 24;
    private static final int DESTINATION_LENGTH = 16;

    /** Points this view at the header that starts at {@code offset}. */
    public Ipv6Flyweight wrap(MemorySegment segment, long offset) {
        wrapBytes(segment, offset, LENGTH);
        return this;
    }

    /** Version, traffic class and flow label in one word. */
    public int versionClassLabel() {
        return i32(VERSION_CLASS_LABEL_OFFSET);
    }

    /** Sets version, traffic class and flow label in one word. */
    public Ipv6Flyweight versionClassLabel(int value) {
        i32(VERSION_CLASS_LABEL_OFFSET, value);
        return this;
    }

    /** Bytes after this header. */
    public int payloadLength() {
        return u16(PAYLOAD_LENGTH_OFFSET);
    }

    /** Sets bytes after this header. */
    public Ipv6Flyweight payloadLength(int value) {
        u16(PAYLOAD_LENGTH_OFFSET, value);
        return this;
    }

    /** The protocol of what follows. */
    public int nextHeader() {
        return u8(NEXT_HEADER_OFFSET);
    }

    /** Sets the protocol of what follows. */
    public Ipv6Flyweight nextHeader(int value) {
        u8(NEXT_HEADER_OFFSET, value);
        return this;
    }

    /** The hops left. */
    public int hopLimit() {
        return u8(HOP_LIMIT_OFFSET);
    }

    /** Sets the hops left. */
    public Ipv6Flyweight hopLimit(int value) {
        u8(HOP_LIMIT_OFFSET, value);
        return this;
    }

    /** The source address: a copy. */
    public byte[] source() {
        byte[] copy = new byte[SOURCE_LENGTH];
        bytes(SOURCE_OFFSET, copy);
        return copy;
    }

    /** Sets the source address, exactly 16 bytes. */
    public Ipv6Flyweight source(byte[] value) {
        bytes(SOURCE_OFFSET, SOURCE_LENGTH, value);
        return this;
    }

    /** The destination address: a copy. */
    public byte[] destination() {
        byte[] copy = new byte[DESTINATION_LENGTH];
        bytes(DESTINATION_OFFSET, copy);
        return copy;
    }

    /** Sets the destination address, exactly 16 bytes. */
    public Ipv6Flyweight destination(byte[] value) {
        bytes(DESTINATION_OFFSET, DESTINATION_LENGTH, value);
        return this;
    }

    /** The IP version; 6. */
    public int version() {
        return versionClassLabel() >>> 28;
    }

    /** The traffic class: DSCP and ECN. */
    public int trafficClass() {
        return (versionClassLabel() >>> 20) & 0xff;
    }

    /** The flow label, 20 bits. */
    public int flowLabel() {
        return versionClassLabel() & 0xf_ffff;
    }

    /** Sets both addresses, each as its two halves. */
    public Ipv6Flyweight addresses(
            long sourceHigh, long sourceLow, long destinationHigh, long destinationLow) {
        u64(SOURCE_OFFSET, sourceHigh);
        u64(SOURCE_OFFSET + Long.BYTES, sourceLow);
        u64(DESTINATION_OFFSET, destinationHigh);
        u64(DESTINATION_OFFSET + Long.BYTES, destinationLow);
        return this;
    }
}
