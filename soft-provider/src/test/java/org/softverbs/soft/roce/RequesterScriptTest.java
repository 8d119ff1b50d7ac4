package org.softverbs.soft.roce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_COMPARE_SWAP;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_FETCH_ADD;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_READ_REQUEST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_READ_RESPONSE_ONLY;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.soft.queue.SendOperation;
import org.softverbs.soft.wire.packet.Extension;
import org.softverbs.soft.wire.packet.RocePacket;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.WorkCompletionStatus;

/// What a requester puts on the wire.
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

    @Test
    void shouldWrapThePsnInTheMiddleOfAMessage() {
        EngineScript script = EngineScript.connected(connection -> connection.sendPsn(0xff_fffe));
        script.post(1, SendOperation.SEND, 1000);
        script.expectPacket(RC_SEND_FIRST, 0xff_fffe);
        script.expectPacket(RC_SEND_MIDDLE, 0xff_ffff);
        script.expectPacket(RC_SEND_MIDDLE, 0);
        script.expectPacket(RC_SEND_LAST, 1);
        script.inject(TestPacket.ack(0));
        script.expectNothing();
        script.inject(TestPacket.ack(1));
        script.expectCompletion(1);
        script.post(2, SendOperation.SEND, 1);
        script.expectPacket(RC_SEND_ONLY, 2);
        script.expectNothing();
    }

    @Test
    void shouldAskForAnAckAtEachQuarterOfTheWindowAndOpenAFullOneAtHalf() {
        EngineScript script = EngineScript.connected();
        script.post(1, SendOperation.SEND, 256 * 200);
        List<RocePacket> packets = script.takeSent();
        assertThat(packets).hasSize(CongestionWindow.LARGEST);
        for (int i = 0; i < packets.size(); i++) {
            assertThat(packets.get(i).bth().ackRequest())
                    .as("packet %s", i)
                    .isEqualTo((i + 1) % 32 == 0);
        }
        script.inject(TestPacket.ack(PSN + 31));
        script.expectNothing();
        script.inject(TestPacket.ack(PSN + 63));
        assertThat(script.takeSent()).hasSize(64);
        script.inject(TestPacket.ack(PSN + 159));
        assertThat(script.takeSent()).hasSize(8);
        script.inject(TestPacket.ack(PSN + 199));
        script.expectCompletion(1);
        script.expectNothing();
    }

    @Test
    void shouldTakeAsManySequenceNumbersAsAReadHasResponses() {
        EngineScript script = EngineScript.connected();
        script.post(1, SendOperation.RDMA_READ, 1000);
        script.expectPacket(RC_READ_REQUEST, PSN)
                .askingForAck(true)
                .payload(0)
                .reth(EngineScript.EXPOSED, 1000);
        script.post(2, SendOperation.RDMA_READ, 0);
        script.expectPacket(RC_READ_REQUEST, PSN + 4).reth(EngineScript.EXPOSED, 0);
        script.post(3, SendOperation.FETCH_AND_ADD, 8, wqe -> wqe.operands(0, 5));
        SentPacket add = script.expectPacket(RC_FETCH_ADD, PSN + 5).askingForAck(true);
        assertThat(add.extension(Extension.AtomicEth.class).swapOrAdd()).isEqualTo(5);
        script.post(4, SendOperation.COMPARE_AND_SWAP, 8, wqe -> wqe.operands(6, 7));
        SentPacket swap = script.expectPacket(RC_COMPARE_SWAP, PSN + 6).askingForAck(true);
        assertThat(swap.extension(Extension.AtomicEth.class).compare()).isEqualTo(6);
        assertThat(swap.extension(Extension.AtomicEth.class).swapOrAdd()).isEqualTo(7);
        script.post(5, SendOperation.SEND, 1);
        script.expectPacket(RC_SEND_ONLY, PSN + 7);
        script.expectNothing();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 16})
    void shouldHoldReadsAndAtomicsBackWhenTheLimitIsReached(int limit) {
        EngineScript script = EngineScript.connected(connection -> connection.maxReadAtomic(limit));
        for (int i = 0; i <= limit; i++) {
            if (i % 2 == 0) {
                script.post(i, SendOperation.RDMA_READ, 8);
            } else {
                script.post(i, SendOperation.FETCH_AND_ADD, 8);
            }
        }
        script.post(99, SendOperation.SEND, 8);
        assertThat(script.takeSent()).hasSize(limit);
        script.inject(TestPacket.of(RC_READ_RESPONSE_ONLY, PSN).aeth(0x1f).payload(8));
        script.expectCompletion(0);
        assertThat(script.takeSent()).hasSize(2);
        script.expectNothing();
    }

    @Test
    void shouldSendNoReadAtAllWhenTheLimitIsZero() {
        EngineScript script = EngineScript.connected(connection -> connection.maxReadAtomic(0));
        script.post(1, SendOperation.RDMA_READ, 8);
        script.expectNothing();
    }

    @Test
    void shouldHoldAFencedRequestBackUntilReadsAreAnswered() {
        EngineScript script = EngineScript.connected();
        script.post(1, SendOperation.RDMA_READ, 8);
        script.expectPacket(RC_READ_REQUEST, PSN);
        script.post(2, SendOperation.SEND, 8);
        script.expectPacket(RC_SEND_ONLY, PSN + 1);
        script.post(3, SendOperation.RDMA_WRITE, 600, wqe -> wqe.fenced(true));
        script.post(4, SendOperation.SEND, 8);
        script.expectNothing();
        script.inject(TestPacket.of(RC_READ_RESPONSE_ONLY, PSN).aeth(0x1f).payload(8));
        script.expectCompletion(1);
        script.expectPacket(RC_WRITE_FIRST, PSN + 2);
        script.expectPacket(RC_WRITE_MIDDLE, PSN + 3);
        script.expectPacket(RC_WRITE_LAST, PSN + 4);
        script.expectPacket(RC_SEND_ONLY, PSN + 5);
        script.expectNothing();
    }

    @Test
    void shouldHoldAFencedReadBackUntilTheAtomicIsAnswered() {
        EngineScript script = EngineScript.connected();
        script.post(1, SendOperation.FETCH_AND_ADD, 8);
        script.expectPacket(RC_FETCH_ADD, PSN);
        script.post(2, SendOperation.RDMA_READ, 8, wqe -> wqe.fenced(true));
        script.expectNothing();
        script.inject(TestPacket.of(RoceOpcode.RC_ATOMIC_ACKNOWLEDGE, PSN).aeth(0x1f).original(3));
        script.expectCompletion(1);
        script.expectPacket(RC_READ_REQUEST, PSN + 1);
        script.expectNothing();
    }

    @Test
    void shouldSendInlineDataOfItsOwnWhenTheElementsHaveNone() {
        EngineScript script = EngineScript.connected();
        var data = script.local.asSlice(64, 300);
        data.fill((byte) 0x33);
        script.begin(1, SendOperation.SEND).appendInline(data, 0, 300);
        script.queue();
        data.fill((byte) 0x44);
        script.pump();
        script.expectPacket(RC_SEND_FIRST, PSN).payload(256);
        SentPacket last = script.expectPacket(RC_SEND_LAST, PSN + 1).payload(44);
        assertThat(last.packet().payload().toArray()).containsOnly((byte) 0x33);
        script.expectNothing();
    }

    @Test
    void shouldGatherElementsAndSkipEmptyOnesWithoutLookingAtTheirKeys() {
        EngineScript script = EngineScript.connected();
        fill(script);
        var elements = script.begin(1, SendOperation.SEND).elements();
        elements.add(EngineScript.LOCAL, 100, EngineScript.LOCAL_KEY);
        elements.add(0xdead, 0, 0xbad);
        elements.add(EngineScript.LOCAL + 100, 200, EngineScript.LOCAL_KEY);
        script.post();
        assertBytes(script.expectPacket(RC_SEND_FIRST, PSN).payload(256).packet(), 0);
        assertBytes(script.expectPacket(RC_SEND_LAST, PSN + 1).payload(44).packet(), 256);
        script.expectNothing();
    }

    @Test
    void shouldCompleteOnlySignaledRequestsWhenNotSignalingAll() {
        EngineScript script = EngineScript.connected();
        script.post(1, SendOperation.SEND, 8, wqe -> wqe.signaled(false));
        script.post(2, SendOperation.SEND, 8);
        script.post(3, SendOperation.RDMA_READ, 8, wqe -> wqe.signaled(false));
        script.dropSent();
        script.inject(TestPacket.of(RC_READ_RESPONSE_ONLY, PSN + 2).aeth(0x1f).payload(8));
        script.expectCompletion(2);
        script.expectNothing();
    }

    @Test
    void shouldCompleteEveryRequestWhenSignalingAll() {
        EngineScript script = new EngineScript(true, MemoryAccessDoubles.NONE, connection -> {});
        script.post(1, SendOperation.SEND, 8, wqe -> wqe.signaled(false));
        script.dropSent();
        script.inject(TestPacket.ack(PSN));
        script.expectCompletion(1);
        script.expectNothing();
    }

    @Test
    void shouldSetTheSolicitedBitOnTheLastPacketOnly() {
        EngineScript script = EngineScript.connected();
        script.post(1, SendOperation.SEND, 300, wqe -> wqe.solicited(true));
        script.expectPacket(RC_SEND_FIRST, PSN).solicited(false);
        script.expectPacket(RC_SEND_LAST, PSN + 1).solicited(true);
        script.expectNothing();
    }

    @Test
    void shouldReportALocalErrorAfterWhatWasPostedBeforeIt() {
        EngineScript script = EngineScript.connected();
        script.post(1, SendOperation.SEND, 8);
        var wqe = script.begin(2, SendOperation.SEND);
        wqe.signaled(false);
        wqe.elements().add(EngineScript.LOCAL, 8, 0xbad);
        script.post();
        script.post(3, SendOperation.SEND, 8);
        script.expectPacket(RC_SEND_ONLY, PSN);
        script.expectNothing();
        script.inject(TestPacket.ack(PSN));
        script.expectCompletion(1);
        script.expectCompletion(2, WorkCompletionStatus.LOC_PROT_ERR);
        script.expectCompletion(3, WorkCompletionStatus.WR_FLUSH_ERR);
        script.expectNothing();
        script.expectState(QueuePairState.ERR);
    }

    @Test
    void shouldFailAMessageWhoseMemoryIsDeregisteredInTheMiddle() {
        EngineScript script = EngineScript.connected();
        script.room(2);
        script.post(1, SendOperation.RDMA_WRITE, 1000);
        script.deregister(EngineScript.LOCAL_KEY);
        script.room(100);
        script.expectPacket(RC_WRITE_FIRST, PSN);
        script.expectPacket(RC_WRITE_MIDDLE, PSN + 1);
        script.expectCompletion(1, WorkCompletionStatus.LOC_PROT_ERR);
        script.expectNothing();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4, 7, 9, 16})
    void shouldFailAnAtomicWithLocalLengthErrorWhenItsElementIsNotEightBytes(int length) {
        EngineScript script = EngineScript.connected();
        script.post(1, SendOperation.COMPARE_AND_SWAP, length);
        script.expectCompletion(1, WorkCompletionStatus.LOC_LEN_ERR);
        script.expectNothing();
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
