package org.softverbs.soft.wire.packet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.softverbs.soft.wire.pcap.LinkType;
import org.softverbs.soft.wire.pcap.PcapReader;
import org.softverbs.soft.wire.pcap.PcapRecord;
import org.softverbs.soft.wire.pcap.PcapWriter;
import org.softverbs.soft.wire.roce.Icrc;

class PcapWriterTest {

    @TempDir private Path folder;

    @Test
    void shouldWriteFramesThatTheReaderGivesBack() throws IOException {
        Path original = Captures.files().getFirst();
        Path copy = folder.resolve("copy.pcap");
        try (PcapReader reader = PcapReader.open(original);
                PcapWriter writer = PcapWriter.create(copy, LinkType.ETHERNET)) {
            for (PcapRecord next = reader.next(); next != null; next = reader.next()) {
                writer.write(next.timestampNanos(), next.frame().asByteBuffer());
            }
        }
        List<Captures.Found> before = Captures.packets(original);
        List<Captures.Found> after = Captures.packets(copy);
        assertThat(after).hasSameSizeAs(before);
        for (int i = 0; i < before.size(); i++) {
            assertThat(after.get(i).timestampNanos()).isEqualTo(before.get(i).timestampNanos());
            assertThat(after.get(i).roce().parse()).isEqualTo(before.get(i).roce().parse());
            assertThat(after.get(i).roce().isIcrcGood()).isTrue();
        }
    }

    @Test
    void shouldGiveDatagramsTheHeadersThatTheSocketSends() throws IOException {
        Path file = folder.resolve("datagrams.pcap");
        try (PcapWriter writer = PcapWriter.create(file, LinkType.RAW_IP)) {
            writeAck(writer, "127.0.0.1", "127.0.0.2");
            writer.flush();
            assertThat(Files.size(file)).isEqualTo(24 + 16 + 48);
            writeAck(writer, "fd78::1", "fd78::2");
        }
        List<Captures.Found> found = Captures.packets(file);
        assertThat(found).hasSize(2);
        for (Captures.Found packet : found) {
            assertThat(packet.roce().isIcrcGood()).isTrue();
            assertThat(packet.timestampNanos()).isEqualTo(1_700_000_000_000_000_001L);
            assertThat(packet.roce().udp().sourcePort()).isEqualTo(50_000);
        }
        assertThat(found.get(0).roce().source()).isEqualTo(new byte[] {127, 0, 0, 1});
        assertThat(found.get(1).roce().isIpv6()).isTrue();
    }

    @Test
    void shouldRefuseAFrameThatNoReaderTakes() throws IOException {
        try (PcapWriter writer = PcapWriter.create(folder.resolve("big"), LinkType.RAW_IP)) {
            ByteBuffer frame = ByteBuffer.allocate(PcapReader.FRAME_MAX + 1);
            assertThatThrownBy(() -> writer.write(0, frame))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("frame of 262145 bytes, at most 262144");
        }
    }

    private static void writeAck(PcapWriter writer, String from, String to) throws IOException {
        byte[] source = InetAddress.ofLiteral(from).getAddress();
        byte[] destination = InetAddress.ofLiteral(to).getAddress();
        ByteBuffer ack = ByteBuffer.allocate(20);
        ack.putInt(0x1100ffff).putInt(0x11).putInt(5).putInt(0x1f000001);
        int icrc =
                new Icrc(source, destination)
                        .compute(50_000, 4791, 3, Icrc.DONT_FRAGMENT, ack, 0, 16);
        Icrc.store(ack, 16, icrc);
        writer.writeDatagram(
                1_700_000_000_000_000_001L, source, 50_000, destination, 3, ack.rewind());
    }
}
