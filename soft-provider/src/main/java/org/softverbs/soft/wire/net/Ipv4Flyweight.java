package org.softverbs.soft.wire.net;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.wire.Flyweight;

/**
 * IPv4 header without options (RFC 791).
 *
 * <pre>
 * +-------+-------+---------------+-------------------------------+
 * |Version|  IHL  |Type of service|          Total length         |
 * +-------+-------+---------------+-----+-------------------------+
 * |        Identification         |Flags|     Fragment offset     |
 * +---------------+---------------+-----+-------------------------+
 * |  Time to live |    Protocol   |        Header checksum        |
 * +---------------+---------------+-------------------------------+
 * |                        Source address                         |
 * +---------------------------------------------------------------+
 * |                      Destination address                      |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class Ipv4Flyweight extends Flyweight {

    /** Header length in bytes. */
    public static final int LENGTH = 20;

    /** Flag: routers may not fragment the packet. */
    public static final int DONT_FRAGMENT = 0x4000;

    private static final int MORE_FRAGMENTS = 0x2000;
    private static final int FRAGMENT_OFFSET_MASK = 0x1fff;

    private static final int VERSION_OFFSET = 0;
    private static final int VERSION_SHIFT = 4;
    private static final int VERSION_WIDTH = 4;
    private static final int HEADER_WORDS_OFFSET = 0;
    private static final int HEADER_WORDS_SHIFT = 0;
    private static final int HEADER_WORDS_WIDTH = 4;
    private static final int TYPE_OF_SERVICE_OFFSET = 1;
    private static final int TOTAL_LENGTH_OFFSET = 2;
    private static final int IDENTIFICATION_OFFSET = 4;
    private static final int FRAGMENT_BITS_OFFSET = 6;
    private static final int TIME_TO_LIVE_OFFSET = 8;
    private static final int PROTOCOL_OFFSET = 9;
    private static final int HEADER_CHECKSUM_OFFSET = 10;
    private static final int SOURCE_OFFSET = 12;
    private static final int SOURCE_LENGTH = 4;
    private static final int DESTINATION_OFFSET = 16;
    private static final int DESTINATION_LENGTH = 4;

    /** Points this view at the header that starts at {@code offset}. */
    public Ipv4Flyweight wrap(MemorySegment segment, long offset) {
        wrapBytes(segment, offset, LENGTH);
        return this;
    }

    /** The IP version; 4. */
    public int version() {
        return bits8(VERSION_OFFSET, VERSION_SHIFT, VERSION_WIDTH);
    }

    /** Sets the IP version. */
    public Ipv4Flyweight version(int value) {
        bits8(VERSION_OFFSET, VERSION_SHIFT, VERSION_WIDTH, value);
        return this;
    }

    /** The header length in words; 5 without options. */
    public int headerWords() {
        return bits8(HEADER_WORDS_OFFSET, HEADER_WORDS_SHIFT, HEADER_WORDS_WIDTH);
    }

    /** Sets the header length in words. */
    public Ipv4Flyweight headerWords(int value) {
        bits8(HEADER_WORDS_OFFSET, HEADER_WORDS_SHIFT, HEADER_WORDS_WIDTH, value);
        return this;
    }

    /** DSCP and ECN. */
    public int typeOfService() {
        return u8(TYPE_OF_SERVICE_OFFSET);
    }

    /** Sets DSCP and ECN. */
    public Ipv4Flyweight typeOfService(int value) {
        u8(TYPE_OF_SERVICE_OFFSET, value);
        return this;
    }

    /** Bytes of header and payload. */
    public int totalLength() {
        return u16(TOTAL_LENGTH_OFFSET);
    }

    /** Sets bytes of header and payload. */
    public Ipv4Flyweight totalLength(int value) {
        u16(TOTAL_LENGTH_OFFSET, value);
        return this;
    }

    /** The identification; the ICRC covers it. */
    public int identification() {
        return u16(IDENTIFICATION_OFFSET);
    }

    /** Sets the identification. */
    public Ipv4Flyweight identification(int value) {
        u16(IDENTIFICATION_OFFSET, value);
        return this;
    }

    /** Flags and fragment offset. */
    public int fragmentBits() {
        return u16(FRAGMENT_BITS_OFFSET);
    }

    /** Sets flags and fragment offset. */
    public Ipv4Flyweight fragmentBits(int value) {
        u16(FRAGMENT_BITS_OFFSET, value);
        return this;
    }

    /** The hops left. */
    public int timeToLive() {
        return u8(TIME_TO_LIVE_OFFSET);
    }

    /** Sets the hops left. */
    public Ipv4Flyweight timeToLive(int value) {
        u8(TIME_TO_LIVE_OFFSET, value);
        return this;
    }

    /** The protocol of the payload. */
    public int protocol() {
        return u8(PROTOCOL_OFFSET);
    }

    /** Sets the protocol of the payload. */
    public Ipv4Flyweight protocol(int value) {
        u8(PROTOCOL_OFFSET, value);
        return this;
    }

    /** The header checksum. */
    public int headerChecksum() {
        return u16(HEADER_CHECKSUM_OFFSET);
    }

    /** Sets the header checksum. */
    public Ipv4Flyweight headerChecksum(int value) {
        u16(HEADER_CHECKSUM_OFFSET, value);
        return this;
    }

    /** The source address: a copy. */
    public byte[] source() {
        byte[] copy = new byte[SOURCE_LENGTH];
        bytes(SOURCE_OFFSET, copy);
        return copy;
    }

    /** Sets the source address, exactly 4 bytes. */
    public Ipv4Flyweight source(byte[] value) {
        bytes(SOURCE_OFFSET, SOURCE_LENGTH, value);
        return this;
    }

    /** The destination address: a copy. */
    public byte[] destination() {
        byte[] copy = new byte[DESTINATION_LENGTH];
        bytes(DESTINATION_OFFSET, copy);
        return copy;
    }

    /** Sets the destination address, exactly 4 bytes. */
    public Ipv4Flyweight destination(byte[] value) {
        bytes(DESTINATION_OFFSET, DESTINATION_LENGTH, value);
        return this;
    }

    /** Bytes of the header with its options. */
    public int headerLength() {
        return headerWords() * 4;
    }

    /** Whether this is a piece of a larger packet. */
    public boolean isFragment() {
        return (fragmentBits() & (MORE_FRAGMENTS | FRAGMENT_OFFSET_MASK)) != 0;
    }

    /** Computes the header checksum over the 20 bytes and stores it. */
    public Ipv4Flyweight updateChecksum() {
        headerChecksum(0);
        return headerChecksum(~sum());
    }

    /** Whether the header checksum is that of the 20 bytes. */
    public boolean isChecksumRight() {
        return (sum() & 0xffff) == 0xffff;
    }

    private int sum() {
        int sum = 0;
        for (int at = 0; at < LENGTH; at += 2) {
            sum += u16(at);
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        return sum + (sum >>> 16);
    }

    /** Sets both addresses. */
    public Ipv4Flyweight addresses(int source, int destination) {
        i32(SOURCE_OFFSET, source);
        i32(DESTINATION_OFFSET, destination);
        return this;
    }
}
