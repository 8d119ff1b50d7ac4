package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.softverbs.soft.wire.roce.AtomicEthFlyweight;
import org.softverbs.soft.wire.roce.BthFlyweight;
import org.softverbs.soft.wire.roce.DethFlyweight;
import org.softverbs.soft.wire.roce.ExtensionHeader;
import org.softverbs.soft.wire.roce.PacketCheck;
import org.softverbs.soft.wire.roce.RethFlyweight;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;

/// The rows of the bad input catalogue that end before an engine: each datagram is dropped and
/// counted under the name the test gives, memory and queue pair are as before, and nothing is
/// answered. Through a real socket, from the address of the queue pair's own peer.
///
/// Not here: R12 and R13 are the kernel's; R17 of groups and R24 are in `MulticastTest`, R21 and
/// R64 in `DatagramScriptTest`; R23 is that of
/// strangers. R63: a congestion notification is an opcode we do not know. R65: the right PSN, key
/// and address are all a packet has to show, as the ICRC is no authentication.
class WirePacketsTest {

    private static final int MEMORY = 4096;
    private static final int EXPECTED_PSN = 0x12_3456;
    private static final int SENT_PSN = 0xff_fff0;

    private final UdpPair pair = new UdpPair("127.3.1.1", "127.3.1.2", MEMORY);
    private final MemorySegment bytes = pair.attacker.bytes();
    private final BthFlyweight bth = new BthFlyweight();

    @AfterEach
    void close() {
        pair.close();
    }

    /// A WRITE of eight bytes that would be carried out.
    private int write() {
        return begin(RoceOpcode.RC_WRITE_ONLY, EXPECTED_PSN, 8);
    }

    private int begin(RoceOpcode opcode, int psn, int payload) {
        bytes.asSlice(0, 200).fill((byte) 0x11);
        bth.wrap(bytes, 0).initialize(opcode, pair.left.queuePair.number(), psn, 0);
        bth.ackRequest(true);
        if (opcode.has(ExtensionHeader.RETH)) {
            new RethFlyweight()
                    .wrap(bytes, opcode.offsetOf(ExtensionHeader.RETH))
                    .virtualAddress(pair.left.region.address())
                    .remoteKey(pair.left.region.remoteKey())
                    .dmaLength(opcode.hasPayload() ? payload : 8);
        }
        if (opcode.has(ExtensionHeader.ATOMIC_ETH)) {
            new AtomicEthFlyweight()
                    .wrap(bytes, opcode.offsetOf(ExtensionHeader.ATOMIC_ETH))
                    .virtualAddress(pair.left.region.address())
                    .remoteKey(pair.left.region.remoteKey());
        }
        return opcode.headerLength() + payload;
    }

    private void expectDropped(String counter, int packets) {
        long answered = pair.count("sent_packets");
        pair.settle();
        assertThat(pair.count(counter)).as("%s", pair.left.context.counters()).isEqualTo(packets);
        assertThat(pair.count("sent_packets")).isEqualTo(answered);
        assertThat(pair.left.region.segment().get(ValueLayout.JAVA_LONG, 0)).isZero();
        assertThat(pair.left.state()).isEqualTo(QueuePairState.RTS);
        assertThat(pair.count("engine_faults")).isZero();
        expectWriteWorks();
    }

    /// What was dropped changed nothing: the packet that is expected next still is.
    private void expectWriteWorks() {
        pair.attacker.sendSealed(write());
        pair.settle();
        assertThat(pair.left.region.segment().get(ValueLayout.JAVA_LONG, 0)).isNotZero();
        assertThat(pair.count("sent_packets")).isEqualTo(1);
    }

    @Test
    void r01ShouldDropWhatIsShorterThanABaseHeader() {
        write();
        for (int length = 0; length < 16; length++) {
            pair.attacker.send(length);
        }
        expectDropped("dropped_malformed", 16);
    }

    @Test
    void r02ShouldDropEveryOpcodeCutAtEveryByte() {
        int sent = 0;
        for (RoceOpcode opcode : RoceOpcode.values()) {
            begin(opcode, EXPECTED_PSN, 0);
            for (int length = 12; length < opcode.headerLength(); length++) {
                pair.attacker.sendSealed(length);
                sent++;
            }
            pair.settle();
        }
        assertThat(sent).isGreaterThan(200);
        expectDropped("dropped_malformed", sent);
    }

    @Test
    void r03r04r63ShouldDropOpcodesThatAreNone() {
        int sent = 0;
        for (int value = 0; value < 256; value++) {
            if (RoceOpcode.of(value) == null) {
                int length = write();
                bth.opcode(value);
                pair.attacker.sendSealed(length);
                sent++;
            }
            pair.settle();
        }
        assertThat(sent).isEqualTo(256 - RoceOpcode.values().length);
        expectDropped("dropped_malformed", sent);
    }

    @Test
    void r05ShouldDropOtherTransportVersions() {
        for (int version = 1; version < 16; version++) {
            int length = write();
            bth.transportVersion(version);
            pair.attacker.sendSealed(length);
        }
        expectDropped("dropped_malformed", 15);
    }

    @Test
    void r06ShouldDropMorePaddingThanPayload() {
        int sent = 0;
        for (int pad = 1; pad < 4; pad++) {
            for (int payload = 0; payload < pad; payload++) {
                int length = begin(RoceOpcode.RC_WRITE_ONLY, EXPECTED_PSN, payload);
                bth.padCount(pad);
                pair.attacker.sendSealed(length);
                sent++;
            }
        }
        expectDropped("dropped_malformed", sent);
    }

    @Test
    void r09r10ShouldDropAWrongIcrc() {
        int length = write();
        pair.attacker.send(length);
        for (int bit = 0; bit < 32; bit++) {
            pair.attacker.seal(length);
            long at = (long) length + bit / 8;
            byte old = bytes.get(ValueLayout.JAVA_BYTE, at);
            bytes.set(ValueLayout.JAVA_BYTE, at, (byte) (old ^ 1 << bit % 8));
            pair.attacker.send(length + PacketCheck.ICRC_LENGTH);
        }
        expectDropped("dropped_bad_icrc", 33);
    }

    @Test
    void r14r16ShouldDropPacketsForNoQueuePair() {
        int number = pair.left.queuePair.number();
        int sent = 0;
        for (int other : new int[] {0, 0xff_ffff, number ^ 1, number ^ 0x80_0000}) {
            int length = write();
            bth.destinationQpn(other);
            pair.attacker.sendSealed(length);
            sent++;
        }
        expectDropped("dropped_unknown_qp", sent);
    }

    @Test
    void r15ShouldDropPacketsForQueuePairOneThatAreNoManagement() {
        bytes.asSlice(0, 300).fill((byte) 0);
        RoceOpcode opcode = RoceOpcode.UD_SEND_ONLY;
        bth.wrap(bytes, 0).initialize(opcode, 1, 0, 0);
        for (int queueKey : new int[] {0, 0x1111_1111, 0x8001_0001, 0x0001_0000}) {
            new DethFlyweight()
                    .wrap(bytes, opcode.offsetOf(ExtensionHeader.DETH))
                    .queueKey(queueKey)
                    .sourceQpn(1);
            pair.attacker.sendSealed(opcode.headerLength() + 256);
        }
        expectDropped("dropped_bad_queue_key", 4);
        int length = write();
        bth.destinationQpn(1);
        pair.attacker.sendSealed(length);
        pair.settle();
        assertThat(pair.count("dropped_wrong_service")).isEqualTo(1);
    }

    @Test
    void r18ShouldDropPacketsInStatesThatTakeNone() {
        for (QueuePairState state : List.of(QueuePairState.ERR, QueuePairState.RESET)) {
            pair.left.queuePair.modify(QueuePairAttributes.to(state));
            pair.attacker.sendSealed(write());
            pair.settle();
        }
        pair.left.queuePair.modify(QueuePairAttributes.toInit(TestNode.ALL_ACCESS));
        pair.attacker.sendSealed(write());
        pair.settle();
        assertThat(pair.count("dropped_not_ready")).isEqualTo(3);
        assertThat(pair.count("sent_packets")).isZero();
        assertThat(pair.left.region.segment().get(ValueLayout.JAVA_LONG, 0)).isZero();
    }

    @Test
    void r19ShouldDropPacketsOfAnotherService() {
        int sent = 0;
        for (RoceOpcode opcode : RoceOpcode.values()) {
            if (opcode.service() != RoceOpcode.Service.RC) {
                pair.attacker.sendSealed(begin(opcode, EXPECTED_PSN, opcode.hasPayload() ? 8 : 0));
                sent++;
            }
        }
        expectDropped("dropped_wrong_service", sent);
    }

    @Test
    void r20ShouldDropAWrongPartitionKey() {
        int[] keys = {0, 1, 0x7ffe, 0x8000, 0xfffe};
        for (int key : keys) {
            int length = write();
            bth.partitionKey(key);
            pair.attacker.sendSealed(length);
        }
        expectDropped("dropped_bad_partition_key", keys.length);
    }

    @Test
    void r22r25ShouldDropStrangers() {
        try (RawPeer stranger = new RawPeer("127.3.1.9", "127.3.1.1");
                RawPeer itself = new RawPeer("127.3.1.1", "127.3.1.1")) {
            for (RawPeer each : List.of(stranger, itself)) {
                int length = write();
                MemorySegment.copy(bytes, 0, each.bytes(), 0, length);
                each.sendSealed(length);
            }
            expectDropped("dropped_wrong_peer", 2);
        }
    }

    /// R26: an answer to nothing.
    @Test
    void r26ShouldDropResponsesToNoRequest() {
        for (RoceOpcode opcode : RoceOpcode.values()) {
            if (opcode.service() == RoceOpcode.Service.RC && opcode.isResponse()) {
                pair.attacker.sendSealed(begin(opcode, SENT_PSN + 5, opcode.hasPayload() ? 8 : 0));
            }
        }
        expectDropped("dropped_bad_acknowledgement", 6);
    }

    @Test
    void r45ShouldDropPayloadWhereThereIsNone() {
        for (RoceOpcode opcode :
                List.of(
                        RoceOpcode.RC_READ_REQUEST,
                        RoceOpcode.RC_FETCH_ADD,
                        RoceOpcode.RC_COMPARE_SWAP,
                        RoceOpcode.RC_ACKNOWLEDGE)) {
            pair.attacker.sendSealed(begin(opcode, EXPECTED_PSN, 4));
        }
        expectDropped("dropped_malformed", 4);
    }

    /// R66: a peer may send from any port.
    @Test
    void r66ShouldTakePacketsFromAnotherPort() {
        try (RawPeer other = new RawPeer("127.3.1.2", "127.3.1.1")) {
            int length = write();
            MemorySegment.copy(bytes, 0, other.bytes(), 0, length);
            other.sendSealed(length);
            pair.settle();
            assertThat(pair.left.region.segment().get(ValueLayout.JAVA_LONG, 0)).isNotZero();
            assertThat(pair.count("sent_packets")).isEqualTo(1);
        }
    }

    @Test
    void r67ShouldDropJumboDatagrams() {
        write();
        int[] lengths = {4096 + 28 + 4, 8192, 9000, 30_000, 65_503};
        for (int length : lengths) {
            pair.attacker.sendSealed(length);
            pair.settle();
        }
        long dropped = pair.count("dropped_malformed") + pair.count("dropped_bad_icrc");
        assertThat(dropped).isEqualTo(lengths.length);
        expectWriteWorks();
    }
}
