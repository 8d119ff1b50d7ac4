package org.softverbs.soft.roce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_COMPARE_SWAP;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_FETCH_ADD;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_READ_REQUEST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_SEND_FIRST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_SEND_LAST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_SEND_LAST_WITH_IMMEDIATE;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_SEND_LAST_WITH_INVALIDATE;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_SEND_MIDDLE;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_SEND_ONLY;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_SEND_ONLY_WITH_IMMEDIATE;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_SEND_ONLY_WITH_INVALIDATE;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_WRITE_FIRST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_WRITE_LAST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_WRITE_LAST_WITH_IMMEDIATE;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_WRITE_MIDDLE;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_WRITE_ONLY;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_WRITE_ONLY_WITH_IMMEDIATE;

import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.soft.queue.SendOperation;
import org.softverbs.soft.wire.packet.Extension;
import org.softverbs.soft.wire.packet.RocePacket;
import org.softverbs.soft.wire.roce.RoceOpcode;

/// How a requester cuts messages of every length; packet scripts (`rpkt/rc/requester`) have the
/// rest.
class RequesterScriptTest {

    private static final int PSN = EngineScript.SEND_PSN;

    static Stream<Arguments> mtusAndLengths() {
        return Stream.of(256, 512, 1024, 2048, 4096)
                .flatMap(
                        mtu ->
                                IntStream.of(
                                                0,
                                                1,
                                                2,
                                                3,
                                                4,
                                                mtu - 1,
                                                mtu,
                                                mtu + 1,
                                                2 * mtu - 3,
                                                2 * mtu,
                                                2 * mtu + 2,
                                                5 * mtu + 7)
                                        .mapToObj(length -> Arguments.of(mtu, length)));
    }

    @ParameterizedTest
    @MethodSource("mtusAndLengths")
    void shouldSegmentWhenTheMessageIsLongerThanTheMtu(int mtu, int length) {
        for (SendOperation operation :
                List.of(
                        SendOperation.SEND,
                        SendOperation.SEND_WITH_IMMEDIATE,
                        SendOperation.SEND_WITH_INVALIDATE,
                        SendOperation.RDMA_WRITE,
                        SendOperation.RDMA_WRITE_WITH_IMMEDIATE)) {
            EngineScript script = EngineScript.connected(connection -> connection.mtu(mtu));
            fill(script);
            script.post(1, operation, length, wqe -> wqe.immediateOrKey(0x0102_0304));
            List<RocePacket> packets = script.takeSent();
            int count = Math.max(1, (length + mtu - 1) / mtu);
            assertThat(packets).hasSize(count);
            for (int i = 0; i < count; i++) {
                RocePacket packet = packets.get(i);
                boolean last = i == count - 1;
                int expected = last ? length - (count - 1) * mtu : mtu;
                SentPacket sent = new SentPacket(packet).payload(expected).askingForAck(last);
                assertThat(packet.bth().psn()).isEqualTo(PSN + i);
                assertThat(packet.bth().opcode()).isEqualTo(opcode(operation, i == 0, last));
                assertBytes(packet, (long) i * mtu);
                assertThat(packet.pad().toArray()).isEqualTo(new byte[packet.bth().padCount()]);
                if (operation.isWrite() && i == 0) {
                    sent.reth(EngineScript.EXPOSED, length);
                }
                if (packet.bth().opcode().hasImmediate()) {
                    assertThat(sent.extension(Extension.ImmDt.class).immediate())
                            .isEqualTo(0x0102_0304);
                }
                if (packet.bth().opcode().hasInvalidate()) {
                    assertThat(sent.extension(Extension.Ieth.class).remoteKey())
                            .isEqualTo(0x0102_0304);
                }
            }
            script.inject(TestPacket.ack(PSN + count - 1));
            script.expectCompletion(1);
            script.expectNothing();
        }
    }

    private static void fill(EngineScript script) {
        for (int i = 0; i < 32_768; i++) {
            script.local.set(ValueLayout.JAVA_BYTE, i, (byte) (i * 7 + (i >> 8)));
        }
    }

    private static void assertBytes(RocePacket packet, long offset) {
        byte[] bytes = packet.payload().toArray();
        for (int i = 0; i < bytes.length; i++) {
            long at = offset + i;
            assertThat(bytes[i]).isEqualTo((byte) (at * 7 + (at >> 8)));
        }
    }

    private static RoceOpcode opcode(SendOperation operation, boolean first, boolean last) {
        return switch (operation) {
            case SEND -> of(first, last, RC_SEND_LAST, RC_SEND_ONLY, false);
            case SEND_WITH_IMMEDIATE ->
                    of(
                            first,
                            last,
                            RC_SEND_LAST_WITH_IMMEDIATE,
                            RC_SEND_ONLY_WITH_IMMEDIATE,
                            false);
            case SEND_WITH_INVALIDATE ->
                    of(
                            first,
                            last,
                            RC_SEND_LAST_WITH_INVALIDATE,
                            RC_SEND_ONLY_WITH_INVALIDATE,
                            false);
            case RDMA_WRITE -> of(first, last, RC_WRITE_LAST, RC_WRITE_ONLY, true);
            case RDMA_WRITE_WITH_IMMEDIATE ->
                    of(
                            first,
                            last,
                            RC_WRITE_LAST_WITH_IMMEDIATE,
                            RC_WRITE_ONLY_WITH_IMMEDIATE,
                            true);
            case RDMA_READ -> RC_READ_REQUEST;
            case COMPARE_AND_SWAP -> RC_COMPARE_SWAP;
            case FETCH_AND_ADD -> RC_FETCH_ADD;
            case ATOMIC_WRITE -> RoceOpcode.RC_ATOMIC_WRITE;
            case FLUSH -> RoceOpcode.RC_FLUSH;
            case BIND_MEMORY_WINDOW, LOCAL_INVALIDATE, REGISTER_MEMORY ->
                    throw new AssertionError(operation + " puts nothing on the wire");
        };
    }

    private static RoceOpcode of(
            boolean first, boolean last, RoceOpcode ending, RoceOpcode only, boolean write) {
        if (last) {
            return first ? only : ending;
        }
        if (first) {
            return write ? RC_WRITE_FIRST : RC_SEND_FIRST;
        }
        return write ? RC_WRITE_MIDDLE : RC_SEND_MIDDLE;
    }

    /// The 2^23 packets of the longest message at the smallest MTU are half the sequence space.
    @ParameterizedTest
    @ValueSource(ints = {256, 4096})
    void shouldSendTheLongestMessageWhenTheMtuIsSmall(int mtu) {
        EngineScript script =
                new EngineScript(
                        false,
                        new MemoryAccessDoubles.Sparse(4096),
                        connection -> connection.mtu(mtu).sendPsn(0xff_ff00));
        script.recordPackets(false);
        long longest = 1L << 31;
        script.begin(1, SendOperation.RDMA_WRITE).elements().add(0, (int) longest, 1);
        script.queue();
        script.begin(2, SendOperation.SEND);
        script.queue();
        int packets = (int) (longest / mtu);
        TestPacket ack = TestPacket.ack(0);
        script.pump();
        for (int done = 128; done < packets; done += 128) {
            ack.bth().psn(0xff_ff00 + done - 1 & 0xff_ffff);
            script.inject(ack);
        }
        script.inject(TestPacket.ack(0xff_ff00 + packets - 2 & 0xff_ffff));
        script.expectNothing();
        // One acknowledgement for the end of the long message and for the short one behind it.
        script.inject(TestPacket.ack(0xff_ff00 + packets & 0xff_ffff));
        script.expectCompletion(1);
        script.expectCompletion(2);
        script.expectNothing();
    }
}
