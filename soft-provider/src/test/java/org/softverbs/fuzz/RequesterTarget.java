package org.softverbs.fuzz;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.softverbs.fuzz.RequesterModel.Posted;
import org.softverbs.soft.queue.SendOperation;
import org.softverbs.soft.wire.roce.PacketSequenceNumber;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.verbs.QueuePairState;

/// A requester with work and a peer that answers as it likes: mostly what is due, often nearly
/// that, between more work, deregistered memory, a full link and time.
final class RequesterTarget implements Target {

    private static final int MOST_STEPS = 64;
    private static final int AREA_ANSWERS = 0;
    private static final int AREA_ENDS = 1;
    private static final int AREA_COUNTERS = 2;
    private static final int LONGEST_HEADERS = 64;
    private static final List<RoceOpcode> RESPONSES =
            List.of(RoceOpcode.values()).stream()
                    .filter(it -> it.service() == RoceOpcode.Service.RC && it.isResponse())
                    .toList();
    private static final List<SendOperation> OPERATIONS =
            List.of(
                    SendOperation.SEND,
                    SendOperation.SEND_WITH_IMMEDIATE,
                    SendOperation.SEND_WITH_INVALIDATE,
                    SendOperation.RDMA_WRITE,
                    SendOperation.RDMA_WRITE_WITH_IMMEDIATE,
                    SendOperation.RDMA_READ,
                    SendOperation.RDMA_READ,
                    SendOperation.RDMA_READ,
                    SendOperation.COMPARE_AND_SWAP,
                    SendOperation.FETCH_AND_ADD,
                    SendOperation.LOCAL_INVALIDATE,
                    SendOperation.ATOMIC_WRITE,
                    SendOperation.FLUSH);

    private final Choices choices = new Choices();
    private final Reached reached = new Reached();
    private final RequesterModel model = new RequesterModel();
    private final Bench bench = model.bench;
    private final MadePacket packet = new MadePacket();
    private final MadeRequest request = new MadeRequest();
    private final MemorySegment headers = Arena.global().allocate(LONGEST_HEADERS, 8);
    private boolean captured;
    private int capturedShift;

    @Override
    public Reached reached() {
        return reached;
    }

    @Override
    public void run(byte[] input) {
        choices.start(input);
        captured = false;
        int psn = choices.oneOf(100, 0, 0xff_fffa, choices.u16());
        model.reset(psn);
        bench.reset()
                .accessBits(0)
                .sendPsn(psn)
                .receivePsn(1)
                .timeout(choices.oneOf(14, 14, 14, 14, 14, 14, 1, 0))
                .retryCount(choices.oneOf(3, 7, 0, 1))
                .rnrRetry(choices.oneOf(3, 7, 0, 1))
                .maxReadAtomic(choices.oneOf(4, 16, 1, 2))
                .maxDestinationReadAtomic(1);
        bench.connect();
        for (int step = 0; step < MOST_STEPS && !choices.isDone(); step++) {
            step();
            model.pump();
        }
        bench.room(Integer.MAX_VALUE);
        bench.qp.state(
                bench.qp.state() == QueuePairState.SQD ? QueuePairState.RTS : bench.qp.state());
        model.end();
        reached.mark(AREA_ENDS, model.lastStatus().ordinal(), 0);
        bench.mark(reached, AREA_COUNTERS);
        reached.executed();
    }

    private void step() {
        int kind = choices.octet();
        if (kind < 70) {
            post();
        } else if (kind < 200) {
            answer();
            give();
        } else if (kind < 208) {
            bench.room(choices.oneOf(0, 1, 3, Integer.MAX_VALUE, Integer.MAX_VALUE));
        } else if (kind < 216) {
            bench.advance(1L << choices.below(30));
        } else if (kind < 226) {
            bench.advanceToDeadline();
        } else if (kind < 230) {
            bench.toggle(choices.chance(128) ? Region.LOCAL : Region.EXPOSED);
        } else if (kind < 234) {
            drainOrGoOn();
        } else {
            captured();
        }
    }

    private void drainOrGoOn() {
        if (bench.qp.state() == QueuePairState.RTS) {
            bench.qp.state(QueuePairState.SQD);
            bench.engine.onDrain(true);
        } else if (bench.qp.state() == QueuePairState.SQD) {
            bench.qp.state(QueuePairState.RTS);
        }
    }

    private void give() {
        Posted target =
                model.find(
                        PacketSequenceNumber.distance(bench.qp.connection().sendPsn(), packet.psn));
        int what = target == null ? 0 : target.operation.ordinal() + 1;
        model.judge(packet);
        reached.mark(AREA_ANSWERS, packet.opcode.ordinal(), what);
        reached.mark(AREA_ENDS, model.lastStatus().ordinal(), what);
    }

    private void post() {
        request.begin(OPERATIONS.get(choices.below(OPERATIONS.size())));
        request.signaled = !choices.chance(96);
        request.fenced = choices.chance(32);
        request.solicited = choices.chance(32);
        request.address = 0x7000_0000L + choices.octet() * 8L;
        request.key = 0x5555_5501;
        request.swapOrAdd = choices.octet();
        // Of its own bytes: no choice of a committed input moves.
        request.immediate = (int) (request.address * 31 + request.swapOrAdd);
        request.compare = request.swapOrAdd * 7;
        if (request.operation == SendOperation.LOCAL_INVALIDATE) {
            request.immediate = choices.chance(160) ? Region.WINDOW.key() : choices.u16();
        } else if (request.operation.isPlacement()) {
            request.inline = new byte[0];
        } else if (request.operation.isAtomic()) {
            addElement(choices.chance(8) ? 7 : Long.BYTES);
        } else if (request.operation == SendOperation.RDMA_READ || !choices.chance(64)) {
            int count = 1 + choices.below(Bench.MAX_SGE);
            for (int i = 0; i < count; i++) {
                addElement(choices.oneOf(0, 1, 8, 255, 256, 257, 700, choices.u16() & 0x7ff));
            }
        } else {
            request.inline = new byte[choices.below(Bench.MAX_INLINE)];
            for (int i = 0; i < request.inline.length; i++) {
                request.inline[i] = (byte) (i * 3 + 1);
            }
        }
        model.post(request);
    }

    private void addElement(int length) {
        Region region = choices.chance(200) ? Region.LOCAL : Region.EXPOSED;
        region = choices.chance(6) ? Region.READABLE : region;
        int room = Math.max(0, region.size() - length);
        int offset = choices.u16() % (room + 1) + (choices.chance(3) ? 1 : 0);
        int size = Math.min(length, region.size());
        int key = choices.chance(3) ? region.key() ^ 1 : region.key();
        request.elements.add(new ResponderModel.Element(region.address() + offset, size, key));
    }

    /// The answer that is due, or nearly.
    private void answer() {
        int skip = choices.chance(48) ? choices.below(4) : 0;
        Posted target = null;
        for (Posted each : model.open) {
            if (each.packets > 0 && (target == null || skip-- > 0)) {
                target = each;
            }
        }
        if (target == null) {
            packet.begin(RESPONSES.get(choices.below(RESPONSES.size())), 0);
            packet.psn = model.psnOnWire(choices.u16() - 0x8000);
        } else if (target.operation == SendOperation.RDMA_READ || target.operation.isPlacement()) {
            answerRead(target);
        } else {
            boolean atomic = target.operation.isAtomic();
            int index = choices.chance(48) ? choices.octet() % target.packets : target.packets - 1;
            packet.begin(
                    atomic ? RoceOpcode.RC_ATOMIC_ACKNOWLEDGE : RoceOpcode.RC_ACKNOWLEDGE,
                    model.psnOnWire(target.first + index));
            packet.original = choices.u16();
        }
        packet.salt = choices.octet();
        spoil();
    }

    private void answerRead(Posted target) {
        int index = Math.min(target.nextAnswer(), target.packets - 1);
        boolean first = index == target.askedFrom;
        boolean last = index + 1 >= target.askedTo;
        RoceOpcode opcode;
        if (last) {
            opcode = first ? RoceOpcode.RC_READ_RESPONSE_ONLY : RoceOpcode.RC_READ_RESPONSE_LAST;
        } else {
            opcode = first ? RoceOpcode.RC_READ_RESPONSE_FIRST : RoceOpcode.RC_READ_RESPONSE_MIDDLE;
        }
        packet.begin(opcode, model.psnOnWire(target.first + index));
        packet.payload((int) Math.min(Bench.MTU, target.length - (long) index * Bench.MTU));
    }

    private void spoil() {
        if (!choices.chance(72)) {
            return;
        }
        switch (choices.below(8)) {
            case 0, 1 ->
                    packet.psn =
                            PacketSequenceNumber.add(
                                    packet.psn,
                                    choices.oneOf(1, -1, 2, 3, -2, 16, 0x7f_ffff, 0x80_0000, -100));
            case 2 -> {
                int psn = packet.psn;
                int payload = packet.payload;
                packet.begin(RESPONSES.get(choices.below(RESPONSES.size())), psn);
                packet.payload(payload);
            }
            case 3, 4 -> {
                packet.begin(RoceOpcode.RC_ACKNOWLEDGE, packet.psn);
                packet.syndrome =
                        choices.oneOf(
                                0x60, 0x60, 0x60, 0x2c, 0x21, 0x2c, 0x61, 0x62, 0x63, 0x64, 0x65,
                                0x40, 0x80, 0xff, 0x00, 0x60);
            }
            case 5 -> packet.syndrome = choices.octet();
            case 6 ->
                    packet.payload(
                            choices.oneOf(
                                    packet.payload + 1,
                                    Math.max(0, packet.payload - 1),
                                    0,
                                    256,
                                    257,
                                    4096));
            default -> packet.pad = choices.below(4);
        }
    }

    /// An answer of a capture, in the place that it would have here: an opcode, the other headers,
    /// two bytes of payload length.
    private void captured() {
        RoceOpcode opcode = RoceOpcode.of(choices.octet());
        if (opcode == null || opcode.isRequest()) {
            return;
        }
        headers.set(ValueLayout.JAVA_BYTE, 0, (byte) opcode.wireValue());
        for (int i = 1; i < opcode.headerLength(); i++) {
            headers.set(ValueLayout.JAVA_BYTE, i, (byte) choices.octet());
        }
        packet.read(opcode, headers);
        packet.payload(choices.u16() % (Bench.MTU + 1));
        int psn = packet.psn;
        if (!captured) {
            captured = true;
            int oldest = model.open.isEmpty() ? 0 : model.open.getFirst().first;
            capturedShift = model.psnOnWire(oldest) - psn;
        }
        packet.psn = (psn + capturedShift) & PacketSequenceNumber.MASK;
        give();
    }
}
