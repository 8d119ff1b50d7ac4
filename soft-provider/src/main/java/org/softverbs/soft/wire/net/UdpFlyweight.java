package org.softverbs.soft.wire.net;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.wire.Flyweight;

/**
 * UDP header (RFC 768).
 *
 * <pre>
 * +-------------------------------+-------------------------------+
 * |          Source port          |       Destination port        |
 * +-------------------------------+-------------------------------+
 * |            Length             |           Checksum            |
 * +-------------------------------+-------------------------------+
 * </pre>
 */
public final class UdpFlyweight extends Flyweight {

    /** Header length in bytes. */
    public static final int LENGTH = 8;

    /** The UDP port of RoCEv2. */
    public static final int ROCE_PORT = 4791;

    /** The protocol number of UDP in IP headers. */
    public static final int PROTOCOL = 17;

    private static final int SOURCE_PORT_OFFSET = 0;
    private static final int DESTINATION_PORT_OFFSET = 2;
    private static final int LENGTH_OFFSET = 4;
    private static final int CHECKSUM_OFFSET = 6;

    /** Points this view at the header that starts at {@code offset}. */
    public UdpFlyweight wrap(MemorySegment segment, long offset) {
        wrapBytes(segment, offset, LENGTH);
        return this;
    }

    /** The source port. */
    public int sourcePort() {
        return u16(SOURCE_PORT_OFFSET);
    }

    /** Sets the source port. */
    public UdpFlyweight sourcePort(int value) {
        u16(SOURCE_PORT_OFFSET, value);
        return this;
    }

    /** The destination port. */
    public int destinationPort() {
        return u16(DESTINATION_PORT_OFFSET);
    }

    /** Sets the destination port. */
    public UdpFlyweight destinationPort(int value) {
        u16(DESTINATION_PORT_OFFSET, value);
        return this;
    }

    /** Bytes of header and payload. */
    public int length() {
        return u16(LENGTH_OFFSET);
    }

    /** Sets bytes of header and payload. */
    public UdpFlyweight length(int value) {
        u16(LENGTH_OFFSET, value);
        return this;
    }

    /** The checksum; 0 for none. */
    public int checksum() {
        return u16(CHECKSUM_OFFSET);
    }

    /** Sets the checksum. */
    public UdpFlyweight checksum(int value) {
        u16(CHECKSUM_OFFSET, value);
        return this;
    }
}
