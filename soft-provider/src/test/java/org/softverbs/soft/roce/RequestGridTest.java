package org.softverbs.soft.roce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.soft.roce.EngineScript.EXPOSED;
import static org.softverbs.soft.roce.EngineScript.EXPOSED_KEY;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_SEND_FIRST;
import static org.softverbs.soft.wire.roce.RoceOpcode.RC_WRITE_FIRST;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.soft.memory.RegisteredMemory;
import org.softverbs.soft.wire.roce.AckSyndrome;
import org.softverbs.soft.wire.roce.ExtensionHeader;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.soft.wire.roce.RoceOpcode.Operation;
import org.softverbs.soft.wire.roce.RoceOpcode.Service;
import org.softverbs.verbs.AccessFlag;

/// Exhaustive over small grids, against a rule written down here once more: T12 (lengths) and M4
/// (rights).
class RequestGridTest {

    private static final int PSN = EngineScript.RECEIVE_PSN;
    private static final int ACCEPTED = -1;

    /// T12: every opcode that carries data, first and as what goes on a message, with each length
    /// of payload and each length in the RETH.
    @ParameterizedTest
    @ValueSource(ints = {256, 512, 1024, 2048, 4096})
    void shouldJudgeEveryLengthAsTheRulesSay(int mtu) {
        int[] lengths = {0, 8, mtu - 1, mtu, mtu + 1};
        int cases = 0;
        for (RoceOpcode opcode : RoceOpcode.values()) {
            if (opcode.service() != Service.RC || !opcode.isRequest() || !opcode.hasPayload()) {
                continue;
            }
            for (int length : lengths) {
                for (int said : lengths) {
                    for (int extra : new int[] {0, mtu, 5 * mtu + 3}) {
                        assertThat(outcome(mtu, opcode, length, said + extra))
                                .as("%s mtu %s length %s dma %s", opcode, mtu, length, said + extra)
                                .isEqualTo(expected(mtu, opcode, length, said + extra));
                        cases++;
                    }
                }
            }
        }
        assertThat(cases).isEqualTo(15 * 25 * 3);
    }

    /// For what goes on a message, `said` is the whole of it, of which one packet came before.
    private static int expected(int mtu, RoceOpcode opcode, int length, int said) {
        boolean legal =
                switch (opcode.position()) {
                    case FIRST, MIDDLE -> length == mtu;
                    case LAST -> length >= 1 && length <= mtu;
                    case ONLY -> length <= mtu;
                };
        if (opcode.operation() == Operation.ATOMIC_WRITE) {
            legal = length == Long.BYTES && said == Long.BYTES;
        }
        if (opcode.operation() == Operation.WRITE) {
            long rest = opcode.startsMessage() ? said : (long) said - mtu;
            legal &= opcode.endsMessage() ? rest == length : rest > length;
            if (!opcode.startsMessage() && said <= mtu) {
                legal = false; // the First before it was refused
            }
        }
        if (opcode.hasInvalidate() && legal) {
            return AckSyndrome.NAK_INVALID_REQUEST; // nothing can be invalidated yet
        }
        return legal ? ACCEPTED : AckSyndrome.NAK_INVALID_REQUEST;
    }

    private static int outcome(int mtu, RoceOpcode opcode, int length, int said) {
        EngineScript script = EngineScript.connected(connection -> connection.mtu(mtu));
        script.postReceive(1, 1 << 16);
        int psn = PSN;
        if (!opcode.startsMessage()) {
            RoceOpcode first =
                    opcode.operation() == Operation.WRITE ? RC_WRITE_FIRST : RC_SEND_FIRST;
            TestPacket packet = TestPacket.of(first, psn++).payload(mtu);
            script.inject(
                    first == RC_WRITE_FIRST ? packet.reth(EXPOSED, EXPOSED_KEY, said) : packet);
        }
        TestPacket packet = TestPacket.of(opcode, psn).payload(length).askForAck();
        if (opcode.has(ExtensionHeader.RETH)) {
            packet.reth(EXPOSED, EXPOSED_KEY, said);
        }
        script.inject(packet);
        int syndrome = new SentPacket(script.takeSent().getLast()).syndrome();
        return syndrome == AckSyndrome.ACK_UNLIMITED ? ACCEPTED : syndrome;
    }

    /// M4: all rights of a region, by all rights of a queue pair, by all operations on memory.
    @Test
    void shouldAskForTheRightOfTheRegionAndOfTheQueuePair() {
        int all = EngineScript.ALL_ACCESS;
        for (int region : subsets(all)) {
            for (int peer : subsets(all)) {
                for (RoceOpcode opcode : memoryOperations()) {
                    assertThat(outcome(opcode, region, peer))
                            .as("%s region %s queue pair %s", opcode, region, peer)
                            .isEqualTo(expected(opcode, region, peer));
                }
            }
        }
    }

    private static List<Integer> subsets(int bits) {
        List<Integer> found = new ArrayList<>();
        int subset = 0;
        do {
            found.add(subset);
            subset = (subset - bits) & bits;
        } while (subset != 0);
        return found;
    }

    private static List<RoceOpcode> memoryOperations() {
        List<RoceOpcode> found = new ArrayList<>();
        for (RoceOpcode opcode : RoceOpcode.values()) {
            if (opcode.service() == Service.RC
                    && opcode.isRequest()
                    && opcode.startsMessage()
                    && opcode.operation() != Operation.SEND) {
                found.add(opcode);
            }
        }
        assertThat(found).hasSize(8);
        return found;
    }

    private static int expected(RoceOpcode opcode, int region, int peer) {
        AccessFlag flag =
                switch (opcode.operation()) {
                    case WRITE, ATOMIC_WRITE -> AccessFlag.REMOTE_WRITE;
                    case FLUSH -> AccessFlag.FLUSH_GLOBAL;
                    case READ_REQUEST -> AccessFlag.REMOTE_READ;
                    default -> AccessFlag.REMOTE_ATOMIC;
                };
        if ((peer & flag.bit()) == 0) {
            return AckSyndrome.NAK_INVALID_REQUEST;
        }
        return (region & flag.bit()) == 0 ? AckSyndrome.NAK_REMOTE_ACCESS_ERROR : ACCEPTED;
    }

    private static int outcome(RoceOpcode opcode, int region, int peer) {
        EngineScript script = EngineScript.connected(connection -> connection.accessBits(peer));
        script.keys.add(
                new RegisteredMemory(0x44, EngineScript.DOMAIN, EXPOSED, script.exposed, region));
        script.postReceive(1, 100);
        TestPacket packet = TestPacket.of(opcode, PSN).askForAck();
        switch (opcode.operation()) {
            case WRITE -> packet.reth(EXPOSED, 0x44, opcode.isFirst() ? 300 : 8);
            case READ_REQUEST -> packet.reth(EXPOSED, 0x44, 8);
            case FLUSH -> packet.feth(1, 0).reth(EXPOSED, 0x44, 8);
            case ATOMIC_WRITE -> packet.reth(EXPOSED, 0x44, 8).payload(8);
            default -> packet.atomic(EXPOSED, 0x44, 1, 0);
        }
        if (opcode.operation() == Operation.WRITE) {
            packet.payload(opcode.isFirst() ? 256 : 8);
        }
        script.inject(packet);
        int syndrome = new SentPacket(script.takeSent().getFirst()).syndrome();
        return syndrome == AckSyndrome.ACK_UNLIMITED ? ACCEPTED : syndrome;
    }
}
