package org.softverbs.soft.wire.mad;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.wire.Flyweight;

/**
 * The header that IP addressing puts first into the private data of REQ and SIDR_REQ (annex A11);
 * an IPv4 address stands in the last four bytes of its field.
 *
 * <pre>
 *    0  4 bits at bit 4  majorVersion
 *    0  4 bits at bit 0  minorVersion
 *    1  4 bits at bit 4  ipVersion
 *    1  4 bits at bit 0  reserved1
 *    2  16 bits          sourcePort
 *    4  16 bytes         sourceAddress
 *   20  16 bytes         destinationAddress
 * </pre>
 */
public final class IpCmHeaderFlyweight extends Flyweight {

    /** Header length in bytes. */
    public static final int LENGTH = 36;

    private static final int MAJOR_VERSION_OFFSET = 0;
    private static final int MAJOR_VERSION_SHIFT = 4;
    private static final int MAJOR_VERSION_WIDTH = 4;
    private static final int MINOR_VERSION_OFFSET = 0;
    private static final int MINOR_VERSION_SHIFT = 0;
    private static final int MINOR_VERSION_WIDTH = 4;
    private static final int IP_VERSION_OFFSET = 1;
    private static final int IP_VERSION_SHIFT = 4;
    private static final int IP_VERSION_WIDTH = 4;
    private static final int RESERVED_1_OFFSET = 1;
    private static final int RESERVED_1_SHIFT = 0;
    private static final int RESERVED_1_WIDTH = 4;
    private static final int SOURCE_PORT_OFFSET = 2;
    private static final int SOURCE_ADDRESS_OFFSET = 4;
    private static final int SOURCE_ADDRESS_LENGTH = 16;
    private static final int DESTINATION_ADDRESS_OFFSET = 20;
    private static final int DESTINATION_ADDRESS_LENGTH = 16;

    /** Points this view at the header that starts at {@code offset}. */
    public IpCmHeaderFlyweight wrap(MemorySegment segment, long offset) {
        wrapBytes(segment, offset, LENGTH);
        return this;
    }

    /** The major version; 0. */
    public int majorVersion() {
        return bits8(MAJOR_VERSION_OFFSET, MAJOR_VERSION_SHIFT, MAJOR_VERSION_WIDTH);
    }

    /** Sets the major version. */
    public IpCmHeaderFlyweight majorVersion(int value) {
        bits8(MAJOR_VERSION_OFFSET, MAJOR_VERSION_SHIFT, MAJOR_VERSION_WIDTH, value);
        return this;
    }

    /** The minor version; 0. */
    public int minorVersion() {
        return bits8(MINOR_VERSION_OFFSET, MINOR_VERSION_SHIFT, MINOR_VERSION_WIDTH);
    }

    /** Sets the minor version. */
    public IpCmHeaderFlyweight minorVersion(int value) {
        bits8(MINOR_VERSION_OFFSET, MINOR_VERSION_SHIFT, MINOR_VERSION_WIDTH, value);
        return this;
    }

    /** The IP version; 4 or 6. */
    public int ipVersion() {
        return bits8(IP_VERSION_OFFSET, IP_VERSION_SHIFT, IP_VERSION_WIDTH);
    }

    /** Sets the IP version. */
    public IpCmHeaderFlyweight ipVersion(int value) {
        bits8(IP_VERSION_OFFSET, IP_VERSION_SHIFT, IP_VERSION_WIDTH, value);
        return this;
    }

    /** The reserved bits. */
    public int reserved1() {
        return bits8(RESERVED_1_OFFSET, RESERVED_1_SHIFT, RESERVED_1_WIDTH);
    }

    /** Sets the reserved bits. */
    public IpCmHeaderFlyweight reserved1(int value) {
        bits8(RESERVED_1_OFFSET, RESERVED_1_SHIFT, RESERVED_1_WIDTH, value);
        return this;
    }

    /** The port of the active side. */
    public int sourcePort() {
        return u16(SOURCE_PORT_OFFSET);
    }

    /** Sets the port of the active side. */
    public IpCmHeaderFlyweight sourcePort(int value) {
        u16(SOURCE_PORT_OFFSET, value);
        return this;
    }

    /** The address of the active side: a copy. */
    public byte[] sourceAddress() {
        byte[] copy = new byte[SOURCE_ADDRESS_LENGTH];
        bytes(SOURCE_ADDRESS_OFFSET, copy);
        return copy;
    }

    /** Sets the address of the active side, exactly 16 bytes. */
    public IpCmHeaderFlyweight sourceAddress(byte[] value) {
        bytes(SOURCE_ADDRESS_OFFSET, SOURCE_ADDRESS_LENGTH, value);
        return this;
    }

    /** The address of the passive side: a copy. */
    public byte[] destinationAddress() {
        byte[] copy = new byte[DESTINATION_ADDRESS_LENGTH];
        bytes(DESTINATION_ADDRESS_OFFSET, copy);
        return copy;
    }

    /** Sets the address of the passive side, exactly 16 bytes. */
    public IpCmHeaderFlyweight destinationAddress(byte[] value) {
        bytes(DESTINATION_ADDRESS_OFFSET, DESTINATION_ADDRESS_LENGTH, value);
        return this;
    }
}
