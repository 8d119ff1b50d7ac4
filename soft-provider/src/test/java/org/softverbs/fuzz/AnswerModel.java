package org.softverbs.fuzz;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.softverbs.soft.wire.roce.AckSyndrome;
import org.softverbs.soft.wire.roce.AethFlyweight;
import org.softverbs.soft.wire.roce.AtomicAckEthFlyweight;
import org.softverbs.soft.wire.roce.ExtensionHeader;
import org.softverbs.soft.wire.roce.PacketCheck;
import org.softverbs.soft.wire.roce.PacketSequenceNumber;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.soft.wire.roce.RoceOpcode.Operation;
import org.softverbs.verbs.AccessFlag;

/// Judges what a responder answers: it was asked for, it is what memory holds or held, and it
/// tells how many messages were carried out.
final class AnswerModel {

    /// A READ that was carried out.
    record Read(int psn, int packets, int msn, long address, int key, long length) {}

    /// An atomic that was carried out.
    record Atomic(
            RoceOpcode opcode,
            int psn,
            int msn,
            long address,
            int key,
            long operand,
            long original) {}

    private static final int REMEMBERED = 64;
    private static final int HALF_OF_SEQUENCE = 1 << 23;
    private static final int READ = AccessFlag.REMOTE_READ.bit();

    final List<Read> reads = new ArrayList<>();
    final List<Atomic> atomics = new ArrayList<>();

    private final Bench bench;
    private final AethFlyweight aeth = new AethFlyweight();
    private final AtomicAckEthFlyweight atomicAck = new AtomicAckEthFlyweight();
    /// Messages that were carried out.
    private int messages;

    AnswerModel(Bench bench) {
        this.bench = bench;
    }

    void reset() {
        reads.clear();
        atomics.clear();
        messages = 0;
    }

    void messageCarriedOut() {
        messages = PacketSequenceNumber.next(messages);
    }

    /// A READ was carried out.
    void owe(MadePacket packet) {
        int packets = (int) Math.max(1, (packet.dmaLength + Bench.MTU - 1) / Bench.MTU);
        remember(
                reads,
                new Read(
                        packet.psn,
                        packets,
                        messages,
                        packet.address,
                        packet.key,
                        packet.dmaLength));
    }

    /// What is answered by a READ response of no bytes was carried out.
    void oweNothing(MadePacket packet) {
        remember(reads, new Read(packet.psn, 1, messages, packet.address, packet.key, 0));
    }

    /// An atomic was carried out.
    void owe(MadePacket packet, long original) {
        remember(
                atomics,
                new Atomic(
                        packet.opcode,
                        packet.psn,
                        messages,
                        packet.address,
                        packet.key,
                        packet.swapOrAdd,
                        original));
    }

    private static <T> void remember(List<T> list, T next) {
        list.add(next);
        if (list.size() > REMEMBERED) {
            list.removeFirst();
        }
    }

    /// Judges what the engine sent.
    void onSent(RoceOpcode opcode, int psn, PacketCheck parts, MemorySegment bytes) {
        switch (opcode.operation()) {
            case ACKNOWLEDGE -> {
                onAcknowledge(psn, syndrome(opcode, bytes));
                expectMessages(opcode, bytes, messages);
            }
            case READ_RESPONSE -> onReadResponse(opcode, psn, parts, bytes);
            case ATOMIC_ACKNOWLEDGE -> onAtomicAcknowledge(opcode, psn, bytes);
            case SEND, WRITE, READ_REQUEST, COMPARE_SWAP, FETCH_ADD, FLUSH, ATOMIC_WRITE ->
                    Breach.unless(false, "sent a request that nobody posted");
        }
        if (opcode.has(ExtensionHeader.AETH) && opcode.operation() != Operation.ACKNOWLEDGE) {
            Breach.unless(AckSyndrome.isAck(syndrome(opcode, bytes)), "answered with a NAK");
        }
    }

    private int syndrome(RoceOpcode opcode, MemorySegment bytes) {
        return aeth.wrap(bytes, opcode.offsetOf(ExtensionHeader.AETH)).syndrome();
    }

    /// An answer tells how many messages were carried out when it was due.
    private void expectMessages(RoceOpcode opcode, MemorySegment bytes, int due) {
        int told = aeth.wrap(bytes, opcode.offsetOf(ExtensionHeader.AETH)).messageSequenceNumber();
        Breach.unless(told == due, () -> "%s tells MSN %d, not %d".formatted(opcode, told, due));
    }

    /// It never acknowledges what has not arrived.
    private void onAcknowledge(int psn, int syndrome) {
        int behind = PacketSequenceNumber.distance(psn, bench.engine.nextReceivePsn());
        int least = AckSyndrome.isAck(syndrome) ? 1 : 0;
        Breach.unless(
                behind >= least && behind < HALF_OF_SEQUENCE,
                () -> "acknowledged psn %d with %02x too early".formatted(psn, syndrome));
        Breach.unless(!AckSyndrome.isReserved(syndrome), "sent a reserved syndrome");
    }

    private void onReadResponse(
            RoceOpcode opcode, int psn, PacketCheck parts, MemorySegment bytes) {
        Read read = null;
        for (Read each : reads) {
            if (PacketSequenceNumber.isWithin(psn, each.psn, each.packets)) {
                read = each;
            }
        }
        Breach.unless(read != null, "answered a READ that was never asked for: psn " + psn);
        if (read == null) {
            return;
        }
        int index = PacketSequenceNumber.distance(read.psn, psn);
        long offset = (long) index * Bench.MTU;
        long length = Math.min(Bench.MTU, read.length - offset);
        Breach.unless(parts.payloadLength() == length, "a READ response of a wrong length");
        Breach.unless(
                opcode.endsMessage() == (index + 1 == read.packets)
                        && opcode.startsMessage() == (index == 0),
                "a READ response of a wrong opcode");
        if (opcode.has(ExtensionHeader.AETH)) {
            expectMessages(opcode, bytes, read.msn);
        }
        if (length == 0) {
            return;
        }
        Region region = bench.find(read.key);
        boolean allowed = region != null && region.allows(read.address + offset, length, READ);
        Breach.unless(allowed, "read where it must not");
        if (region != null) {
            int at = region.at(read.address + offset);
            int from = parts.headerLength();
            boolean same =
                    MemorySegment.mismatch(
                                    bytes, from, from + length, bench.expected, at, at + length)
                            < 0;
            Breach.unless(same, "a READ response with other bytes than those asked for");
        }
    }

    private void onAtomicAcknowledge(RoceOpcode opcode, int psn, MemorySegment bytes) {
        long value =
                atomicAck
                        .wrap(bytes, opcode.offsetOf(ExtensionHeader.ATOMIC_ACK_ETH))
                        .originalValue();
        boolean known = false;
        for (Atomic each : atomics) {
            if (each.psn == psn && each.original == value) {
                known = true;
                expectMessages(opcode, bytes, each.msn);
            }
        }
        Breach.unless(known, "an atomic answered with a value that was not there");
    }
}
