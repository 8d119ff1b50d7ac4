package org.softverbs.soft.link.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.Channel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.softverbs.soft.link.LinkReceiver;
import org.softverbs.soft.link.PortChange;
import org.softverbs.soft.packet.InboundPacket;
import org.softverbs.soft.packet.OutboundPacket;
import org.softverbs.soft.packet.Path;
import org.softverbs.soft.wire.roce.BthFlyweight;
import org.softverbs.verbs.GlobalIdentifier;

/// UDP links on loopback, without devices.
class UdpLinkTest {

    private static final int SOL_SOCKET = 1;
    private static final int SO_NO_CHECK = 11;
    private static final long DEADLINE_NANOS = Duration.ofSeconds(20).toNanos();

    private static final Duration LOOK_PERIOD = Duration.ofMillis(5);

    private final List<UdpLink> opened = new ArrayList<>();
    private final RecordingReceiver receiver = new RecordingReceiver();

    @AfterEach
    void close() {
        opened.forEach(UdpLink::close);
    }

    private UdpSocket socket(String address) {
        return UdpSocket.bind(InetAddress.ofLiteral(address), UdpLink.PORT, false, () -> true);
    }

    private UdpLink link(String address, UdpSocket socket) {
        return link(address, socket, () -> true);
    }

    private UdpLink link(String address, UdpSocket socket, BooleanSupplier interfaceIsUp) {
        UdpLink link =
                new UdpLink(
                        GlobalIdentifier.of(InetAddress.ofLiteral(address)),
                        new LocalInterface("lo", 65_536, Optional.empty()),
                        socket,
                        interfaceIsUp,
                        LOOK_PERIOD);
        opened.add(link);
        return link;
    }

    private static void send(UdpLink from, GlobalIdentifier to, int packets) {
        OutboundPacket packet = new OutboundPacket();
        for (int i = 0; i < packets; i++) {
            packet.begin(new Path(from.address(), to, UdpLink.PORT, 64, 0), BthFlyweight.LENGTH);
            packet.header().set(ValueLayout.JAVA_BYTE, BthFlyweight.LENGTH - 1L, (byte) i);
            from.send(packet);
        }
        from.flush();
    }

    private void await(UdpLink link, int packets) {
        long end = System.nanoTime() + DEADLINE_NANOS;
        while (receiver.last.size() < packets && System.nanoTime() < end) {
            link.poll(receiver, 1_000_000);
        }
        assertThat(receiver.last).hasSize(packets);
    }

    /// Without a checksum the kernel does not segment, as on a route that cannot.
    @Test
    void shouldGoOnWithoutSegmentationWhenItIsRefused() {
        UdpSocket socket = socket("127.4.2.1");
        assumeTrue(socket.isSegmenting(), "this kernel does not segment");
        Channel channel = socket.channel();
        channel.config()
                .setOption(new IntegerUnixChannelOption("SO_NO_CHECK", SOL_SOCKET, SO_NO_CHECK), 1);
        UdpLink left = link("127.4.2.1", socket);
        UdpLink right = link("127.4.2.2", socket("127.4.2.2"));
        send(left, right.address(), 1);
        await(right, 1);
        assertThat(left.sendFailures()).isZero();

        send(left, right.address(), 3);
        assertThat(left.sendFailures()).isEqualTo(1);
        assertThat(left.isSegmenting(right.address())).isFalse();

        send(left, right.address(), 4);
        await(right, 5);
        assertThat(receiver.last).containsExactly((byte) 0, (byte) 0, (byte) 1, (byte) 2, (byte) 3);
        assertThat(left.sendFailures()).isEqualTo(1);
    }

    /// The kernel lets nothing from a loopback address out of the machine, and says EINVAL too.
    @Test
    void shouldKeepSegmentingTowardsOthersAndWhenASinglePacketIsRefused() {
        UdpSocket socket = socket("127.4.2.3");
        assumeTrue(socket.isSegmenting(), "this kernel does not segment");
        UdpLink left = link("127.4.2.3", socket);
        UdpLink right = link("127.4.2.4", socket("127.4.2.4"));
        send(left, right.address(), 2);
        await(right, 2);
        GlobalIdentifier outside = GlobalIdentifier.of(InetAddress.ofLiteral("203.0.113.7"));
        send(left, outside, 1);
        assertThat(left.sendFailures()).isEqualTo(1);
        assertThat(left.isSegmenting(outside)).isTrue();
        send(left, outside, 2);
        assertThat(left.sendFailures()).isEqualTo(2);
        assertThat(left.isSegmenting(outside)).isFalse();
        assertThat(left.isSegmenting(right.address())).isTrue();
        send(left, right.address(), 2);
        await(right, 4);
    }

    @ParameterizedTest
    @CsvSource({
        "127.4.2.6, 239.83.2.1, false",
        "127.4.2.7, 239.83.2.1, true",
        "::1, ff15::1, false"
    })
    void shouldSendToGroupsWithTheHopLimitOfThePath(String own, String group, boolean nio) {
        UdpSocket socket =
                UdpSocket.bind(InetAddress.ofLiteral(own), UdpLink.PORT, nio, () -> true);
        UdpLink link = link(own, socket);
        GlobalIdentifier to = GlobalIdentifier.of(InetAddress.ofLiteral(group));
        assertThat(socket.groupHops()).isEqualTo(1);
        for (int hops : new int[] {1, 5, 5, 255, 1}) {
            sendOne(link, to, hops);
            assertThat(socket.groupHops()).isEqualTo(hops);
        }
        sendOne(link, link.address(), 7);
        assertThat(socket.groupHops()).isEqualTo(1);
        await(link, 1);
    }

    private static void sendOne(UdpLink from, GlobalIdentifier to, int hops) {
        OutboundPacket packet = new OutboundPacket();
        packet.begin(new Path(from.address(), to, UdpLink.PORT, hops, 0), BthFlyweight.LENGTH);
        from.send(packet);
        from.flush();
    }

    @Test
    void shouldTellWhenItsInterfaceGoesDownAndComesBack() {
        AtomicBoolean up = new AtomicBoolean(true);
        UdpLink link = link("127.4.2.5", socket("127.4.2.5"), up::get);
        link.poll(receiver, 0);
        assertThat(receiver.changes).isEmpty();
        up.set(false);
        awaitChanges(link, PortChange.DOWN);
        up.set(true);
        awaitChanges(link, PortChange.DOWN, PortChange.UP);
        send(link, link.address(), 1);
        await(link, 1);
        assertThat(receiver.changes).hasSize(2);
    }

    private void awaitChanges(UdpLink link, PortChange... expected) {
        long end = System.nanoTime() + DEADLINE_NANOS;
        while (receiver.changes.size() < expected.length && System.nanoTime() < end) {
            link.poll(receiver, 1_000_000);
        }
        assertThat(receiver.changes).containsExactly(expected);
    }

    @Test
    void shouldKnowWhichAddressesAreUp() {
        assertThat(LocalInterface.isUp(InetAddress.ofLiteral("127.4.2.6"))).isTrue();
        assertThat(LocalInterface.isUp(InetAddress.ofLiteral("203.0.113.7"))).isFalse();
    }

    /// Keeps the last byte of each header that comes.
    private static final class RecordingReceiver implements LinkReceiver {

        final List<Byte> last = new ArrayList<>();
        final List<PortChange> changes = new ArrayList<>();

        @Override
        public long arrivalNanos() {
            return System.nanoTime();
        }

        @Override
        public void onPacket(InboundPacket packet) {
            last.add(
                    packet.segment()
                            .get(ValueLayout.JAVA_BYTE, packet.offset() + BthFlyweight.LENGTH - 1));
        }

        @Override
        public void onMalformed() {
            throw new AssertionError("malformed");
        }

        @Override
        public void onBadIcrc() {
            throw new AssertionError("bad ICRC");
        }

        @Override
        public void onPortChange(PortChange change) {
            changes.add(change);
        }
    }
}
