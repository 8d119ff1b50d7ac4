package org.softverbs.soft.roce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_ATOMIC_ACKNOWLEDGE;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_READ_RESPONSE_FIRST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_READ_RESPONSE_LAST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_READ_RESPONSE_MIDDLE;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_READ_RESPONSE_ONLY;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.soft.queue.SendOperation;
import org.softverbs.soft.wire.roce.RnrTimer;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.WorkCompletionStatus;

/// A requester whose peer does not keep to the protocol: rows 54 to 60 of the bad input catalogue.
/// Responses end the queue pair with BAD_RESP_ERR and place nothing outside the request's own
/// elements.
class RogueResponderScriptTest {

    private static final int PSN = EngineScript.SEND_PSN;

    @ParameterizedTest
    @EnumSource(
            value = SendOperation.class,
            names = {"SEND", "RDMA_WRITE", "FETCH_AND_ADD", "COMPARE_AND_SWAP"})
    void shouldFailWhenAReadResponseAnswersNoRead(SendOperation operation) {
        EngineScript script = EngineScript.connected();
        script.post(1, operation, 8);
        script.dropSent();
        byte[] before = bytes(script.local);
        script.inject(TestPacket.of(RC_READ_RESPONSE_ONLY, PSN).aeth(0x1f).payload(8));
        script.expectCompletion(1, WorkCompletionStatus.BAD_RESP_ERR);
        script.expectNothing();
        assertThat(bytes(script.local)).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource(
            value = SendOperation.class,
            names = {"SEND", "RDMA_WRITE", "RDMA_READ"})
    void shouldFailWhenAnAtomicAckAnswersNoAtomic(SendOperation operation) {
        EngineScript script = EngineScript.connected();
        script.post(1, operation, 8);
        script.dropSent();
        byte[] before = bytes(script.local);
        script.inject(TestPacket.of(RC_ATOMIC_ACKNOWLEDGE, PSN).aeth(0x1f).original(-1));
        script.expectCompletion(1, WorkCompletionStatus.BAD_RESP_ERR);
        script.expectNothing();
        assertThat(bytes(script.local)).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 255", "0, 257", "0, 0", "0, 512", "1, 100", "3, 231", "3, 233", "3, 0", "3, 256",
    })
    void shouldFailWhenAReadResponseHasTheWrongLength(int index, int length) {
        EngineScript script = EngineScript.connected();
        script.post(1, SendOperation.RDMA_READ, 1000);
        script.dropSent();
        for (int i = 0; i < index; i++) {
            script.inject(part(i, 256));
        }
        byte[] before = bytes(script.local);
        script.inject(part(index, length));
        script.expectCompletion(1, WorkCompletionStatus.BAD_RESP_ERR);
        script.expectNothing();
        assertThat(bytes(script.local)).isEqualTo(before);
    }

    private static TestPacket part(int index, int length) {
        RoceOpcode opcode =
                switch (index) {
                    case 0 -> RC_READ_RESPONSE_FIRST;
                    case 3 -> RC_READ_RESPONSE_LAST;
                    default -> RC_READ_RESPONSE_MIDDLE;
                };
        TestPacket packet = TestPacket.of(opcode, PSN + index).payload(length);
        return opcode == RC_READ_RESPONSE_MIDDLE ? packet : packet.aeth(0x1f);
    }

    @Test
    void shouldFailWhenTheResponseEndsTooEarlyByItsOpcode() {
        EngineScript script = EngineScript.connected();
        script.post(1, SendOperation.RDMA_READ, 1000);
        script.dropSent();
        script.inject(TestPacket.of(RC_READ_RESPONSE_ONLY, PSN).aeth(0x1f).payload(256));
        script.expectCompletion(1, WorkCompletionStatus.BAD_RESP_ERR);
        script.expectNothing();
    }

    @Test
    void shouldFailWhenTheResponseDoesNotEndByItsOpcode() {
        EngineScript script = EngineScript.connected();
        script.post(1, SendOperation.RDMA_READ, 512);
        script.dropSent();
        script.inject(TestPacket.of(RC_READ_RESPONSE_FIRST, PSN).aeth(0x1f).payload(256));
        script.inject(TestPacket.of(RC_READ_RESPONSE_MIDDLE, PSN + 1).payload(256));
        script.expectCompletion(1, WorkCompletionStatus.BAD_RESP_ERR);
        script.expectNothing();
    }

    /// As rxe: the AETH of a response says ACK, or the response is none.
    @ParameterizedTest
    @ValueSource(ints = {0x20, 0x2c, 0x60, 0x62, 0x7f, 0xff})
    void shouldFailWhenAResponseCarriesANak(int syndrome) {
        EngineScript script = EngineScript.connected();
        script.post(1, SendOperation.RDMA_READ, 8);
        script.dropSent();
        byte[] before = bytes(script.local);
        script.inject(TestPacket.of(RC_READ_RESPONSE_ONLY, PSN).aeth(syndrome).payload(8));
        script.expectCompletion(1, WorkCompletionStatus.BAD_RESP_ERR);
        script.expectNothing();
        EngineScript atomic = EngineScript.connected();
        atomic.post(1, SendOperation.FETCH_AND_ADD, 8);
        atomic.dropSent();
        atomic.inject(TestPacket.of(RC_ATOMIC_ACKNOWLEDGE, PSN).aeth(syndrome).original(9));
        atomic.expectCompletion(1, WorkCompletionStatus.BAD_RESP_ERR);
        atomic.expectNothing();
        assertThat(bytes(script.local)).isEqualTo(before);
        assertThat(bytes(atomic.local)).isEqualTo(before);
    }

    @Test
    void shouldDropAReadResponseAfterAnError() {
        EngineScript script = EngineScript.connected();
        script.post(1, SendOperation.RDMA_READ, 8);
        script.dropSent();
        script.modifyTo(QueuePairState.ERR);
        script.expectCompletion(1, WorkCompletionStatus.WR_FLUSH_ERR);
        byte[] before = bytes(script.local);
        script.inject(TestPacket.of(RC_READ_RESPONSE_ONLY, PSN).aeth(0x1f).payload(8));
        script.expectNothing();
        assertThat(bytes(script.local)).isEqualTo(before);
    }

    @Test
    void shouldFailAReadWhoseElementIsNoLocalMemory() {
        EngineScript script = EngineScript.connected();
        script.begin(1, SendOperation.RDMA_READ).elements().add(EngineScript.LOCAL, 8, 0xbad);
        script.post();
        assertThat(script.takeSent()).hasSize(1);
        script.inject(TestPacket.of(RC_READ_RESPONSE_ONLY, PSN).aeth(0x1f).payload(8));
        script.expectCompletion(1, WorkCompletionStatus.LOC_PROT_ERR);
        script.expectNothing();
    }

    @Test
    void shouldScatterAReadOverItsElementsAndNowhereElse() {
        EngineScript script = EngineScript.connected();
        var elements = script.begin(1, SendOperation.RDMA_READ).elements();
        elements.add(EngineScript.LOCAL + 10, 100, EngineScript.LOCAL_KEY);
        elements.add(0, 0, 0xbad);
        elements.add(EngineScript.LOCAL + 1000, 300, EngineScript.LOCAL_KEY);
        script.post();
        script.dropSent();
        script.inject(TestPacket.of(RC_READ_RESPONSE_FIRST, PSN).aeth(0x1f).payload(256));
        script.inject(TestPacket.of(RC_READ_RESPONSE_LAST, PSN + 1).aeth(0x1f).payload(144));
        script.expectCompletion(1);
        for (int i = 0; i < 2000; i++) {
            boolean inside = (i >= 10 && i < 110) || (i >= 1000 && i < 1300);
            int position = i < 110 ? i - 10 : i - 900;
            byte expected =
                    inside ? TestPacket.payloadByte(position < 256 ? position : position - 256) : 0;
            assertThat(script.local.get(ValueLayout.JAVA_BYTE, i))
                    .as("byte %s", i)
                    .isEqualTo(expected);
        }
        script.expectNothing();
    }

    @Test
    void shouldWaitWhenAReadMeetsAnRnrNak() {
        EngineScript script = EngineScript.connected();
        script.post(1, SendOperation.RDMA_READ, 8);
        script.dropSent();
        script.inject(TestPacket.nak(PSN, 0x20));
        script.advance(RnrTimer.nanos(0) - 1);
        script.expectNothing();
        script.advance(1);
        assertThat(script.takeSent()).hasSize(1);
    }

    private static byte[] bytes(MemorySegment segment) {
        return segment.asSlice(0, 4096).toArray(ValueLayout.JAVA_BYTE);
    }
}
