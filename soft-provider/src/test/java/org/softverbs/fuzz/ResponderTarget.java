package org.softverbs.fuzz;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.softverbs.fuzz.AnswerModel.Atomic;
import org.softverbs.fuzz.AnswerModel.Read;
import org.softverbs.fuzz.ResponderModel.Element;
import org.softverbs.fuzz.ResponderModel.Outcome;
import org.softverbs.soft.wire.roce.BthFlyweight;
import org.softverbs.soft.wire.roce.ExtensionHeader;
import org.softverbs.soft.wire.roce.PacketSequenceNumber;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.soft.wire.roce.RoceOpcode.Operation;
import org.softverbs.verbs.AccessFlag;

/// A responder and its peer's requests: mostly the one that is due, with a field that is slightly
/// wrong now and then, between receives posted, memory deregistered, a full link and time.
final class ResponderTarget implements Target {

    private static final int MOST_STEPS = 64;
    private static final int AREA_OPCODES = 0;
    private static final int AREA_MESSAGES = 1;
    private static final int AREA_COUNTERS = 2;
    private static final int LONGEST_HEADERS = 64;
    private static final List<RoceOpcode> REQUESTS =
            List.of(RoceOpcode.values()).stream()
                    .filter(it -> it.service() == RoceOpcode.Service.RC && it.isRequest())
                    .toList();
    private static final int ALL_RIGHTS =
            AccessFlag.REMOTE_WRITE.bit()
                    | AccessFlag.REMOTE_READ.bit()
                    | AccessFlag.REMOTE_ATOMIC.bit()
                    | AccessFlag.FLUSH_GLOBAL.bit()
                    | AccessFlag.FLUSH_PERSISTENT.bit();
    private static final List<Region> REACHABLE =
            List.of(
                    Region.EXPOSED,
                    Region.EXPOSED,
                    Region.LAST,
                    Region.WINDOW,
                    Region.READABLE,
                    Region.WRITABLE);

    private final Choices choices = new Choices();
    private final Reached reached = new Reached();
    private final ResponderModel model = new ResponderModel();
    private final Bench bench = model.bench;
    private final MadePacket packet = new MadePacket();
    private final MemorySegment headers = Arena.global().allocate(LONGEST_HEADERS, 8);
    private final BthFlyweight bth = new BthFlyweight();
    private boolean captured;
    private int capturedShift;

    @Override
    public Reached reached() {
        return reached;
    }

    @Override
    public void run(byte[] input) {
        choices.start(input);
        model.reset();
        captured = false;
        bench.reset()
                .accessBits(choices.chance(16) ? choices.octet() : ALL_RIGHTS)
                .receivePsn(choices.oneOf(500, 0, 0xff_fffa, choices.u16()))
                .sendPsn(1)
                .maxReadAtomic(4)
                .maxDestinationReadAtomic(choices.oneOf(16, 2, 1, 4, 0, 16, 16, 2));
        bench.connect();
        for (int step = 0; step < MOST_STEPS && !choices.isDone(); step++) {
            step();
            model.pump();
        }
        bench.room(Integer.MAX_VALUE);
        model.pump();
        model.end();
        bench.mark(reached, AREA_COUNTERS);
        reached.executed();
    }

    private void step() {
        int kind = choices.octet();
        if (kind < 150) {
            request();
            give();
        } else if (kind < 175) {
            postReceive();
        } else if (kind < 195) {
            again();
            give();
        } else if (kind < 200) {
            bench.toggle(anyRegion());
        } else if (kind < 215) {
            bench.room(choices.oneOf(0, 1, 3, Integer.MAX_VALUE, Integer.MAX_VALUE));
        } else if (kind < 220) {
            bench.advance(1L << choices.below(40));
        } else {
            captured();
        }
    }

    private void give() {
        Operation message = model.message();
        Outcome outcome = model.judge(packet);
        int before = message == null ? 0 : message.ordinal() + 1;
        reached.mark(AREA_OPCODES, packet.opcode.ordinal(), outcome.ordinal());
        reached.mark(AREA_MESSAGES, packet.opcode.ordinal(), before);
    }

    private Region anyRegion() {
        return Region.ALL_REGIONS.get(choices.below(Region.ALL_REGIONS.size()));
    }

    private void postReceive() {
        List<Element> elements = new ArrayList<>();
        int count = choices.below(Bench.MAX_SGE + 1);
        for (int i = 0; i < count; i++) {
            Region region = choices.chance(8) ? anyRegion() : Region.LOCAL;
            int length = choices.oneOf(256, 0, 1, 700, 255, 257, 512, choices.u16() & 0x3ff);
            int offset = choices.u16() % region.size();
            boolean fits = offset + length <= region.size() || choices.chance(8);
            elements.add(
                    new Element(
                            region.address() + (fits ? offset : 0),
                            fits ? length : Math.min(length, region.size()),
                            region.key()));
        }
        model.postReceive(elements);
    }

    /// The request that is due, or nearly.
    private void request() {
        int psn = bench.engine.nextReceivePsn();
        Operation message = model.message();
        if (choices.chance(6)) {
            packet.begin(REQUESTS.get(choices.below(REQUESTS.size())), psn);
            fill();
        } else if (message == Operation.SEND) {
            packet.begin(nextOfSend(), psn);
            fill();
        } else if (message == Operation.WRITE) {
            nextOfWrite(psn);
        } else {
            packet.begin(firstOfMessage(), psn);
            fill();
        }
        packet.salt = choices.octet();
        packet.askForAck = choices.chance(128);
        packet.solicited = choices.chance(32);
        spoil();
    }

    private RoceOpcode firstOfMessage() {
        return switch (choices.below(18)) {
            case 0, 1 -> RoceOpcode.RC_SEND_FIRST;
            case 2 -> RoceOpcode.RC_SEND_ONLY;
            case 3 -> RoceOpcode.RC_SEND_ONLY_WITH_IMMEDIATE;
            case 4 -> RoceOpcode.RC_SEND_ONLY_WITH_INVALIDATE;
            case 5, 6 -> RoceOpcode.RC_WRITE_FIRST;
            case 7, 8 -> RoceOpcode.RC_WRITE_ONLY;
            case 9 -> RoceOpcode.RC_WRITE_ONLY_WITH_IMMEDIATE;
            case 10, 11, 12 -> RoceOpcode.RC_READ_REQUEST;
            case 13 -> RoceOpcode.RC_COMPARE_SWAP;
            case 16 -> RoceOpcode.RC_FLUSH;
            case 17 -> RoceOpcode.RC_ATOMIC_WRITE;
            default -> RoceOpcode.RC_FETCH_ADD;
        };
    }

    private RoceOpcode nextOfSend() {
        return switch (choices.below(8)) {
            case 0, 1, 2 -> RoceOpcode.RC_SEND_MIDDLE;
            case 3 -> RoceOpcode.RC_SEND_LAST_WITH_IMMEDIATE;
            case 4 -> RoceOpcode.RC_SEND_LAST_WITH_INVALIDATE;
            default -> RoceOpcode.RC_SEND_LAST;
        };
    }

    private void nextOfWrite(int psn) {
        boolean last = model.writeRest() <= Bench.MTU;
        if (last) {
            boolean immediate = choices.chance(64);
            packet.begin(
                    immediate ? RoceOpcode.RC_WRITE_LAST_WITH_IMMEDIATE : RoceOpcode.RC_WRITE_LAST,
                    psn);
        } else {
            packet.begin(RoceOpcode.RC_WRITE_MIDDLE, psn);
        }
        packet.payload(last ? (int) model.writeRest() : Bench.MTU);
    }

    /// Gives a request what its opcode asks for.
    private void fill() {
        RoceOpcode opcode = packet.opcode;
        packet.immediate =
                opcode.hasInvalidate() && !choices.chance(24) ? Region.WINDOW.key() : choices.u16();
        packet.payload(
                switch (opcode.position()) {
                    case FIRST, MIDDLE -> Bench.MTU;
                    case LAST -> 1 + choices.octet();
                    case ONLY -> choices.oneOf(8, 0, 1, 256, choices.octet());
                });
        if (opcode.operation() == Operation.ATOMIC_WRITE) {
            packet.payload(Long.BYTES);
            aim(Long.BYTES);
            packet.address &= choices.chance(8) ? -1 : -Long.BYTES;
        } else if (opcode.has(ExtensionHeader.RETH)) {
            aim(lengthOf(opcode));
            packet.placement = choices.oneOf(1, 1, 1, 2, 3, 0, 4);
            packet.selectivity = choices.oneOf(0, 0, 1, 0, 1, 2, 3);
        } else if (opcode.has(ExtensionHeader.ATOMIC_ETH)) {
            aim(Long.BYTES);
            packet.address &= choices.chance(8) ? -1 : -Long.BYTES;
            packet.swapOrAdd = choices.octet();
            packet.compare = choices.chance(128) ? choices.octet() : 0;
        }
    }

    private int lengthOf(RoceOpcode opcode) {
        if (opcode.operation() == Operation.READ_REQUEST || opcode.operation() == Operation.FLUSH) {
            return choices.oneOf(8, 0, 1, 256, 257, 1000, 4096, 511, choices.u16() & 0xfff);
        }
        return opcode.isOnly() ? packet.payload : 257 + (choices.u16() & 0x1ff);
    }

    /// Points it at memory, mostly inside.
    private void aim(int length) {
        Region region =
                choices.chance(12) ? anyRegion() : REACHABLE.get(choices.below(REACHABLE.size()));
        long room = Math.max(0, (long) region.size() - length);
        long offset =
                switch (choices.below(16)) {
                    case 0 -> room;
                    case 1 -> room + (choices.chance(64) ? 1 : 0);
                    case 2 -> choices.chance(64) ? -1 : 0;
                    default -> choices.u16() % (room + 1);
                };
        packet.address = region.address() + offset;
        packet.key = region.key();
        packet.dmaLength = length;
    }

    /// Makes one field wrong, rarely.
    private void spoil() {
        if (!choices.chance(24)) {
            return;
        }
        switch (choices.below(10)) {
            case 0, 1 -> packet.psn = near(packet.psn);
            case 2 -> packet.key ^= 1 << choices.below(32);
            case 3 -> packet.key = choices.oneOf(0, -1, Region.WINDOW.key() & ~0xff, packet.key);
            case 4 -> packet.address = choices.oneOf(0, -1, Long.MIN_VALUE, choices.u64());
            case 5 ->
                    packet.dmaLength =
                            choices.oneOf(
                                    packet.dmaLength + 1,
                                    1L << 31,
                                    (1L << 31) + 1,
                                    0xffff_ffffL,
                                    1L << 24,
                                    packet.dmaLength - 1);
            case 6, 7 ->
                    packet.payload(
                            choices.oneOf(
                                    packet.payload + 1,
                                    Math.max(0, packet.payload - 1),
                                    0,
                                    257,
                                    1024,
                                    4096));
            case 8 -> packet.pad = choices.below(4);
            default -> packet.address += choices.oneOf(1L, -1L, 1L << 32, 1L << 63);
        }
        packet.dmaLength &= 0xffff_ffffL;
    }

    private int near(int psn) {
        int step = choices.oneOf(1, -1, 2, -2, 16, -16, 0x7f_ffff, 0x80_0000, 0x80_0001, 1 << 20);
        return PacketSequenceNumber.add(psn, step);
    }

    /// A request that was carried out before, whole or from its midst, or nearly that.
    private void again() {
        int psn = bench.engine.nextReceivePsn();
        if (choices.chance(128) && !model.answers.reads.isEmpty()) {
            Read read = model.answers.reads.get(choices.u16() % model.answers.reads.size());
            int index = choices.chance(128) ? 0 : choices.octet() % read.packets();
            long skipped = (long) index * Bench.MTU;
            packet.begin(RoceOpcode.RC_READ_REQUEST, read.psn() + index);
            packet.address = read.address() + skipped;
            packet.key = read.key();
            packet.dmaLength = read.length() - skipped;
        } else if (choices.chance(128) && !model.answers.atomics.isEmpty()) {
            Atomic atomic = model.answers.atomics.get(choices.u16() % model.answers.atomics.size());
            packet.begin(atomic.opcode(), atomic.psn());
            packet.address = atomic.address();
            packet.key = atomic.key();
            packet.swapOrAdd = atomic.operand();
        } else {
            packet.begin(REQUESTS.get(choices.below(REQUESTS.size())), psn - 1 - choices.below(8));
            fill();
        }
        spoil();
    }

    /// A packet of a capture, in the place that it would have here: an opcode, the other headers,
    /// two bytes of payload length.
    private void captured() {
        RoceOpcode opcode = RoceOpcode.of(choices.octet());
        if (opcode == null || opcode.service() != RoceOpcode.Service.RC || opcode.isResponse()) {
            return;
        }
        headers.set(ValueLayout.JAVA_BYTE, 0, (byte) opcode.wireValue());
        for (int i = 1; i < opcode.headerLength(); i++) {
            headers.set(ValueLayout.JAVA_BYTE, i, (byte) choices.octet());
        }
        packet.read(opcode, headers);
        packet.payload(choices.u16() % (Bench.MTU + 1));
        int psn = bth.wrap(headers, 0).psn();
        if (!captured) {
            captured = true;
            capturedShift = bench.engine.nextReceivePsn() - psn;
        }
        packet.psn = (psn + capturedShift) & PacketSequenceNumber.MASK;
        packet.key = Region.EXPOSED.key();
        packet.address = Region.EXPOSED.address() + (packet.address & 0xfff);
        give();
    }
}
