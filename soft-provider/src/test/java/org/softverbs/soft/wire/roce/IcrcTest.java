package org.softverbs.soft.wire.roce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class IcrcTest {

    static List<GoldenPacket> packets() {
        return GoldenPacket.all();
    }

    @ParameterizedTest
    @MethodSource("packets")
    void shouldComputeWhatRxeSent(GoldenPacket packet) {
        ByteBuffer datagram = packet.datagram();
        assertThat(compute(packet, datagram, 0))
                .isEqualTo(Icrc.load(datagram, packet.coveredLength()));
    }

    @ParameterizedTest
    @MethodSource("packets")
    void shouldNotDependOnTheKindOfBuffer(GoldenPacket packet) {
        ByteBuffer datagram = packet.datagram();
        int expected = compute(packet, datagram, 0);
        ByteBuffer heap =
                ByteBuffer.allocate(datagram.capacity() + 9).order(ByteOrder.LITTLE_ENDIAN);
        int limit = 5 + datagram.capacity();
        heap.put(5, datagram, 0, datagram.capacity()).position(3).limit(limit);
        heap.put(9, (byte) 0x3f);
        assertThat(compute(packet, heap, 5)).as("BTH byte 4 is masked").isEqualTo(expected);
        assertThat(heap.position()).isEqualTo(3);
        assertThat(heap.limit()).isEqualTo(limit);
    }

    @Test
    void shouldStoreLittleEndian() {
        ByteBuffer buffer = ByteBuffer.allocate(6);
        Icrc.store(buffer, 1, 0x8899aabb);
        assertThat(buffer.array()).containsExactly(0, 0xbb, 0xaa, 0x99, 0x88, 0);
        assertThat(Icrc.load(buffer, 1)).isEqualTo(0x8899aabb);
    }

    @Test
    void shouldRefuseAddressesThatAreNoPair() {
        assertThatThrownBy(() -> new Icrc(new byte[4], new byte[16]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("addresses of 4 and 16 bytes");
        assertThatThrownBy(() -> new Icrc(new byte[5], new byte[5]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static int compute(GoldenPacket packet, ByteBuffer buffer, int offset) {
        return new Icrc(packet.source(), packet.destination())
                .compute(
                        packet.sourcePort(),
                        packet.destinationPort(),
                        packet.ipId(),
                        Icrc.DONT_FRAGMENT,
                        buffer,
                        offset,
                        packet.coveredLength());
    }
}
