package org.softverbs.soft.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.softverbs.soft.packet.InboundPacket;
import org.softverbs.soft.packet.OutboundPacket;
import org.softverbs.soft.trace.TraceFile;
import org.softverbs.soft.trace.TraceKind;
import org.softverbs.soft.trace.TraceRecord;
import org.softverbs.soft.trace.TraceRecorder;
import org.softverbs.soft.trace.TraceWriter;
import org.softverbs.soft.wire.roce.BthFlyweight;
import org.softverbs.verbs.GlobalIdentifier;

/// What a trace keeps of the packets of a link.
class TraceLinkTest {

    private static final byte[] PAYLOAD = {1, 2, 3, 4, 5};

    private long now = 500;

    @TempDir private Path folder;

    private static GlobalIdentifier gid(int number) {
        return new GlobalIdentifier(0, 0xffff_0a00_0000L + number);
    }

    /// Takes what comes and throws it away.
    private static final class Sink implements LinkReceiver {

        private int packets;

        @Override
        public long arrivalNanos() {
            return 0;
        }

        @Override
        public void onPacket(InboundPacket packet) {
            packets++;
        }

        @Override
        public void onMalformed() {}

        @Override
        public void onBadIcrc() {}

        @Override
        public void onPortChange(PortChange change) {}
    }

    private TraceLink traced(InProcessNetwork network, int number) throws IOException {
        TraceWriter writer = TraceWriter.create(folder.resolve("n" + number));
        return new TraceLink(network.join(gid(number)), new TraceRecorder(writer, () -> now));
    }

    private List<TraceRecord> read(int number) throws IOException {
        try (BufferedReader in = Files.newBufferedReader(folder.resolve("n" + number))) {
            return TraceFile.read(in);
        }
    }

    private static OutboundPacket packet(int from, int to) {
        OutboundPacket packet = new OutboundPacket();
        packet.begin(
                new org.softverbs.soft.packet.Path(gid(from), gid(to), 4791, 64, 0),
                BthFlyweight.LENGTH);
        packet.header().asSlice(0, BthFlyweight.LENGTH).fill((byte) 0x11);
        packet.payload().add(MemorySegment.ofArray(PAYLOAD), 0, PAYLOAD.length);
        return packet;
    }

    @Test
    void shouldKeepPacketsThatNeverLeaveTheProcessAsIfTheyHad() throws IOException {
        InProcessNetwork network = new InProcessNetwork(1500);
        TraceLink left = traced(network, 1);
        TraceLink right = traced(network, 2);
        Sink sink = new Sink();
        now = 700;
        left.send(packet(1, 2));
        assertThat(right.poll(sink, 0)).isEqualTo(1);
        assertThat(sink.packets).isEqualTo(1);
        left.close();
        right.close();
        TraceRecord sent = read(1).getLast();
        TraceRecord arrived = read(2).getLast();
        assertThat(sent.kind()).isEqualTo(TraceKind.SENT);
        assertThat(arrived.kind()).isEqualTo(TraceKind.ARRIVED);
        assertThat(sent.nanos()).isEqualTo(200);
        assertThat(arrived.packet()).isEqualTo(sent.packet());
        assertThat(sent.packet().length()).isEqualTo(BthFlyweight.LENGTH + 5 + 3 + 4);
    }

    @Test
    void shouldNumberPeersAsTheyAppearAndSayWhoTheyAre() throws IOException {
        TraceLink link = traced(new InProcessNetwork(1500), 1);
        for (int peer : new int[] {9, 4, 9}) {
            link.send(packet(1, peer));
        }
        link.close();
        List<TraceRecord> records = read(1);
        assertThat(records).extracting(TraceRecord::peer).containsExactly(0, 2, 0, 3, 2);
        assertThat(records.get(0).text()).isEqualTo("n2 is ::ffff:10.0.0.9");
        assertThat(records.get(2).text()).isEqualTo("n3 is ::ffff:10.0.0.4");
    }

    @Test
    void shouldGiveNumbersToALimitedNumberOfPeers() throws IOException {
        TraceLink link = traced(new InProcessNetwork(1500), 1);
        for (int peer = 2; peer < 1002; peer++) {
            link.send(packet(1, peer));
        }
        link.close();
        assertThat(read(1).stream().mapToInt(TraceRecord::peer).max()).hasValue(258);
        assertThat(read(1).stream().filter(record -> record.peer() == 258)).hasSize(1000 - 256);
    }

    @Test
    void shouldWriteNothingAfterTheEnd() throws IOException {
        TraceLink link = traced(new InProcessNetwork(1500), 1);
        TraceRecorder late = new TraceRecorder(TraceWriter.create(folder.resolve("n2")), () -> now);
        late.close();
        late.add(TraceKind.NOTE, "too late");
        late.close();
        link.close();
        assertThat(read(2)).isEmpty();
    }
}
