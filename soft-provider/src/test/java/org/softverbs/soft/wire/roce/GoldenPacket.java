package org.softverbs.soft.wire.roce;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/** One captured IP packet of each kind; {@code datagram()} is its UDP payload. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record GoldenPacket(String name, byte[] ip) {

    private static final int UDP_LENGTH = 8;

    static List<GoldenPacket> all() {
        InputStream file = GoldenPacket.class.getResourceAsStream("/golden-packets.txt");
        try (BufferedReader reader =
                new BufferedReader(
                        new InputStreamReader(
                                Objects.requireNonNull(file), StandardCharsets.US_ASCII))) {
            return reader.lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split(" "))
                    .map(word -> new GoldenPacket(word[0], HexFormat.of().parseHex(word[2])))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean isIpv6() {
        return ip[0] >> 4 == 6;
    }

    byte[] source() {
        return isIpv6() ? Arrays.copyOfRange(ip, 8, 24) : Arrays.copyOfRange(ip, 12, 16);
    }

    byte[] destination() {
        return isIpv6() ? Arrays.copyOfRange(ip, 24, 40) : Arrays.copyOfRange(ip, 16, 20);
    }

    int ipId() {
        return u16(4);
    }

    int sourcePort() {
        return u16(udpOffset());
    }

    int destinationPort() {
        return u16(udpOffset() + 2);
    }

    /** A direct buffer with BTH to ICRC. */
    ByteBuffer datagram() {
        int offset = udpOffset() + UDP_LENGTH;
        ByteBuffer datagram = ByteBuffer.allocateDirect(ip.length - offset);
        return datagram.put(ip, offset, ip.length - offset).clear();
    }

    int coveredLength() {
        return ip.length - udpOffset() - UDP_LENGTH - PacketCheck.ICRC_LENGTH;
    }

    private int udpOffset() {
        return isIpv6() ? 40 : 20;
    }

    private int u16(int at) {
        return (ip[at] & 0xff) << 8 | (ip[at + 1] & 0xff);
    }

    @Override
    public String toString() {
        return name;
    }
}
