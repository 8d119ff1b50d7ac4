package org.softverbs.fuzz;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.softverbs.soft.device.DeviceLimits;
import org.softverbs.soft.device.DeviceOwner;
import org.softverbs.soft.device.ManualClock;
import org.softverbs.soft.device.ProgressMode;
import org.softverbs.soft.device.SoftDevice;
import org.softverbs.soft.device.TestNode;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.host.RandomSource;
import org.softverbs.soft.qp.TransportCounter;
import org.softverbs.soft.wire.packet.RocePacket;
import org.softverbs.soft.wire.roce.BthFlyweight;
import org.softverbs.soft.wire.roce.ExtensionHeader;
import org.softverbs.soft.wire.roce.PacketCheck;
import org.softverbs.soft.wire.roce.PacketFault;
import org.softverbs.soft.wire.roce.RethFlyweight;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.RdmaDevice;

/// A datagram: a byte that says which of its fields are put right, then its bytes. It is parsed and
/// built again, and given to a device with one queue pair.
final class HeaderTarget implements Target {

    private static final int SEALED = 1;
    private static final int FOR_QUEUE_PAIR = 1 << 1;
    private static final int IN_SEQUENCE = 1 << 2;
    private static final int FOR_MEMORY = 1 << 3;
    private static final int PLAIN_FLAGS = 1 << 4;
    private static final int KNOWN_OPCODE = 1 << 5;
    private static final int FITTING = 1 << 6;

    private static final int LONGEST = 4200;
    private static final int MEMORY = 4096;
    private static final int EXPECTED_PSN = 0x12_3456;
    private static final int OFFSET = 3;
    private static final int AREA_FAULTS = 0;
    private static final int AREA_COUNTERS = 1;
    private static final RoceOpcode[] OPCODES = RoceOpcode.values();
    private static final TransportCounter[] COUNTERS = TransportCounter.values();
    private static final Set<AccessFlag> ALL_ACCESS =
            EnumSet.complementOf(
                    EnumSet.of(
                            AccessFlag.ZERO_BASED,
                            AccessFlag.ON_DEMAND,
                            AccessFlag.FLUSH_PERSISTENT,
                            AccessFlag.RELAXED_ORDERING));

    private final Reached reached = new Reached();
    private final FeedLink link = new FeedLink();
    private final ManualClock clock = new ManualClock();
    private final DeviceOwner owner = new DeviceOwner(ProgressMode.MANUAL, clock);
    private final TestNode node =
            new TestNode(
                    SoftDevice.open(
                            new RdmaDevice("fuzz", 1, "in-process"),
                            new Host(clock, RandomSource.seeded(new SplittableRandom(7))),
                            link,
                            owner,
                            DeviceLimits.standard()),
                    MEMORY);
    private final MemorySegment parsed = Arena.global().allocate(LONGEST + 2 * OFFSET);
    private final PacketCheck check = new PacketCheck();
    private final BthFlyweight bth = new BthFlyweight();
    private final RethFlyweight reth = new RethFlyweight();
    private long[] counted = new long[COUNTERS.length];

    HeaderTarget() {
        connect();
    }

    private void connect() {
        node.queuePair.modify(QueuePairAttributes.to(QueuePairState.RESET));
        node.queuePair.modify(QueuePairAttributes.toInit(ALL_ACCESS));
        node.queuePair.modify(
                QueuePairAttributes.toReadyToReceive(
                        new AddressVector(FeedLink.PEER, 0), 5, EXPECTED_PSN, Mtu.MTU_1024));
        node.queuePair.modify(QueuePairAttributes.toReadyToSend(1));
        node.region.segment().fill((byte) 0);
        counted = count();
    }

    @Override
    public Reached reached() {
        return reached;
    }

    @Override
    public void run(byte[] input) {
        int length = Math.min(Math.max(0, input.length - 1), LONGEST);
        MemorySegment bytes = link.bytes();
        if (length > 0) {
            MemorySegment.copy(input, 1, bytes, ValueLayout.JAVA_BYTE, 0, length);
            length = putRight(input[0], bytes, length);
        }
        PacketFault fault = parse(bytes, length);
        deliver(length, fault);
        reached.executed();
    }

    /// Does what the first byte of the input says.
    ///
    /// @return the length of the datagram
    private int putRight(int what, MemorySegment bytes, int given) {
        int length = given;
        if (length < BthFlyweight.LENGTH) {
            return length;
        }
        bth.wrap(bytes, 0);
        if ((what & KNOWN_OPCODE) != 0) {
            bth.opcode(OPCODES[bth.opcode() % OPCODES.length].wireValue());
        }
        if ((what & PLAIN_FLAGS) != 0) {
            bth.transportVersion(0).partitionKey(BthFlyweight.DEFAULT_PARTITION_KEY);
        }
        if ((what & FOR_QUEUE_PAIR) != 0) {
            bth.destinationQpn(node.queuePair.number());
        }
        if ((what & IN_SEQUENCE) != 0) {
            bth.psn(EXPECTED_PSN);
        }
        RoceOpcode opcode = RoceOpcode.of(bth.opcode());
        if (opcode != null && (what & FITTING) != 0) {
            int least = opcode.headerLength() + PacketCheck.ICRC_LENGTH;
            if (length > least) {
                length = opcode.hasPayload() ? least + (length - least & ~3) : least;
                bth.padCount(0);
            }
        }
        if (opcode != null && opcode.has(ExtensionHeader.RETH)) {
            aim(what, opcode, bytes, length);
        }
        if ((what & SEALED) != 0) {
            link.seal(length);
        }
        return length;
    }

    private void aim(int what, RoceOpcode opcode, MemorySegment bytes, int length) {
        int payload = length - opcode.headerLength() - PacketCheck.ICRC_LENGTH;
        if ((what & FOR_MEMORY) != 0 && payload >= 0) {
            reth.wrap(bytes, opcode.offsetOf(ExtensionHeader.RETH));
            reth.virtualAddress(node.region.address() + (reth.virtualAddress() & 0xff));
            reth.remoteKey(node.region.remoteKey());
            reth.dmaLength(opcode.hasPayload() ? payload : reth.dmaLength() & 0xfff);
        }
    }

    /// The check, the parser and the builder agree, and read nothing outside the datagram.
    private PacketFault parse(MemorySegment bytes, int length) {
        MemorySegment own = parsed.asSlice(0, (long) OFFSET + length);
        MemorySegment.copy(bytes, 0, own, OFFSET, length);
        PacketFault fault = check.check(own, OFFSET, length);
        switch (RocePacket.parse(own, OFFSET, length)) {
            case RocePacket.Refused refused ->
                    Breach.unless(refused.fault() == fault, "check and parser do not agree");
            case RocePacket.Accepted accepted -> {
                Breach.unless(fault == PacketFault.NONE, "parsed what is no packet");
                int covered = length - PacketCheck.ICRC_LENGTH;
                Breach.unless(check.coveredLength() == covered, "lengths do not add up");
                expectSame(accepted.packet(), own, covered);
                reached.mark(AREA_FAULTS, 0, check.opcode().ordinal());
            }
        }
        reached.mark(AREA_FAULTS, 1, fault.ordinal());
        return fault;
    }

    private static void expectSame(RocePacket packet, MemorySegment own, int covered) {
        ByteBuffer again = packet.encode();
        long same =
                MemorySegment.mismatch(
                        MemorySegment.ofBuffer(again),
                        0,
                        covered,
                        own,
                        OFFSET,
                        OFFSET + (long) covered);
        Breach.unless(packet.length() == covered && same < 0, "built other bytes: " + packet);
    }

    /// A datagram that is none, or is damaged, is counted as that and changes nothing.
    private void deliver(int length, PacketFault fault) {
        boolean sealed = link.isSealed(length);
        int sent = link.sent();
        link.deliver(length);
        owner.progress();
        owner.progress();
        long[] before = counted;
        counted = count();
        boolean dropped = false;
        for (TransportCounter counter : COUNTERS) {
            long change = counted[counter.ordinal()] - before[counter.ordinal()];
            dropped |= change > 0 && counter.isDrop();
            if (change > 0) {
                reached.mark(AREA_COUNTERS, counter.ordinal(), fault.ordinal());
            }
        }
        Breach.unless(counted[TransportCounter.ENGINE_FAULTS.ordinal()] == 0, "an engine threw");
        boolean noPacket = length < BthFlyweight.LENGTH + PacketCheck.ICRC_LENGTH;
        if (noPacket || !sealed || fault != PacketFault.NONE) {
            boolean malformed = noPacket || sealed;
            TransportCounter due =
                    malformed
                            ? TransportCounter.DROPPED_MALFORMED
                            : TransportCounter.DROPPED_BAD_ICRC;
            Breach.unless(
                    counted[due.ordinal()] == before[due.ordinal()] + 1, "not counted: " + due);
        }
        if (dropped) {
            Breach.unless(link.sent() == sent, "answered what it dropped");
            Breach.unless(isUntouched(), "memory changed by what was dropped");
        } else {
            connect();
        }
    }

    private boolean isUntouched() {
        MemorySegment segment = node.region.segment();
        for (long at = 0; at < segment.byteSize(); at += Long.BYTES) {
            if (segment.get(ValueLayout.JAVA_LONG, at) != 0) {
                return false;
            }
        }
        return true;
    }

    private long[] count() {
        Map<String, Long> all = node.context.counters();
        long[] values = new long[COUNTERS.length];
        for (TransportCounter counter : COUNTERS) {
            values[counter.ordinal()] = all.getOrDefault(counter.reportName(), 0L);
        }
        return values;
    }
}
