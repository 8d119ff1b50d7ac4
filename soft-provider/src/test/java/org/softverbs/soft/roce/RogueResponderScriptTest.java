package org.softverbs.soft.roce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_ATOMIC_ACKNOWLEDGE;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_READ_RESPONSE_FIRST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_READ_RESPONSE_LAST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_READ_RESPONSE_MIDDLE;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_READ_RESPONSE_ONLY;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.soft.queue.SendOperation;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.verbs.WorkCompletionStatus;

/// A requester whose peer does not keep to the protocol: every wrong length and every wrong
/// syndrome. They end the queue pair with BAD_RESP_ERR, and nothing is placed.
class RogueResponderScriptTest {

    private static final int PSN = EngineScript.SEND_PSN;

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

    private static byte[] bytes(MemorySegment segment) {
        return segment.asSlice(0, 4096).toArray(ValueLayout.JAVA_BYTE);
    }
}
