package org.softverbs.fuzz;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.queue.CompletionEntry;
import org.softverbs.soft.queue.ReceiveWqe;
import org.softverbs.soft.wire.roce.PacketCheck;
import org.softverbs.soft.wire.roce.PacketSequenceNumber;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.soft.wire.roce.RoceOpcode.Operation;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.QueuePairState;

/// Judges a responder: what it carried out it was allowed to, memory is as the requests that were
/// carried out make it, and what it answers is true.
final class ResponderModel implements Bench.Observer {

    /// An element of a receive.
    record Element(long address, int length, int key) {}

    /// A receive that is not completed.
    record Posted(long id, List<Element> elements, long total) {}

    /// What came of a packet.
    enum Outcome {
        CARRIED_OUT,
        REFUSED,
        PASSED_OVER,
        NO_PACKET
    }

    private static final int MOST_PACKETS_AT_ONCE = 16 * 17 + 1;
    private static final int WRITE = AccessFlag.REMOTE_WRITE.bit();
    private static final int READ = AccessFlag.REMOTE_READ.bit();
    private static final int ATOMIC = AccessFlag.REMOTE_ATOMIC.bit();
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    final Bench bench = new Bench(this);
    final AnswerModel answers = new AnswerModel(bench);

    private final ArrayDeque<Posted> posted = new ArrayDeque<>();
    private final ReceiveWqe receiveWqe = new ReceiveWqe(Bench.MAX_SGE);

    private @Nullable Operation message;
    private long sendOffset;
    private long writeAddress;
    private int writeKey;
    private long writeRest;
    private long writeLength;
    private @Nullable Posted completed;
    private long completedLength;
    private int failed;
    private long nextId;

    void reset() {
        answers.reset();
        posted.clear();
        message = null;
        completed = null;
        failed = 0;
        nextId = 0;
    }

    /// What the peer is in the midst of sending.
    @Nullable Operation message() {
        return message;
    }

    /// Bytes that the WRITE under way still has to bring.
    long writeRest() {
        return writeRest;
    }

    void postReceive(List<Element> elements) {
        receiveWqe.begin(nextId);
        long total = 0;
        for (Element element : elements) {
            receiveWqe.elements().add(element.address, element.length, element.key);
            total += element.length;
        }
        if (bench.qp.receiveQueue().offer(receiveWqe)) {
            posted.add(new Posted(nextId++, elements, total));
        }
    }

    /// Gives a packet to the engine and judges what it does.
    Outcome judge(MadePacket packet) {
        int psn = bench.engine.nextReceivePsn();
        boolean due = isDue(packet, psn);
        completed = null;
        failed = 0;
        if (!bench.give(packet)) {
            return Outcome.NO_PACKET;
        }
        boolean carriedOut = bench.engine.nextReceivePsn() != psn;
        Breach.unless(carriedOut || !due, () -> "a sound request is not carried out: " + packet);
        if (carriedOut) {
            Breach.unless(packet.psn == psn, () -> "carried out out of sequence: " + packet);
            Breach.unless(failed == 0, "a receive failed of a request that was carried out");
            carriedOut(packet, PacketSequenceNumber.distance(psn, bench.engine.nextReceivePsn()));
        } else {
            Breach.unless(completed == null, () -> "a receive completed by what was not due");
        }
        Breach.unless(
                bench.isAsExpected(),
                () -> "byte %d changed by %s".formatted(bench.difference(), packet));
        if (carriedOut) {
            return Outcome.CARRIED_OUT;
        }
        return bench.hasSentFatalNak() ? Outcome.REFUSED : Outcome.PASSED_OVER;
    }

    /// Lets the engine answer.
    void pump() {
        int sent = bench.pump();
        Breach.unless(sent <= MOST_PACKETS_AT_ONCE, "sent without end");
        Breach.unless(bench.isAsExpected(), "memory changed by sending");
    }

    /// Ends the queue pair: every receive comes back.
    void end() {
        bench.fail();
        Breach.unless(posted.isEmpty(), () -> posted.size() + " receives did not come back");
        Breach.unless(bench.isAsExpected(), "memory changed by the end");
    }

    private void carriedOut(MadePacket packet, int advance) {
        RoceOpcode opcode = packet.opcode;
        Breach.unless(isLegal(packet), () -> "carried out what is not legal: " + packet);
        Breach.unless(
                opcode.startsMessage() ? message == null : message == opcode.operation(),
                () -> "out of order within a message: " + packet);
        boolean read = opcode.operation() == Operation.READ_REQUEST;
        long packets = read ? Math.max(1, (packet.dmaLength + Bench.MTU - 1) / Bench.MTU) : 1;
        Breach.unless(advance == packets, "the sequence advanced by " + advance);
        if (opcode.endsMessage()) {
            answers.messageCarriedOut();
        }
        switch (opcode.operation()) {
            case SEND -> sendCarriedOut(packet);
            case WRITE -> writeCarriedOut(packet);
            case READ_REQUEST -> readCarriedOut(packet);
            case COMPARE_SWAP, FETCH_ADD -> atomicCarriedOut(packet);
            case ATOMIC_WRITE -> atomicWriteCarriedOut(packet);
            case FLUSH -> flushCarriedOut(packet);
            case READ_RESPONSE, ACKNOWLEDGE, ATOMIC_ACKNOWLEDGE ->
                    Breach.unless(false, "a response carried out as a request");
        }
        message = opcode.endsMessage() ? null : opcode.operation();
    }

    private void sendCarriedOut(MadePacket packet) {
        Posted receive = completed != null ? completed : posted.peek();
        Breach.unless(receive != null, "a SEND without a receive");
        if (receive == null) {
            return;
        }
        if (packet.opcode.startsMessage()) {
            sendOffset = 0;
        }
        Breach.unless(sendOffset + packet.payload <= receive.total, "a SEND beyond its receive");
        scatter(receive, packet);
        sendOffset += packet.payload;
        if (packet.opcode.hasInvalidate()) {
            Breach.unless(isWindow(packet.immediate), "a key ended that may not be");
            bench.windowEnded();
        }
        expectCompletion(packet.opcode.endsMessage(), sendOffset);
    }

    private boolean isWindow(int key) {
        return key == Region.WINDOW.key() && bench.find(key) != null;
    }

    private void scatter(Posted receive, MadePacket packet) {
        long skip = sendOffset;
        int done = 0;
        for (Element element : receive.elements) {
            int from = (int) Math.min(skip, element.length);
            skip -= from;
            int part = Math.min(element.length - from, packet.payload - done);
            if (part > 0) {
                long address = element.address + from;
                put(element.key, address, packet, done, part, AccessFlag.LOCAL_WRITE.bit());
                done += part;
            }
        }
    }

    private void put(int key, long address, MadePacket packet, int from, int length, int right) {
        Region region = bench.find(key);
        boolean allowed = region != null && region.allows(address, length, right);
        Breach.unless(allowed, () -> "wrote where it must not: " + packet);
        if (region != null) {
            int at = region.at(address);
            for (int i = 0; i < length; i++) {
                byte value = packet.payloadByte(from + i);
                bench.expected.set(ValueLayout.JAVA_BYTE, at + (long) i, value);
            }
        }
    }

    private void writeCarriedOut(MadePacket packet) {
        if (packet.opcode.startsMessage()) {
            writeAddress = packet.address;
            writeKey = packet.key;
            writeLength = packet.dmaLength;
            writeRest = writeLength;
            Breach.unless(
                    writeLength == 0 || bench.allows(writeKey, writeAddress, writeLength, WRITE),
                    () -> "a WRITE that is not allowed as a whole: " + packet);
        }
        if (packet.payload > 0) {
            put(writeKey, writeAddress, packet, 0, packet.payload, WRITE);
        }
        writeAddress += packet.payload;
        writeRest -= packet.payload;
        Breach.unless(
                packet.opcode.endsMessage() ? writeRest == 0 : writeRest > 0,
                () -> "a WRITE of another length than it said: " + packet);
        expectCompletion(packet.opcode.hasImmediate(), writeLength);
    }

    private void expectCompletion(boolean due, long length) {
        Breach.unless(due == (completed != null), "a completion too many or too few");
        Breach.unless(!due || completedLength == length, "a completion of a wrong length");
    }

    private void readCarriedOut(MadePacket packet) {
        Breach.unless(
                packet.dmaLength == 0
                        || bench.allows(packet.key, packet.address, packet.dmaLength, READ),
                () -> "a READ that is not allowed: " + packet);
        answers.owe(packet);
    }

    private void atomicCarriedOut(MadePacket packet) {
        Region region = bench.find(packet.key);
        boolean allowed = region != null && region.allows(packet.address, Long.BYTES, ATOMIC);
        Breach.unless(allowed && packet.address % Long.BYTES == 0, () -> "not allowed: " + packet);
        if (region == null) {
            return;
        }
        int at = region.at(packet.address);
        long old = bench.expected.get(LONG, at);
        boolean adds = packet.opcode == RoceOpcode.RC_FETCH_ADD;
        if (adds || old == packet.compare) {
            long sum = adds ? old + packet.swapOrAdd : packet.swapOrAdd;
            bench.expected.set(LONG, at, sum);
        }
        answers.owe(packet, old);
    }

    private void atomicWriteCarriedOut(MadePacket packet) {
        Breach.unless(packet.address % Long.BYTES == 0, () -> "misaligned: " + packet);
        put(packet.key, packet.address, packet, 0, Long.BYTES, WRITE);
        answers.oweNothing(packet);
    }

    private void flushCarriedOut(MadePacket packet) {
        Breach.unless(isFlushAllowed(packet), () -> "a FLUSH that is not allowed: " + packet);
        answers.oweNothing(packet);
    }

    private boolean isFlushAllowed(MadePacket packet) {
        Region region = bench.find(packet.key);
        if (packet.selectivity == 0) {
            return bench.allows(packet.key, packet.address, packet.dmaLength, flushRights(packet));
        }
        return region != null
                && region.allows(region.address(), region.size(), flushRights(packet));
    }

    private static int flushRights(MadePacket packet) {
        return ((packet.placement & 1) == 0 ? 0 : AccessFlag.FLUSH_GLOBAL.bit())
                | ((packet.placement & 2) == 0 ? 0 : AccessFlag.FLUSH_PERSISTENT.bit());
    }

    /// Whether a request may be carried out at all, wherever it points.
    private boolean isLegal(MadePacket packet) {
        if (packet.pad != (-packet.payload & 3)) {
            return false;
        }
        boolean limited = bench.qp.connection().maxDestinationReadAtomic() == 0;
        return switch (packet.opcode.operation()) {
            case SEND -> isLengthRight(packet);
            case WRITE -> isLengthRight(packet) && permits(WRITE);
            case READ_REQUEST -> !limited && permits(READ);
            case COMPARE_SWAP, FETCH_ADD -> !limited && permits(ATOMIC);
            case ATOMIC_WRITE ->
                    !limited
                            && permits(WRITE)
                            && packet.payload == Long.BYTES
                            && packet.dmaLength == Long.BYTES;
            case FLUSH ->
                    !limited
                            && packet.placement >= 1
                            && packet.placement <= 3
                            && packet.selectivity <= 1
                            && (bench.qp.connection().accessBits() & flushRights(packet))
                                    == flushRights(packet);
            case READ_RESPONSE, ACKNOWLEDGE, ATOMIC_ACKNOWLEDGE -> false;
        };
    }

    /// Whether a request has no fault at all, and must be carried out.
    private boolean isDue(MadePacket packet, int psn) {
        RoceOpcode opcode = packet.opcode;
        boolean inOrder = opcode.startsMessage() ? message == null : message == opcode.operation();
        if (bench.qp.state() != QueuePairState.RTS
                || bench.hasSentFatalNak()
                || packet.psn != psn
                || !inOrder
                || !isLegal(packet)) {
            return false;
        }
        boolean backlog = bench.room() <= 0;
        return switch (opcode.operation()) {
            case SEND -> isSendDue(packet);
            case WRITE -> isWriteDue(packet);
            case READ_REQUEST ->
                    !backlog
                            && (packet.dmaLength == 0
                                    || bench.allows(
                                            packet.key, packet.address, packet.dmaLength, READ));
            case COMPARE_SWAP, FETCH_ADD ->
                    !backlog
                            && packet.address % Long.BYTES == 0
                            && bench.allows(packet.key, packet.address, Long.BYTES, ATOMIC);
            case ATOMIC_WRITE ->
                    !backlog
                            && packet.address % Long.BYTES == 0
                            && bench.allows(packet.key, packet.address, Long.BYTES, WRITE);
            case FLUSH -> !backlog && isFlushAllowed(packet);
            case READ_RESPONSE, ACKNOWLEDGE, ATOMIC_ACKNOWLEDGE -> false;
        };
    }

    private boolean permits(int right) {
        return (bench.qp.connection().accessBits() & right) != 0;
    }

    private static boolean isLengthRight(MadePacket packet) {
        return switch (packet.opcode.position()) {
            case FIRST, MIDDLE -> packet.payload == Bench.MTU;
            case LAST -> packet.payload >= 1 && packet.payload <= Bench.MTU;
            case ONLY -> packet.payload <= Bench.MTU;
        };
    }

    private boolean isSendDue(MadePacket packet) {
        Posted receive = posted.peek();
        if (receive == null || (packet.opcode.hasInvalidate() && !isWindow(packet.immediate))) {
            return false;
        }
        for (Element element : receive.elements) {
            int right = AccessFlag.LOCAL_WRITE.bit();
            if (!bench.allows(element.key, element.address, element.length, right)) {
                return false;
            }
        }
        long offset = packet.opcode.startsMessage() ? 0 : sendOffset;
        return offset + packet.payload <= receive.total;
    }

    private boolean isWriteDue(MadePacket packet) {
        RoceOpcode opcode = packet.opcode;
        if (opcode.hasImmediate() && posted.isEmpty()) {
            return false;
        }
        boolean starts = opcode.startsMessage();
        long rest = starts ? packet.dmaLength : writeRest;
        boolean fits = opcode.endsMessage() ? rest == packet.payload : rest > packet.payload;
        return fits
                && (rest == 0
                        || bench.allows(
                                starts ? packet.key : writeKey,
                                starts ? packet.address : writeAddress,
                                rest,
                                WRITE));
    }

    @Override
    public void onReceiveCompletion(CompletionEntry completion) {
        Posted first = posted.poll();
        Breach.unless(first != null && first.id == completion.id(), "receives out of order");
        switch (completion.status()) {
            case SUCCESS -> {
                Breach.unless(completed == null, "two receives completed by one packet");
                completed = first;
                completedLength = completion.byteLength();
            }
            case WR_FLUSH_ERR ->
                    Breach.unless(bench.qp.state() == QueuePairState.ERR, "flushed too early");
            default -> failed++;
        }
    }

    @Override
    public void onSendCompletion(CompletionEntry completion) {
        Breach.unless(false, "a completion of a request that was never posted");
    }

    @Override
    public void onSent(RoceOpcode opcode, int psn, PacketCheck parts, MemorySegment bytes) {
        answers.onSent(opcode, psn, parts, bytes);
    }
}
