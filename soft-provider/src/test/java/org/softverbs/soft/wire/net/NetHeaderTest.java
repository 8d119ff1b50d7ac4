package org.softverbs.soft.wire.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class NetHeaderTest {

    /** The header of a captured frame: rxe4_ucmatose.pcap frame 1. */
    private static final String IPV4 = "4500013442e940004011e22f0a4e00020a4e0003";

    @Test
    void shouldReadAnIpv4HeaderAndComputeItsChecksum() {
        MemorySegment segment = MemorySegment.ofArray(HexFormat.of().parseHex(IPV4));
        Ipv4Flyweight ip = new Ipv4Flyweight().wrap(segment, 0);
        assertThat(ip.version()).isEqualTo(4);
        assertThat(ip.headerLength()).isEqualTo(20);
        assertThat(ip.totalLength()).isEqualTo(308);
        assertThat(ip.identification()).isEqualTo(17129);
        assertThat(ip.fragmentBits()).isEqualTo(Ipv4Flyweight.DONT_FRAGMENT);
        assertThat(ip.isFragment()).isFalse();
        assertThat(ip.timeToLive()).isEqualTo(64);
        assertThat(ip.protocol()).isEqualTo(UdpFlyweight.PROTOCOL);
        assertThat(ip.source()).isEqualTo(new byte[] {10, 78, 0, 2});
        assertThat(ip.headerChecksum()).isEqualTo(0xe22f);
        assertThat(ip.updateChecksum().headerChecksum()).isEqualTo(0xe22f);
        assertThat(ip.fragmentBits(0x2000).isFragment()).isTrue();
        assertThat(ip.fragmentBits(1).isFragment()).isTrue();
    }

    @Test
    void shouldPlaceTheFieldsOfTheOthers() {
        byte[] bytes = new byte[40];
        MemorySegment segment = MemorySegment.ofArray(bytes);
        Ipv6Flyweight ip = new Ipv6Flyweight().wrap(segment, 0);
        ip.versionClassLabel(0x6ab12345).payloadLength(0xfffe).nextHeader(17).hopLimit(64);
        assertThat(HexFormat.of().formatHex(bytes, 0, 8)).isEqualTo("6ab12345fffe1140");
        assertThat(ip.version()).isEqualTo(6);
        assertThat(ip.trafficClass()).isEqualTo(0xab);
        assertThat(ip.flowLabel()).isEqualTo(0x12345);
        UdpFlyweight udp = new UdpFlyweight().wrap(segment, 0);
        udp.sourcePort(0xc000).destinationPort(UdpFlyweight.ROCE_PORT).length(8).checksum(0xffff);
        assertThat(HexFormat.of().formatHex(bytes, 0, 8)).isEqualTo("c00012b70008ffff");
        EthernetFlyweight ethernet = new EthernetFlyweight().wrap(segment, 0);
        ethernet.etherType(EthernetFlyweight.TYPE_IPV6);
        assertThat(bytes[12] & 0xff).isEqualTo(0x86);
    }
}
