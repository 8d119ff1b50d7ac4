package org.softverbs.soft.roce;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.softverbs.soft.packet.InboundPacket;
import org.softverbs.soft.packet.RunList;
import org.softverbs.soft.wire.net.Ipv4Flyweight;
import org.softverbs.soft.wire.net.Ipv6Flyweight;
import org.softverbs.verbs.DatagramSource;

/// Makes what stands in front of a datagram in its receive: the IP header that it came with, in the
/// place of a global route header. A socket tells addresses and lengths; the rest of the header is
/// what a sender without options sends.
final class GlobalRouteWriter {

    private static final int IPV4_OFFSET = 20;
    private static final int IPV4_VERSION = 4;
    private static final int IPV4_WORDS = 5;
    private static final int IPV6_VERSION = 6 << 28;
    private static final int UDP = 17;
    private static final int UDP_HEADER = 8;
    private static final int ICRC = 4;
    private static final int DEFAULT_HOPS = 64;

    private final MemorySegment header =
            Arena.ofAuto().allocate(DatagramSource.GLOBAL_ROUTE_LENGTH, Long.BYTES);
    private final Ipv4Flyweight ipv4 = new Ipv4Flyweight();
    private final Ipv6Flyweight ipv6 = new Ipv6Flyweight();
    private final RunList runs = new RunList();

    /// The header, and the payload of the packet behind it; good until the next call.
    RunList before(InboundPacket packet) {
        header.fill((byte) 0);
        int datagram = UDP_HEADER + packet.wholeLength() + ICRC;
        if (packet.isOverIpv4()) {
            ipv4.wrap(header, IPV4_OFFSET)
                    .version(IPV4_VERSION)
                    .headerWords(IPV4_WORDS)
                    .totalLength(Ipv4Flyweight.LENGTH + datagram)
                    .fragmentBits(Ipv4Flyweight.DONT_FRAGMENT)
                    .timeToLive(DEFAULT_HOPS)
                    .protocol(UDP)
                    .addresses((int) packet.sourceLow(), (int) packet.destinationLow())
                    .updateChecksum();
        } else {
            ipv6.wrap(header, 0)
                    .versionClassLabel(IPV6_VERSION)
                    .payloadLength(datagram)
                    .nextHeader(UDP)
                    .hopLimit(DEFAULT_HOPS)
                    .addresses(
                            packet.sourceHigh(),
                            packet.sourceLow(),
                            packet.destinationHigh(),
                            packet.destinationLow());
        }
        runs.clear();
        runs.add(header, 0, DatagramSource.GLOBAL_ROUTE_LENGTH);
        RunList payload = packet.payload();
        for (int i = 0; i < payload.count(); i++) {
            runs.add(payload.segment(i), payload.offset(i), payload.length(i));
        }
        return runs;
    }
}
