package org.softverbs.soft.wire.roce;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * Computes the invariant CRC of RoCEv2 packets between one pair of addresses. Reusable; allocates
 * nothing after construction; confined to one thread.
 *
 * <p>The ICRC is the CRC-32 of zlib over eight bytes of ones, the IP and UDP header and the BTH
 * with all that a router may change set to ones, and the rest of the packet up to the pad. It
 * stands little-endian in the last four bytes of the datagram. Source: annex A17 of the InfiniBand
 * specification, read as Linux {@code rxe_icrc.c} reads it.
 */
public final class Icrc {

    /** Flags and fragment offset of an IPv4 packet that may not be fragmented. */
    public static final int DONT_FRAGMENT = 0x4000;

    private static final int ONES_LENGTH = 8;
    private static final int UDP_LENGTH = 8;
    private static final int IPV4_LENGTH = 20;
    private static final int IPV6_LENGTH = 40;
    private static final int PROTOCOL_UDP = 17;
    private static final byte ONES = (byte) 0xff;
    private static final int CONGESTION_OFFSET = 4;

    private final CRC32 crc = new CRC32();
    private final ByteBuffer masked;
    private final boolean ipv6;
    private final int udpOffset;
    private final int bthOffset;

    /**
     * Prepares for packets from {@code source} to {@code destination}, both of 4 or both of 16
     * bytes, in network order.
     *
     * @throws IllegalArgumentException if the lengths are others or differ
     */
    public Icrc(byte[] source, byte[] destination) {
        if (source.length != destination.length || (source.length != 4 && source.length != 16)) {
            throw new IllegalArgumentException(
                    "addresses of " + source.length + " and " + destination.length + " bytes");
        }
        ipv6 = source.length == 16;
        udpOffset = ONES_LENGTH + (ipv6 ? IPV6_LENGTH : IPV4_LENGTH);
        bthOffset = udpOffset + UDP_LENGTH;
        masked = ByteBuffer.allocateDirect(bthOffset + BthFlyweight.LENGTH);
        while (masked.hasRemaining()) {
            masked.put(ONES);
        }
        masked.put(ONES_LENGTH, (byte) (ipv6 ? 0x6f : 0x45));
        masked.put(ONES_LENGTH + (ipv6 ? 6 : 9), (byte) PROTOCOL_UDP);
        masked.put(udpOffset - 2 * source.length, source);
        masked.put(udpOffset - source.length, destination);
    }

    /** Whether the addresses are IPv6, so that ID and fragment bits do not count. */
    public boolean isIpv6() {
        return ipv6;
    }

    /**
     * The ICRC of a datagram whose IP and UDP lengths follow from {@code length}.
     *
     * @param ipId IPv4 identification, ignored on IPv6
     * @param fragmentBits IPv4 flags and fragment offset, 16 bits, ignored on IPv6
     * @param packet holds BTH, extension headers, payload and pad; its position and limit are left
     *     as they were; a direct buffer is the fast case
     * @param offset absolute index of the BTH
     * @param length bytes from the BTH to the pad, without the ICRC; at least 12
     * @return the value to store little-endian behind the pad
     */
    public int compute(
            int sourcePort,
            int destinationPort,
            int ipId,
            int fragmentBits,
            ByteBuffer packet,
            int offset,
            int length) {
        int udpLength = UDP_LENGTH + length + PacketCheck.ICRC_LENGTH;
        if (ipv6) {
            masked.putShort(ONES_LENGTH + 4, (short) udpLength);
        } else {
            masked.putShort(ONES_LENGTH + 2, (short) (IPV4_LENGTH + udpLength));
            masked.putInt(ONES_LENGTH + 4, ipId << 16 | (fragmentBits & 0xffff));
        }
        masked.putInt(udpOffset, sourcePort << 16 | (destinationPort & 0xffff));
        masked.putShort(udpOffset + 4, (short) udpLength);
        masked.put(bthOffset, packet, offset, BthFlyweight.LENGTH);
        masked.put(bthOffset + CONGESTION_OFFSET, ONES);
        crc.reset();
        masked.clear();
        crc.update(masked);
        updateRest(packet, offset + BthFlyweight.LENGTH, length - BthFlyweight.LENGTH);
        return (int) crc.getValue();
    }

    private void updateRest(ByteBuffer packet, int offset, int length) {
        int position = packet.position();
        int limit = packet.limit();
        packet.limit(offset + length).position(offset);
        crc.update(packet);
        packet.limit(limit).position(position);
    }

    /** Reads the ICRC that stands at {@code offset} of {@code packet}. */
    public static int load(ByteBuffer packet, int offset) {
        return (packet.get(offset) & 0xff)
                | (packet.get(offset + 1) & 0xff) << 8
                | (packet.get(offset + 2) & 0xff) << 16
                | packet.get(offset + 3) << 24;
    }

    /** Writes {@code icrc} at {@code offset} of {@code packet}. */
    public static void store(ByteBuffer packet, int offset, int icrc) {
        packet.put(offset, (byte) icrc)
                .put(offset + 1, (byte) (icrc >> 8))
                .put(offset + 2, (byte) (icrc >> 16))
                .put(offset + 3, (byte) (icrc >> 24));
    }
}
