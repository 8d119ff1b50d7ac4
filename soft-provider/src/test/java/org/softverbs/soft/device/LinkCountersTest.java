package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.softverbs.soft.wire.packet.Captures;
import org.softverbs.soft.wire.roce.BthFlyweight;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.RdmaDevices;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;

/// What a device tells about its link: its counters and its capture.
class LinkCountersTest {

    private static final long DEADLINE_NANOS = Duration.ofSeconds(20).toNanos();

    private static void await(DeviceContext context, String counter) {
        long end = System.nanoTime() + DEADLINE_NANOS;
        while (count(context, counter) == 0 && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        assertThat(count(context, counter)).as("%s", context.counters()).isPositive();
    }

    private static long count(DeviceContext context, String counter) {
        assertThat(context.counters()).containsKey(counter);
        return context.counters().getOrDefault(counter, 0L);
    }

    /// The kernel lets nothing from a loopback address out of the machine.
    @Test
    void shouldCountSendsThatTheSocketRefuses() {
        DeviceContext context = RdmaDevices.open("rxe@127.4.3.1", Map.of("progress", "loop"));
        try (TestNode node = new TestNode(context, 64)) {
            assertThat(count(context, "link_send_failures")).isZero();
            GlobalIdentifier away = GlobalIdentifier.of(InetAddress.ofLiteral("203.0.113.7"));
            node.queuePair.modify(QueuePairAttributes.toInit(TestNode.ALL_ACCESS));
            node.queuePair.modify(
                    QueuePairAttributes.toReadyToReceive(
                            new AddressVector(away, 0), 17, 0, Mtu.MTU_1024));
            node.queuePair.modify(QueuePairAttributes.toReadyToSend(0));
            node.queuePair.postSend(
                    new SendWorkRequest.Send(
                            1, List.of(node.region.element()), EnumSet.noneOf(SendFlag.class)));
            await(context, "link_send_failures");
        }
    }

    @Test
    void shouldCaptureThePortThatAPacketCameFrom(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("x.pcap");
        Map<String, String> options = Map.of("progress", "loop", "pcap", file.toString());
        int port;
        try (DeviceContext context = RdmaDevices.open("rxe@127.4.3.2", options);
                RawPeer peer = new RawPeer("127.4.3.3", "127.4.3.2")) {
            port = peer.sourcePort();
            peer.bytes().set(ValueLayout.JAVA_BYTE, BthFlyweight.LENGTH - 1L, (byte) 7);
            peer.sendSealed(BthFlyweight.LENGTH);
            await(context, "received_packets");
        }
        List<Captures.Found> packets = Captures.packets(file);
        assertThat(packets).hasSize(1);
        assertThat(packets.getFirst().roce().udp().sourcePort()).isEqualTo(port);
        assertThat(packets.getFirst().roce().isIcrcGood()).isTrue();
    }
}
