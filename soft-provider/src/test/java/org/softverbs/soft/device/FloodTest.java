package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.softverbs.soft.wire.roce.AethFlyweight;
import org.softverbs.soft.wire.roce.AtomicEthFlyweight;
import org.softverbs.soft.wire.roce.BthFlyweight;
import org.softverbs.soft.wire.roce.ExtensionHeader;
import org.softverbs.soft.wire.roce.RethFlyweight;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.WorkCompletion;

/// S1, M1, M7: floods of nonsense at a live queue pair, through socket, ICRC and engine, from the
/// address of its own peer.
class FloodTest {

    private static final int PACKETS = 1_000_000;
    private static final int BATCH = 64;
    private static final int CHECK_INTERVAL = 1 << 16;
    private static final int MEMORY = 1 << 16;
    private static final int EXPOSED_AT = MEMORY / 4;
    private static final int EXPOSED_LENGTH = MEMORY / 2;
    private static final byte CANARY = 0x5a;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final long seed = Long.getLong("softverbs.seed", 20_260);
    private final SplittableRandom random = new SplittableRandom(seed);

    /// Random bytes, half of them behind a BTH for the queue pair: none has a right ICRC, so that
    /// nothing at all happens.
    @Test
    void shouldNotMindRandomPackets() {
        try (UdpPair pair = new UdpPair("127.3.0.1", "127.3.0.2", MEMORY)) {
            guarded(pair, exposed -> randomPacket(pair));
            assertThat(pair.left.state()).isEqualTo(QueuePairState.RTS);
            assertThat(pair.count("dropped_bad_icrc") + pair.count("dropped_malformed"))
                    .as("seed %s: %s", seed, pair.left.context.counters())
                    .isGreaterThan(PACKETS * 9L / 10);
        }
    }

    /// Packets with one to eight changes and a right ICRC: they reach the engine, and some end the
    /// connection, as the specification has it. It is made again, and the flood goes on.
    @Test
    void shouldNotMindMutatedPackets() {
        try (UdpPair pair = new UdpPair("127.3.0.3", "127.3.0.4", MEMORY)) {
            Mutator mutator = new Mutator(pair);
            guarded(pair, mutator::send);
            assertThat(pair.count("received_packets")).isGreaterThan(PACKETS * 8L / 10);
            assertThat(pair.count("sent_fatal_naks")).isPositive();
            assertThat(pair.count("received_fatal_naks")).isPositive();
        }
    }

    private void guarded(UdpPair pair, Consumer<MemoryRegion> attack) {
        long start = System.nanoTime();
        MemorySegment around = TestNode.allocate(MEMORY);
        around.fill(CANARY);
        MemoryRegion hidden = pair.left.domain.registerMemory(TestNode.allocate(MEMORY), Set.of());
        hidden.segment().fill(CANARY);
        try (MemoryRegion exposed =
                pair.left.domain.registerMemory(
                        around.asSlice(EXPOSED_AT, EXPOSED_LENGTH), TestNode.ALL_ACCESS)) {
            for (int i = 1; i <= PACKETS; i++) {
                attack.accept(exposed);
                if (i % BATCH == 0) {
                    pair.drain();
                    revive(pair);
                }
                if (i % CHECK_INTERVAL == 0) {
                    checkCanaries(around, hidden);
                }
            }
            pair.settle();
            checkCanaries(around, hidden);
            assertThat(pair.count("engine_faults")).as("seed %s", seed).isZero();
            assertThat(pair.right.context.counters().get("engine_faults")).isZero();
            checkWork(pair);
        } finally {
            hidden.close();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(LIMIT);
    }

    private void checkCanaries(MemorySegment around, MemoryRegion hidden) {
        MemorySegment sound = TestNode.allocate(MEMORY);
        sound.fill(CANARY);
        assertThat(hidden.segment().mismatch(sound)).as("seed %s", seed).isEqualTo(-1);
        assertThat(around.asSlice(0, EXPOSED_AT).mismatch(sound.asSlice(0, EXPOSED_AT)))
                .as("seed %s", seed)
                .isEqualTo(-1);
        long behind = EXPOSED_AT + EXPOSED_LENGTH;
        assertThat(around.asSlice(behind).mismatch(sound.asSlice(behind)))
                .as("seed %s", seed)
                .isEqualTo(-1);
    }

    /// A connection that was ended is made again, with work on it.
    private static void revive(UdpPair pair) {
        if (pair.left.state() == QueuePairState.RTS && pair.right.state() == QueuePairState.RTS) {
            return;
        }
        pair.reconnect();
        pair.left.pollSends();
        pair.left.pollReceives();
        pair.right.pollReceives();
        for (int i = 0; i < 4; i++) {
            pair.left.queuePair.postReceive(
                    new ReceiveWorkRequest(i, pair.left.region.element(0, 3000)));
        }
        long address = pair.right.region.address();
        int key = pair.right.region.remoteKey();
        pair.left.queuePair.postSend(
                List.of(
                        new SendWorkRequest.RdmaRead(
                                1,
                                List.of(pair.left.region.element(4096, 3000)),
                                address,
                                key,
                                Set.of()),
                        new SendWorkRequest.RdmaWrite(
                                2,
                                List.of(pair.left.region.element(8192, 3000)),
                                address,
                                key,
                                Set.of())));
    }

    private void checkWork(UdpPair pair) {
        pair.settle();
        if (pair.left.state() != QueuePairState.RTS || pair.right.state() != QueuePairState.RTS) {
            pair.reconnect();
        }
        pair.settle();
        pair.left.pollSends();
        pair.left.pollReceives();
        pair.left.fill(9);
        pair.left.queuePair.postSend(
                new SendWorkRequest.RdmaWrite(
                        77,
                        List.of(pair.left.region.element()),
                        pair.right.region.address(),
                        pair.right.region.remoteKey(),
                        EnumSet.of(SendFlag.SIGNALED)));
        long end = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        List<WorkCompletion> done = List.of();
        while (done.isEmpty() && System.nanoTime() < end) {
            pair.progress();
            done = pair.left.pollSends();
        }
        assertThat(done).as("seed %s", seed).hasSize(1);
        assertThat(done.getFirst().isSuccess()).as("seed %s: %s", seed, done).isTrue();
        assertThat(pair.left.region.segment().mismatch(pair.right.region.segment())).isEqualTo(-1);
    }

    private void randomPacket(UdpPair pair) {
        MemorySegment bytes = pair.attacker.bytes();
        int length = random.nextInt(16) == 0 ? random.nextInt(4300) : random.nextInt(100);
        for (long i = 0; i + 8 <= length; i += 8) {
            bytes.set(ValueLayout.JAVA_LONG_UNALIGNED, i, random.nextLong());
        }
        if (random.nextBoolean() && length > BthFlyweight.LENGTH) {
            RoceOpcode[] opcodes = RoceOpcode.values();
            new BthFlyweight()
                    .wrap(bytes, 0)
                    .initialize(
                            opcodes[random.nextInt(opcodes.length)],
                            pair.left.queuePair.number(),
                            random.nextInt(),
                            0);
        }
        pair.attacker.send(length);
    }

    /// Makes packets that the queue pair would take, and changes them.
    private final class Mutator {

        private static final int FIRST_REQUEST = 0x12_3456;
        private static final int FIRST_RESPONSE = 0xff_fff0;

        private final UdpPair pair;
        private final MemorySegment bytes;
        private final BthFlyweight bth = new BthFlyweight();
        private final RethFlyweight reth = new RethFlyweight();
        private final AtomicEthFlyweight atomicEth = new AtomicEthFlyweight();
        private final AethFlyweight aeth = new AethFlyweight();

        Mutator(UdpPair pair) {
            this.pair = pair;
            this.bytes = pair.attacker.bytes();
        }

        void send(MemoryRegion target) {
            RoceOpcode opcode = RoceOpcode.values()[random.nextInt(23)];
            int psn = (opcode.isRequest() ? FIRST_REQUEST : FIRST_RESPONSE) + random.nextInt(-2, 9);
            int payload = payload(opcode);
            int pad = -payload & 3;
            bth.wrap(bytes, 0).initialize(opcode, pair.left.queuePair.number(), psn, pad);
            bth.ackRequest(random.nextBoolean());
            headers(opcode, payload, target);
            int length = opcode.headerLength() + payload + pad;
            mutate(length);
            int cut = random.nextInt(32) == 0 ? random.nextInt(length - 11) : 0;
            pair.attacker.sendSealed(length - cut);
        }

        private int payload(RoceOpcode opcode) {
            if (!opcode.hasPayload()) {
                return 0;
            }
            return switch (random.nextInt(4)) {
                case 0 -> random.nextInt(1100);
                case 1 -> random.nextInt(16);
                default -> opcode.endsMessage() ? 8 : 1024;
            };
        }

        private void headers(RoceOpcode opcode, int payload, MemoryRegion target) {
            long address = target.address() + random.nextInt(EXPOSED_LENGTH) / 8 * 8L;
            if (opcode.has(ExtensionHeader.RETH)) {
                boolean first = opcode.isFirst();
                reth.wrap(bytes, opcode.offsetOf(ExtensionHeader.RETH))
                        .virtualAddress(address)
                        .remoteKey(target.remoteKey())
                        .dmaLength(first ? payload + 1024L : opcode.hasPayload() ? payload : 5000);
            }
            if (opcode.has(ExtensionHeader.ATOMIC_ETH)) {
                atomicEth
                        .wrap(bytes, opcode.offsetOf(ExtensionHeader.ATOMIC_ETH))
                        .virtualAddress(address)
                        .remoteKey(target.remoteKey());
            }
            if (opcode.has(ExtensionHeader.AETH)) {
                int syndrome = random.nextInt(4) == 0 ? random.nextInt(256) : 0x1f;
                aeth.wrap(bytes, opcode.offsetOf(ExtensionHeader.AETH)).syndrome(syndrome);
            }
        }

        private void mutate(int length) {
            int changes = 1 + random.nextInt(8);
            for (int i = 0; i < changes; i++) {
                int at =
                        random.nextBoolean()
                                ? random.nextInt(length)
                                : random.nextInt(Math.min(length, 40));
                if (at >= 5 && at < 8 && random.nextInt(8) != 0) {
                    continue; // most shall reach the queue pair
                }
                byte old = bytes.get(ValueLayout.JAVA_BYTE, at);
                byte changed =
                        random.nextBoolean()
                                ? (byte) (old ^ 1 << random.nextInt(8))
                                : (byte) random.nextInt();
                bytes.set(ValueLayout.JAVA_BYTE, at, changed);
            }
        }
    }
}
