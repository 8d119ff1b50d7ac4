package org.softverbs.soft.wire.packet;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.wire.net.Ipv4Flyweight;
import org.softverbs.soft.wire.net.Ipv6Flyweight;
import org.softverbs.soft.wire.net.UdpFlyweight;
import org.softverbs.soft.wire.pcap.PcapRecord;
import org.softverbs.soft.wire.roce.BthFlyweight;
import org.softverbs.soft.wire.roce.PacketCheck;
import org.softverbs.soft.wire.roce.PacketFault;

/**
 * A datagram to the RoCEv2 port in a captured frame. Because the IP header is there, its ICRC is
 * checked exactly.
 *
 * @param ip the IP packet, without what the link put around it
 * @param udpOffset where the UDP header starts in it
 * @param datagramLength UDP payload bytes, BTH to ICRC, by the UDP length
 */
public record CapturedRoce(MemorySegment ip, int udpOffset, int datagramLength) {

    private static final int VERSION_SHIFT = 4;
    private static final int ONES_LENGTH = 8;
    private static final byte ONES = (byte) 0xff;

    /** Finds the RoCEv2 datagram in a frame; null when it holds none, or a fragment of one. */
    public static @Nullable CapturedRoce find(PcapRecord frame) {
        MemorySegment ip = frame.ipPacket();
        if (ip == null || ip.byteSize() == 0) {
            return null;
        }
        int version = (ip.get(ValueLayout.JAVA_BYTE, 0) & 0xff) >>> VERSION_SHIFT;
        return switch (version) {
            case 4 -> findInIpv4(ip);
            case 6 -> findInIpv6(ip);
            default -> null;
        };
    }

    private static @Nullable CapturedRoce findInIpv4(MemorySegment ip) {
        if (ip.byteSize() < Ipv4Flyweight.LENGTH) {
            return null;
        }
        Ipv4Flyweight header = new Ipv4Flyweight().wrap(ip, 0);
        boolean plain =
                header.headerLength() >= Ipv4Flyweight.LENGTH
                        && !header.isFragment()
                        && header.protocol() == UdpFlyweight.PROTOCOL;
        int payload = header.totalLength() - header.headerLength();
        return plain ? findInUdp(ip, header.headerLength(), payload) : null;
    }

    private static @Nullable CapturedRoce findInIpv6(MemorySegment ip) {
        if (ip.byteSize() < Ipv6Flyweight.LENGTH) {
            return null;
        }
        Ipv6Flyweight header = new Ipv6Flyweight().wrap(ip, 0);
        boolean plain = header.nextHeader() == UdpFlyweight.PROTOCOL;
        return plain ? findInUdp(ip, Ipv6Flyweight.LENGTH, header.payloadLength()) : null;
    }

    private static @Nullable CapturedRoce findInUdp(MemorySegment ip, int offset, int length) {
        if (length < UdpFlyweight.LENGTH || ip.byteSize() < offset + UdpFlyweight.LENGTH) {
            return null;
        }
        UdpFlyweight udp = new UdpFlyweight().wrap(ip, offset);
        boolean sound = udp.length() >= UdpFlyweight.LENGTH && udp.length() <= length;
        return sound && udp.destinationPort() == UdpFlyweight.ROCE_PORT
                ? new CapturedRoce(ip, offset, udp.length() - UdpFlyweight.LENGTH)
                : null;
    }

    /** Whether the addresses are IPv6. */
    public boolean isIpv6() {
        return udpOffset == Ipv6Flyweight.LENGTH && ip.get(ValueLayout.JAVA_BYTE, 0) >> 4 == 6;
    }

    /** The UDP header. */
    public UdpFlyweight udp() {
        return new UdpFlyweight().wrap(ip, udpOffset);
    }

    /** The source address, 4 or 16 bytes. */
    public byte[] source() {
        return isIpv6()
                ? new Ipv6Flyweight().wrap(ip, 0).source()
                : new Ipv4Flyweight().wrap(ip, 0).source();
    }

    /** The destination address, 4 or 16 bytes. */
    public byte[] destination() {
        return isIpv6()
                ? new Ipv6Flyweight().wrap(ip, 0).destination()
                : new Ipv4Flyweight().wrap(ip, 0).destination();
    }

    /** Where the BTH starts in {@link #ip}. */
    public int bthOffset() {
        return udpOffset + UdpFlyweight.LENGTH;
    }

    /** The bytes from BTH to ICRC, as many as the capture kept. */
    public byte[] datagram() {
        long kept = Math.min(datagramLength, ip.byteSize() - bthOffset());
        return ip.asSlice(bthOffset(), Math.max(kept, 0)).toArray(ValueLayout.JAVA_BYTE);
    }

    /** Whether the capture kept the whole datagram. */
    public boolean isComplete() {
        return bthOffset() + datagramLength <= ip.byteSize();
    }

    /**
     * The values of the packet, or why it is none; a datagram cut short by the capture is too
     * short.
     */
    public RocePacket.Parsed parse() {
        return isComplete()
                ? RocePacket.parse(ip, bthOffset(), datagramLength)
                : new RocePacket.Refused(PacketFault.TOO_SHORT);
    }

    /** Whether the last four bytes are the ICRC of the rest; never for an incomplete datagram. */
    public boolean isIcrcGood() {
        if (!isComplete() || datagramLength < BthFlyweight.LENGTH + PacketCheck.ICRC_LENGTH) {
            return false;
        }
        int covered = datagramLength - PacketCheck.ICRC_LENGTH;
        return icrcOf(ip.asSlice(bthOffset(), covered)) == storedIcrc();
    }

    /** The last four bytes as the number that {@link #icrcOf} gives. */
    public int storedIcrc() {
        long at = (long) bthOffset() + datagramLength - PacketCheck.ICRC_LENGTH;
        return Integer.reverseBytes(ip.get(UdpFlyweight.U32, at));
    }

    /** The ICRC of {@code covered}, BTH to pad, behind the IP and UDP header of this datagram. */
    public int icrcOf(MemorySegment covered) {
        CRC32 crc = new CRC32();
        crc.update(maskedHeaders());
        byte[] bytes = covered.toArray(ValueLayout.JAVA_BYTE);
        bytes[4] = ONES;
        crc.update(bytes);
        return (int) crc.getValue();
    }

    private ByteBuffer maskedHeaders() {
        int ipLength = isIpv6() ? Ipv6Flyweight.LENGTH : Ipv4Flyweight.LENGTH;
        ByteBuffer masked = ByteBuffer.allocate(ONES_LENGTH + ipLength + UdpFlyweight.LENGTH);
        masked.putLong(-1L);
        masked.put(ip.asSlice(0, ipLength).asByteBuffer());
        masked.put(ip.asSlice(udpOffset, UdpFlyweight.LENGTH).asByteBuffer());
        if (isIpv6()) { // traffic class and flow label, hop limit
            masked.putInt(ONES_LENGTH, 0x6fff_ffff).put(ONES_LENGTH + 7, ONES);
        } else { // type of service, time to live, header checksum
            masked.put(ONES_LENGTH + 1, ONES).put(ONES_LENGTH + 8, ONES);
            masked.putShort(ONES_LENGTH + 10, (short) -1);
        }
        masked.putShort(ONES_LENGTH + ipLength + 6, (short) -1); // UDP checksum
        return masked.flip();
    }
}
