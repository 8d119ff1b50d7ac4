package org.softverbs.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.softverbs.soft.device.DeviceLimits;
import org.softverbs.soft.device.DeviceOwner;
import org.softverbs.soft.device.ManualClock;
import org.softverbs.soft.device.ProgressMode;
import org.softverbs.soft.device.SoftDevice;
import org.softverbs.soft.device.TestNode;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.host.RandomSource;
import org.softverbs.soft.wire.roce.BthFlyweight;
import org.softverbs.soft.wire.roce.PacketCheck;
import org.softverbs.soft.wire.roce.RethFlyweight;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.RdmaDevice;

/// R68: ten million datagrams of random bytes, as a socket would give them, then one that is right.
class RandomBytesTest {

    private static final int PACKETS = 10_000_000;
    private static final int LONG_ONES = 64;
    private static final int LONGEST = 4200;
    private static final int SHORT = 80;
    private static final int MEMORY = 4096;
    private static final int EXPECTED_PSN = 0x12_3456;
    private static final byte CANARY = 0x5a;
    private static final Set<AccessFlag> ALL_ACCESS =
            EnumSet.complementOf(
                    EnumSet.of(
                            AccessFlag.ZERO_BASED,
                            AccessFlag.ON_DEMAND,
                            AccessFlag.FLUSH_PERSISTENT,
                            AccessFlag.RELAXED_ORDERING));

    private final long seed = Long.getLong("softverbs.seed", 68);
    private final SplittableRandom random = new SplittableRandom(seed);
    private final FeedLink link = new FeedLink();
    private final ManualClock clock = new ManualClock();
    private final DeviceOwner owner = new DeviceOwner(ProgressMode.MANUAL, clock);
    private final BthFlyweight bth = new BthFlyweight();

    @Test
    void r68ShouldServeThePeerAfterTenMillionDatagramsOfRandomBytes() {
        Host host = new Host(clock, RandomSource.seeded(new SplittableRandom(7)));
        RdmaDevice device = new RdmaDevice("random", 1, "in-process");
        try (TestNode node =
                new TestNode(
                        SoftDevice.open(device, host, link, owner, DeviceLimits.standard()),
                        MEMORY)) {
            connect(node);
            for (int i = 0; i < PACKETS; i++) {
                link.deliver(randomBytes(node.queuePair.number()));
                owner.progress();
            }
            Map<String, Long> counters = node.context.counters();
            assertThat(counters.get("engine_faults")).as("seed %s", seed).isZero();
            assertThat(
                            counters.getOrDefault("dropped_malformed", 0L)
                                    + counters.getOrDefault("dropped_bad_icrc", 0L))
                    .as("seed %s: %s", seed, counters)
                    .isEqualTo(PACKETS);
            assertThat(link.sent()).as("answers, seed %s", seed).isZero();
            assertThat(node.queuePair.state()).isEqualTo(QueuePairState.RTS);
            MemorySegment memory = node.region.segment();
            for (long at = 0; at < MEMORY; at++) {
                assertThat(memory.get(ValueLayout.JAVA_BYTE, at)).isEqualTo(CANARY);
            }
            writeRightly(node);
            assertThat(memory.get(ValueLayout.JAVA_INT, 0)).isEqualTo(0x0403_0201);
            assertThat(link.sent()).as("acknowledgements").isEqualTo(1);
        }
    }

    private static void connect(TestNode node) {
        node.queuePair.modify(QueuePairAttributes.toInit(ALL_ACCESS));
        node.queuePair.modify(
                QueuePairAttributes.toReadyToReceive(
                        new AddressVector(FeedLink.PEER, 0), 5, EXPECTED_PSN, Mtu.MTU_1024));
        node.queuePair.modify(QueuePairAttributes.toReadyToSend(1));
        node.region.segment().fill(CANARY);
    }

    /// Any length up to a jumbo packet's; half of them begin with a BTH for the queue pair.
    private int randomBytes(int number) {
        MemorySegment bytes = link.bytes();
        int length = random.nextInt(random.nextInt(LONG_ONES) == 0 ? LONGEST : SHORT);
        for (long at = 0; at + Long.BYTES <= length; at += Long.BYTES) {
            bytes.set(ValueLayout.JAVA_LONG_UNALIGNED, at, random.nextLong());
        }
        if (length >= BthFlyweight.LENGTH && random.nextBoolean()) {
            bth.wrap(bytes, 0).destinationQpn(number).psn(EXPECTED_PSN).transportVersion(0);
        }
        return length;
    }

    private void writeRightly(TestNode node) {
        RoceOpcode opcode = RoceOpcode.RC_WRITE_ONLY;
        MemorySegment bytes = link.bytes();
        bytes.fill((byte) 0);
        bth.wrap(bytes, 0)
                .initialize(opcode, node.queuePair.number(), EXPECTED_PSN, 0)
                .ackRequest(true);
        new RethFlyweight()
                .wrap(bytes, BthFlyweight.LENGTH)
                .virtualAddress(node.region.address())
                .remoteKey(node.region.remoteKey())
                .dmaLength(Integer.BYTES);
        bytes.set(ValueLayout.JAVA_INT, opcode.headerLength(), 0x0403_0201);
        int length = opcode.headerLength() + Integer.BYTES + PacketCheck.ICRC_LENGTH;
        link.seal(length);
        link.deliver(length);
        owner.progress();
        owner.progress();
    }
}
