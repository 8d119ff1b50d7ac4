package org.softverbs.fuzz;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.queue.CompletionEntry;
import org.softverbs.soft.queue.SendOperation;
import org.softverbs.soft.wire.roce.AckSyndrome;
import org.softverbs.soft.wire.roce.AtomicEthFlyweight;
import org.softverbs.soft.wire.roce.BthFlyweight;
import org.softverbs.soft.wire.roce.ExtensionHeader;
import org.softverbs.soft.wire.roce.FethFlyweight;
import org.softverbs.soft.wire.roce.IethFlyweight;
import org.softverbs.soft.wire.roce.ImmDtFlyweight;
import org.softverbs.soft.wire.roce.PacketCheck;
import org.softverbs.soft.wire.roce.PacketSequenceNumber;
import org.softverbs.soft.wire.roce.RethFlyweight;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.soft.wire.roce.RoceOpcode.Operation;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.PlacementType;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.WorkCompletionStatus;

/// Judges a requester: what it sends was posted, what answers bring lies where an open READ or
/// atomic wants it and nowhere else, and each request ends once, in order, and not before its peer
/// could have said so.
///
/// PSNs are counted from the first one of the connection.
final class RequesterModel implements Bench.Observer {

    /// A request that was posted.
    static final class Posted {
        final SendOperation operation;
        final List<ResponderModel.Element> elements;
        final byte[] inline;
        final long length;
        final int first;
        final int packets;
        private final long id;
        private final boolean signaled;
        private final long address;
        private final int key;
        private final boolean solicited;
        private final int immediate;
        private final long compare;
        private final long swapOrAdd;
        private final BitSet answered = new BitSet();
        /// Where the part of a READ starts and ends that was asked for last.
        int askedFrom;
        int askedTo;

        private Posted(long id, MadeRequest made, int first) {
            this.id = id;
            this.first = first;
            operation = made.operation;
            elements = List.copyOf(made.elements);
            inline = made.inline.clone();
            signaled = made.signaled;
            address = made.address;
            key = made.key;
            solicited = made.solicited;
            immediate = made.immediate;
            compare = made.compare;
            swapOrAdd = made.swapOrAdd;
            length = made.length();
            if (operation.isLocal()) {
                packets = 0;
            } else if (operation.isAtomic() || operation.isPlacement()) {
                packets = 1;
            } else {
                packets = (int) Math.max(1, (length + Bench.MTU - 1) / Bench.MTU);
            }
        }

        /// The first packet of the answer that is still to come.
        int nextAnswer() {
            return answered.nextClearBit(0);
        }

        private boolean covers(int psn) {
            return psn >= first && psn < first + packets;
        }

        private boolean hasImmediate() {
            return operation == SendOperation.SEND_WITH_IMMEDIATE
                    || operation == SendOperation.RDMA_WRITE_WITH_IMMEDIATE;
        }

        private boolean hasInvalidate() {
            return operation == SendOperation.SEND_WITH_INVALIDATE;
        }

        private long lengthOf(int index) {
            return Math.min(Bench.MTU, length - (long) index * Bench.MTU);
        }
    }

    private static final int MOST_PACKETS_AT_ONCE = 1024;
    private static final int MOST_DEADLINES = 20_000;

    final Bench bench = new Bench(this);
    final List<Posted> open = new ArrayList<>();

    private final RethFlyweight reth = new RethFlyweight();
    private final AtomicEthFlyweight atomicEth = new AtomicEthFlyweight();
    private final BthFlyweight bth = new BthFlyweight();
    private final ImmDtFlyweight immDt = new ImmDtFlyweight();
    private final FethFlyweight feth = new FethFlyweight();
    private final IethFlyweight ieth = new IethFlyweight();
    private int startPsn;
    private int nextPsn;
    private int highestSent;
    private int acknowledged;
    private boolean failed;
    private long nextId;
    private WorkCompletionStatus lastStatus = WorkCompletionStatus.SUCCESS;

    void reset(int psn) {
        open.clear();
        startPsn = psn;
        nextPsn = 0;
        highestSent = 0;
        acknowledged = 0;
        failed = false;
        nextId = 0;
        lastStatus = WorkCompletionStatus.SUCCESS;
    }

    /// How the last request ended that ended with a completion.
    WorkCompletionStatus lastStatus() {
        return lastStatus;
    }

    /// The 24 bits of a PSN.
    int psnOnWire(int psn) {
        return PacketSequenceNumber.add(startPsn, psn & PacketSequenceNumber.MASK);
    }

    private int psnOf(int onWire) {
        return PacketSequenceNumber.distance(startPsn, onWire);
    }

    void post(MadeRequest made) {
        if (made.offer(nextId, bench.qp.sendQueue())) {
            Posted request = new Posted(nextId++, made, nextPsn);
            open.add(request);
            nextPsn += request.packets;
        }
    }

    /// The open request with a PSN.
    @Nullable Posted find(int psn) {
        for (Posted each : open) {
            if (each.covers(psn)) {
                return each;
            }
        }
        return null;
    }

    /// Gives an answer to the engine and judges what it does.
    void judge(MadePacket packet) {
        int psn = psnOf(packet.psn);
        Posted target = find(psn);
        boolean sent = psn < highestSent;
        boolean data = target != null && sent && isAnswerTo(target, packet, psn);
        if (sent) {
            noteAnswer(packet, psn);
        }
        if (data && target != null) {
            target.answered.set(psn - target.first);
        }
        if (!bench.give(packet)) {
            return;
        }
        if (!bench.isAsExpected()) {
            Breach.unless(data, () -> "placed what nobody asked for: " + packet);
            if (target != null) {
                place(target, packet, psn - target.first);
            }
            Breach.unless(
                    bench.isAsExpected(),
                    () -> "byte %d changed by %s".formatted(bench.difference(), packet));
        }
    }

    private static boolean isAnswerTo(Posted target, MadePacket packet, int psn) {
        return switch (packet.opcode.operation()) {
            case READ_RESPONSE ->
                    (target.operation == SendOperation.RDMA_READ || target.operation.isPlacement())
                            && packet.payload == target.lengthOf(psn - target.first)
                            && packet.opcode.endsMessage()
                                    == (psn + 1 == target.first + target.askedTo);
            case ATOMIC_ACKNOWLEDGE -> target.operation.isAtomic();
            default -> false;
        };
    }

    /// What a peer may have meant to acknowledge at most.
    private void noteAnswer(MadePacket packet, int psn) {
        boolean positive =
                packet.opcode.operation() != Operation.ACKNOWLEDGE
                        || AckSyndrome.isAck(packet.syndrome);
        acknowledged = Math.max(acknowledged, positive ? psn + 1 : psn);
    }

    private void place(Posted target, MadePacket packet, int index) {
        byte[] bytes = new byte[(int) target.lengthOf(index)];
        if (target.operation.isAtomic()) {
            MemorySegment.ofArray(bytes).set(ValueLayout.JAVA_LONG_UNALIGNED, 0, packet.original);
        } else {
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = packet.payloadByte(i);
            }
        }
        long skip = (long) index * Bench.MTU;
        int done = 0;
        for (ResponderModel.Element element : target.elements) {
            int from = (int) Math.min(skip, element.length());
            skip -= from;
            int part = Math.min(element.length() - from, bytes.length - done);
            if (part > 0) {
                int at = at(element, from, part, AccessFlag.LOCAL_WRITE.bit());
                MemorySegment.copy(bytes, done, bench.expected, ValueLayout.JAVA_BYTE, at, part);
                done += part;
            }
        }
    }

    private int at(ResponderModel.Element element, int from, int length, int right) {
        Region region = bench.find(element.key());
        long address = element.address() + from;
        if (region == null || !region.allows(address, length, right)) {
            Breach.unless(false, "memory used that is not registered: " + element);
            return 0;
        }
        return region.at(address);
    }

    void pump() {
        int sent = bench.pump();
        Breach.unless(sent <= MOST_PACKETS_AT_ONCE, "sent without end");
        Breach.unless(bench.isAsExpected(), "memory changed by sending");
    }

    /// Nobody answers any more: in the end everything is done or the queue pair in ERR.
    void end() {
        pump();
        int deadlines = 0;
        while (isUnderWay() && bench.advanceToDeadline()) {
            pump();
            Breach.unless(++deadlines < MOST_DEADLINES, "tries for ever");
        }
        boolean waits = bench.qp.connection().timeout() == 0;
        Breach.unless(waits || !isUnderWay(), () -> "waits for ever: " + open.size() + " open");
        bench.fail();
        for (Posted left : open) {
            Breach.unless(!left.signaled, () -> "no completion of " + left.id);
            succeeded(left);
        }
        Breach.unless(bench.isAsExpected(), "memory changed by the end");
    }

    private boolean isUnderWay() {
        return bench.qp.state() != QueuePairState.ERR && !bench.qp.sendQueue().isEmpty();
    }

    @Override
    public void onSendCompletion(CompletionEntry completion) {
        while (!open.isEmpty() && open.getFirst().id != completion.id()) {
            Posted silent = open.removeFirst();
            Breach.unless(!silent.signaled && !failed, () -> "no completion of " + silent.id);
            succeeded(silent);
        }
        Breach.unless(!open.isEmpty(), () -> "completed twice: " + completion.id());
        Posted first = open.removeFirst();
        lastStatus = completion.status();
        if (lastStatus == WorkCompletionStatus.SUCCESS) {
            Breach.unless(!failed, "a success behind a failure");
            Breach.unless(completion.byteLength() == first.length, "a wrong length");
            succeeded(first);
            return;
        }
        Breach.unless(
                lastStatus != WorkCompletionStatus.WR_FLUSH_ERR
                        || bench.qp.state() == QueuePairState.ERR,
                "flushed too early");
        failed = true;
    }

    private void succeeded(Posted request) {
        if (request.operation.isLocal()) {
            return;
        }
        int behind = request.first + request.packets;
        Breach.unless(behind <= highestSent, "done before it was sent: " + request.operation);
        Breach.unless(behind <= acknowledged, "done before an answer: " + request.operation);
        Breach.unless(
                !request.operation.hasResponse() || request.nextAnswer() >= request.packets,
                "done before its data came: " + request.operation);
    }

    @Override
    public void onReceiveCompletion(CompletionEntry completion) {
        Breach.unless(false, "a completion of a receive that was never posted");
    }

    @Override
    public void onSent(RoceOpcode opcode, int onWire, PacketCheck parts, MemorySegment bytes) {
        int psn = psnOf(onWire);
        Posted request = find(psn);
        if (request == null) {
            Breach.unless(false, () -> "sent what is not open: %s psn %d".formatted(opcode, psn));
            return;
        }
        int index = psn - request.first;
        int numbers = 1;
        switch (opcode.operation()) {
            case SEND, WRITE -> onData(request, index, opcode, parts, bytes);
            case READ_REQUEST -> numbers = onReadRequest(request, index, opcode, bytes);
            case COMPARE_SWAP, FETCH_ADD -> {
                atomicEth.wrap(bytes, opcode.offsetOf(ExtensionHeader.ATOMIC_ETH));
                boolean adds = request.operation == SendOperation.FETCH_AND_ADD;
                Breach.unless(
                        request.operation.isAtomic()
                                && adds == (opcode == RoceOpcode.RC_FETCH_ADD)
                                && atomicEth.virtualAddress() == request.address
                                && atomicEth.remoteKey() == request.key
                                && atomicEth.swapOrAdd() == request.swapOrAdd
                                && (adds || atomicEth.compare() == request.compare),
                        "sent another atomic");
            }
            case FLUSH, ATOMIC_WRITE -> onPlacement(request, opcode, parts, bytes);
            case READ_RESPONSE, ACKNOWLEDGE, ATOMIC_ACKNOWLEDGE ->
                    Breach.unless(false, "answered what was never asked");
        }
        highestSent = Math.max(highestSent, psn + numbers);
    }

    private void onPlacement(
            Posted request, RoceOpcode opcode, PacketCheck parts, MemorySegment bytes) {
        boolean flush = opcode.operation() == Operation.FLUSH;
        reth.wrap(bytes, opcode.offsetOf(ExtensionHeader.RETH));
        Breach.unless(
                request.operation == (flush ? SendOperation.FLUSH : SendOperation.ATOMIC_WRITE)
                        && reth.virtualAddress() == request.address
                        && reth.remoteKey() == request.key
                        && reth.dmaLength() == (flush ? MadeRequest.FLUSHED : Long.BYTES),
                "sent another FLUSH or ATOMIC WRITE");
        if (flush) {
            feth.wrap(bytes, opcode.offsetOf(ExtensionHeader.FETH));
            Breach.unless(
                    feth.placement() == PlacementType.GLOBAL.bit() && feth.selectivity() == 0,
                    "sent a FLUSH of another kind");
        } else {
            long value = bytes.get(ValueLayout.JAVA_LONG_UNALIGNED, parts.headerLength());
            Breach.unless(
                    parts.payloadLength() == Long.BYTES && value == request.swapOrAdd,
                    "sent another value");
        }
        request.askedFrom = 0;
        request.askedTo = 1;
    }

    private int onReadRequest(Posted request, int index, RoceOpcode opcode, MemorySegment bytes) {
        reth.wrap(bytes, opcode.offsetOf(ExtensionHeader.RETH));
        long skipped = (long) index * Bench.MTU;
        Breach.unless(
                request.operation == SendOperation.RDMA_READ
                        && reth.virtualAddress() == request.address + skipped
                        && reth.remoteKey() == request.key
                        && reth.dmaLength() <= request.length - skipped,
                "sent another READ");
        int numbers = (int) Math.max(1, (reth.dmaLength() + Bench.MTU - 1) / Bench.MTU);
        request.askedFrom = index;
        request.askedTo = index + numbers;
        return numbers;
    }

    private void onData(
            Posted request, int index, RoceOpcode opcode, PacketCheck parts, MemorySegment bytes) {
        boolean write = opcode.operation() == Operation.WRITE;
        Breach.unless(
                write == request.operation.isWrite()
                        && !request.operation.hasResponse()
                        && opcode.startsMessage() == (index == 0)
                        && opcode.endsMessage() == (index + 1 == request.packets)
                        && parts.payloadLength() == request.lengthOf(index),
                () -> "sent %s for packet %d of %s".formatted(opcode, index, request.operation));
        if (opcode.has(ExtensionHeader.RETH)) {
            reth.wrap(bytes, opcode.offsetOf(ExtensionHeader.RETH));
            Breach.unless(
                    reth.virtualAddress() == request.address
                            && reth.remoteKey() == request.key
                            && reth.dmaLength() == request.length,
                    "sent another WRITE");
        }
        expectEnd(request, opcode, bytes);
        Breach.unless(hasItsBytes(request, index, parts, bytes), "sent other bytes");
    }

    /// What the last packet of a message brings beside data, and no other brings.
    private void expectEnd(Posted request, RoceOpcode opcode, MemorySegment bytes) {
        boolean last = opcode.endsMessage();
        Breach.unless(
                opcode.hasImmediate() == (last && request.hasImmediate())
                        && opcode.hasInvalidate() == (last && request.hasInvalidate()),
                () -> "sent %s for %s".formatted(opcode, request.operation));
        if (opcode.hasImmediate()) {
            immDt.wrap(bytes, opcode.offsetOf(ExtensionHeader.IMM_DT));
            Breach.unless(immDt.immediate() == request.immediate, "sent another immediate");
        }
        if (opcode.hasInvalidate()) {
            ieth.wrap(bytes, opcode.offsetOf(ExtensionHeader.IETH));
            Breach.unless(ieth.remoteKey() == request.immediate, "ends another key");
        }
        boolean tells = last && (request.operation != SendOperation.RDMA_WRITE);
        Breach.unless(
                bth.wrap(bytes, 0).solicitedEvent() == (tells && request.solicited),
                () -> "solicits wrongly: " + opcode);
    }

    private boolean hasItsBytes(Posted request, int index, PacketCheck parts, MemorySegment bytes) {
        int from = parts.headerLength();
        int rest = parts.payloadLength();
        long skip = (long) index * Bench.MTU;
        if (request.elements.isEmpty()) {
            MemorySegment inline = MemorySegment.ofArray(request.inline);
            return MemorySegment.mismatch(bytes, from, from + (long) rest, inline, 0, rest) < 0;
        }
        for (ResponderModel.Element element : request.elements) {
            int start = (int) Math.min(skip, element.length());
            skip -= start;
            int part = Math.min(element.length() - start, rest);
            if (part > 0) {
                long at = at(element, start, part, 0);
                if (MemorySegment.mismatch(
                                bytes, from, from + (long) part, bench.expected, at, at + part)
                        >= 0) {
                    return false;
                }
                from += part;
                rest -= part;
            }
        }
        return rest == 0;
    }
}
