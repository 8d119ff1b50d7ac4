package org.softverbs.soft.roce;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.AddressSpace;
import org.softverbs.dma.DmaSegment;
import org.softverbs.soft.memory.AccessResult;
import org.softverbs.soft.memory.Accessor;
import org.softverbs.soft.memory.FastMapping;
import org.softverbs.soft.memory.FastMemory;
import org.softverbs.soft.queue.SendOperation;
import org.softverbs.soft.queue.SendWqe;
import org.softverbs.soft.wire.packet.RocePacket;
import org.softverbs.soft.wire.roce.AckSyndrome;
import org.softverbs.soft.wire.roce.PacketSequenceNumber;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.verbs.QueuePairState;

/// Registrations and invalidations between WRITEs from the registered memory and READs, over a wire
/// that loses: each is carried out once and in its turn, or a WRITE would miss its memory.
class LocalOperationRandomTest {

    private static final int SEEDS = 500;
    private static final int REQUESTS = 40;
    private static final int FAST_KEY = 0x0c0c_0c10;

    /// A peer that takes packets in order, loses some, and answers.
    private static final class LossyPeer {

        private final SplittableRandom random;
        private final EngineScript script;
        private int expected = EngineScript.SEND_PSN;

        LossyPeer(SplittableRandom random, EngineScript script) {
            this.random = random;
            this.script = script;
        }

        void take(List<RocePacket> packets) {
            for (RocePacket packet : packets) {
                if (random.nextInt(5) > 0) {
                    take(packet);
                }
            }
        }

        private void take(RocePacket packet) {
            int psn = packet.bth().psn();
            int ahead = PacketSequenceNumber.difference(psn, expected);
            if (ahead > 0) {
                answer(TestPacket.nak(expected, AckSyndrome.NAK_PSN_SEQUENCE_ERROR));
                return;
            }
            boolean read = packet.bth().opcode() == RoceOpcode.RC_READ_REQUEST;
            if (ahead == 0) {
                expected = PacketSequenceNumber.next(expected);
            }
            if (read) {
                answer(
                        TestPacket.of(RoceOpcode.RC_READ_RESPONSE_ONLY, psn)
                                .aeth(AckSyndrome.ACK_UNLIMITED)
                                .payload(8));
            } else if (packet.bth().ackRequest()) {
                answer(TestPacket.ack(PacketSequenceNumber.previous(expected)));
            }
        }

        private void answer(TestPacket packet) {
            if (random.nextInt(5) > 0) {
                script.give(packet);
            }
        }
    }

    @Test
    void shouldCarryOutLocalOperationsOnceAndInTheirTurn() {
        for (int seed = 0; seed < SEEDS; seed++) {
            run(seed);
        }
    }

    private static void run(int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        EngineScript script =
                new EngineScript(
                        false,
                        MemoryAccessDoubles.NONE,
                        new Accessor(EngineScript.DOMAIN, EngineScript.NUMBER, true),
                        connection -> connection.maxReadAtomic(2).retryCount(1_000_000));
        script.keys.add(fastMemory(script));
        List<Long> signaled = new ArrayList<>();
        LossyPeer peer = new LossyPeer(random, script);
        int variant = 0;
        boolean valid = false;
        for (long id = 0; id < REQUESTS; id++) {
            int kind = random.nextInt(4);
            SendWqe wqe;
            if (kind == 0) {
                wqe =
                        script.begin(
                                id,
                                valid
                                        ? SendOperation.LOCAL_INVALIDATE
                                        : SendOperation.REGISTER_MEMORY);
                variant = valid ? variant : (variant + 1) & 0xff;
                wqe.immediateOrKey(FAST_KEY + variant);
                wqe.remote(0, FAST_KEY + variant);
                wqe.accessBits(1);
                valid = !valid;
            } else {
                wqe =
                        script.begin(
                                id, kind == 1 ? SendOperation.RDMA_READ : SendOperation.RDMA_WRITE);
                boolean fast = valid && kind > 1;
                wqe.elements()
                        .add(
                                fast ? 0 : EngineScript.LOCAL,
                                8,
                                fast ? FAST_KEY + variant : EngineScript.LOCAL_KEY);
            }
            wqe.fenced(random.nextInt(4) == 0);
            boolean wanted = id == REQUESTS - 1 || random.nextBoolean();
            wqe.signaled(wanted);
            if (wanted) {
                signaled.add(id);
            }
            script.queue();
            if (random.nextInt(3) == 0) {
                script.pump();
                peer.take(script.takeSent());
            }
        }
        for (int round = 0; round < 2000 && script.sendsLeft() < signaled.size(); round++) {
            script.pump();
            peer.take(script.takeSent());
            script.advance(random.nextInt(3) == 0 ? 70_000_000 : 1_100_000);
            assertThat(script.qp.state()).as("seed %s", seed).isEqualTo(QueuePairState.RTS);
        }
        assertThat(script.sendsLeft()).as("completions, seed %s", seed).isEqualTo(signaled.size());
        for (long id : signaled) {
            script.expectCompletion(id);
        }
    }

    private static FastMemory fastMemory(EngineScript script) {
        FastMemory memory =
                new FastMemory(
                        EngineScript.DOMAIN,
                        (address, length, write, runs) -> {
                            runs.add(script.local, address, length);
                            return AccessResult.GRANTED;
                        },
                        FAST_KEY);
        memory.map(
                FastMapping.of(List.of(new DmaSegment(AddressSpace.PHYSICAL, 0, 4096)), 0, 4096, 1)
                        .orElseThrow());
        return memory;
    }
}
