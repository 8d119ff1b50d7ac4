package org.softverbs.soft.wire.pcap;

import java.io.BufferedOutputStream;
import java.io.Flushable;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.softverbs.soft.wire.net.Ipv4Flyweight;
import org.softverbs.soft.wire.net.Ipv6Flyweight;
import org.softverbs.soft.wire.net.UdpFlyweight;

/**
 * Writes a pcap file with nanosecond timestamps that Wireshark and {@link PcapReader} open.
 * Confined to one thread. Frames are buffered; {@link #flush} makes them visible to readers of the
 * file.
 */
public final class PcapWriter implements AutoCloseable, Flushable {

    private static final int MAGIC_NANOS = 0xa1b23c4d;
    private static final short MAJOR = 2;
    private static final short MINOR = 4;
    private static final int FILE_HEADER = 24;
    private static final int RECORD_HEADER = 16;
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final int DEFAULT_HOPS = 64;

    private final OutputStream stream;
    private final ByteBuffer record = ByteBuffer.allocate(RECORD_HEADER + PcapReader.FRAME_MAX);
    private final MemorySegment segment = MemorySegment.ofBuffer(record);
    private final Ipv4Flyweight ipv4 = new Ipv4Flyweight();
    private final Ipv6Flyweight ipv6 = new Ipv6Flyweight();
    private final UdpFlyweight udp = new UdpFlyweight();

    /** Writes to a stream, which {@link #close} closes. */
    public PcapWriter(OutputStream stream, LinkType linkType) throws IOException {
        this.stream = new BufferedOutputStream(stream, 1 << 16);
        ByteBuffer header = ByteBuffer.allocate(FILE_HEADER);
        header.putInt(MAGIC_NANOS).putShort(MAJOR).putShort(MINOR).putInt(0).putInt(0);
        header.putInt(PcapReader.FRAME_MAX).putInt(linkType.value());
        this.stream.write(header.array());
    }

    /** Creates or replaces a file. */
    public static PcapWriter create(Path file, LinkType linkType) throws IOException {
        return new PcapWriter(Files.newOutputStream(file), linkType);
    }

    /**
     * Writes one frame: what {@code frame} has from position to limit, which it keeps.
     *
     * @throws IllegalArgumentException if it is longer than {@link PcapReader#FRAME_MAX}
     */
    public void write(long timestampNanos, ByteBuffer frame) throws IOException {
        int length = frame.remaining();
        checkLength(length);
        record.put(RECORD_HEADER, frame, frame.position(), length);
        writeRecord(timestampNanos, length);
    }

    /**
     * Writes a UDP datagram to the RoCEv2 port with the IP header that an unconnected Linux socket
     * with DF puts before it: identification {@code ipId}, hop limit 64, no checksum. For {@link
     * LinkType#RAW_IP}.
     *
     * @param source 4 or 16 bytes
     * @param destination as many
     * @param payload UDP payload from position to limit, which it keeps
     */
    public void writeDatagram(
            long timestampNanos,
            byte[] source,
            int sourcePort,
            byte[] destination,
            int ipId,
            ByteBuffer payload)
            throws IOException {
        boolean isIpv6 = source.length == 16;
        int ipLength = isIpv6 ? Ipv6Flyweight.LENGTH : Ipv4Flyweight.LENGTH;
        int udpLength = UdpFlyweight.LENGTH + payload.remaining();
        checkLength(ipLength + udpLength);
        if (isIpv6) {
            ipv6.wrap(segment, RECORD_HEADER).versionClassLabel(6 << 28).payloadLength(udpLength);
            ipv6.nextHeader(UdpFlyweight.PROTOCOL).hopLimit(DEFAULT_HOPS);
            ipv6.source(source).destination(destination);
        } else {
            ipv4.wrap(segment, RECORD_HEADER).version(4).headerWords(5).typeOfService(0);
            ipv4.totalLength(ipLength + udpLength).identification(ipId);
            ipv4.fragmentBits(Ipv4Flyweight.DONT_FRAGMENT).timeToLive(DEFAULT_HOPS);
            ipv4.protocol(UdpFlyweight.PROTOCOL).source(source).destination(destination);
            ipv4.updateChecksum();
        }
        int udpOffset = RECORD_HEADER + ipLength;
        udp.wrap(segment, udpOffset).sourcePort(sourcePort).length(udpLength).checksum(0);
        udp.destinationPort(UdpFlyweight.ROCE_PORT);
        record.put(
                udpOffset + UdpFlyweight.LENGTH, payload, payload.position(), payload.remaining());
        writeRecord(timestampNanos, ipLength + udpLength);
    }

    private static void checkLength(int length) {
        if (length > PcapReader.FRAME_MAX) {
            throw new IllegalArgumentException(
                    "frame of " + length + " bytes, at most " + PcapReader.FRAME_MAX);
        }
    }

    private void writeRecord(long timestampNanos, int length) throws IOException {
        record.putInt(0, (int) (timestampNanos / NANOS_PER_SECOND));
        record.putInt(4, (int) (timestampNanos % NANOS_PER_SECOND));
        record.putInt(8, length).putInt(12, length);
        stream.write(record.array(), 0, RECORD_HEADER + length);
    }

    @Override
    public void flush() throws IOException {
        stream.flush();
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
