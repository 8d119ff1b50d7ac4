package org.softverbs.soft.roce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.soft.roce.EngineScript.EXPOSED;
import static org.softverbs.soft.roce.EngineScript.EXPOSED_KEY;
import static org.softverbs.soft.roce.EngineScript.RECEIVE_PSN;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.softverbs.soft.queue.SendOperation;
import org.softverbs.soft.wire.packet.RocePacket;
import org.softverbs.soft.wire.roce.RoceOpcode;

/// Answers and requests of one queue pair share what it may send.
class FairnessScriptTest {

    private static final int LONG_READ = 256 * 400;

    @Test
    void shouldSendARequestAmongTheAnswersOfALongRead() {
        EngineScript script = EngineScript.connected();
        script.room(0);
        script.inject(TestPacket.readRequest(RECEIVE_PSN, EXPOSED, EXPOSED_KEY, LONG_READ));
        script.post(1, SendOperation.SEND, 8);
        script.room(64);
        List<RocePacket> first = script.takeSent();
        assertThat(first).hasSize(64);
        assertThat(first).filteredOn(packet -> packet.bth().opcode().isRequest()).hasSize(1);
    }

    /// A link that always has room for a few packets only.
    @Test
    void shouldSendBothInTurnWhenThereIsLittleRoom() {
        EngineScript script = EngineScript.connected();
        script.room(0);
        script.inject(TestPacket.readRequest(RECEIVE_PSN, EXPOSED, EXPOSED_KEY, LONG_READ));
        script.post(1, SendOperation.RDMA_WRITE, LONG_READ);
        for (int i = 0; i < 10; i++) {
            script.room(8);
        }
        assertThat(script.takeSent())
                .hasSize(80)
                .filteredOn(packet -> packet.bth().opcode().isRequest())
                .hasSizeBetween(30, 50);
    }

    @Test
    void shouldSendAnswersAmongTheRequestsOfALongMessage() {
        EngineScript script = EngineScript.connected();
        script.room(0);
        script.post(1, SendOperation.RDMA_WRITE, LONG_READ);
        script.inject(TestPacket.readRequest(RECEIVE_PSN, EXPOSED, EXPOSED_KEY, LONG_READ));
        script.room(64);
        assertThat(script.takeSent())
                .filteredOn(packet -> packet.bth().opcode().isResponse())
                .hasSizeBetween(30, 34);
    }

    @Test
    void shouldGiveAnswersAllThereIsWhenNothingElseWaits() {
        EngineScript script = EngineScript.connected();
        script.room(0);
        script.inject(TestPacket.readRequest(RECEIVE_PSN, EXPOSED, EXPOSED_KEY, LONG_READ));
        script.room(64);
        assertThat(script.takeSent())
                .hasSize(64)
                .allMatch(packet -> packet.bth().opcode() != RoceOpcode.RC_ACKNOWLEDGE)
                .allMatch(packet -> packet.bth().opcode().isResponse());
    }
}
