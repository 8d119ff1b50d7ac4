package org.softverbs.soft.roce;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.memory.Accessor;
import org.softverbs.soft.wire.roce.PacketSequenceNumber;
import org.softverbs.soft.wire.roce.RoceOpcode;
import org.softverbs.soft.wire.roce.RoceOpcode.Operation;

/// What a responder keeps of a READ or an atomic, to answer it and to answer it again.
final class ResponderResource {

    private RoceOpcode opcode = RoceOpcode.RC_READ_REQUEST;
    private @Nullable Accessor who;
    private boolean used;
    private int firstPsn;
    private int packets;
    private int messageSequenceNumber;
    private long address;
    private int key;
    private long length;
    private long swapOrAdd;
    private long compare;
    private int placement;
    private int selectivity;
    private long originalValue;
    private boolean pending;
    private int nextPacket;
    private boolean answered;

    void clear() {
        used = false;
        pending = false;
    }

    /// As who a READ reads its memory.
    Accessor who() {
        return Objects.requireNonNull(who);
    }

    void who(Accessor reader) {
        who = reader;
    }

    void read(int psn, int count, int msn, long first, int remoteKey, long bytes) {
        opcode = RoceOpcode.RC_READ_REQUEST;
        begin(psn, count, msn, first, remoteKey);
        length = bytes;
    }

    /// Keeps a request that was carried out once and for all.
    ///
    /// @param original what was in memory before, of an atomic
    void executed(RoceOpcode operation, int msn, RequestFields fields, long original) {
        opcode = operation;
        begin(fields.psn(), 1, msn, fields.address(), fields.key());
        length = fields.dmaLength();
        swapOrAdd = fields.swapOrAdd();
        compare = fields.compare();
        placement = fields.placement();
        selectivity = fields.selectivity();
        originalValue = original;
    }

    private void begin(int psn, int count, int msn, long first, int remoteKey) {
        used = true;
        firstPsn = psn;
        packets = count;
        messageSequenceNumber = msn;
        address = first;
        key = remoteKey;
        pending = true;
        nextPacket = 0;
        answered = false;
    }

    boolean covers(int psn) {
        return used && PacketSequenceNumber.isWithin(psn, firstPsn, packets);
    }

    /// What was asked for.
    Operation operation() {
        return opcode.operation();
    }

    /// Whether a READ asks again for the rest of this one, from packet `index` on. Anything else,
    /// even less, is not what a requester asks for again.
    boolean isRestFrom(int index, int mtu, long first, int remoteKey, long bytes) {
        long skipped = (long) index * mtu;
        return operation() == Operation.READ_REQUEST
                && remoteKey == key
                && first == address + skipped
                && bytes == length - skipped;
    }

    /// Whether a request is this one again, which was carried out.
    boolean isSame(RoceOpcode other, RequestFields fields) {
        return other == opcode
                && fields.address() == address
                && fields.key() == key
                && switch (opcode.operation()) {
                    case COMPARE_SWAP ->
                            fields.swapOrAdd() == swapOrAdd && fields.compare() == compare;
                    case FETCH_ADD, ATOMIC_WRITE -> fields.swapOrAdd() == swapOrAdd;
                    case FLUSH ->
                            fields.dmaLength() == length
                                    && fields.placement() == placement
                                    && fields.selectivity() == selectivity;
                    case SEND,
                            WRITE,
                            READ_REQUEST,
                            READ_RESPONSE,
                            ACKNOWLEDGE,
                            ATOMIC_ACKNOWLEDGE ->
                            false;
                };
    }

    int firstPsn() {
        return firstPsn;
    }

    int packets() {
        return packets;
    }

    int messageSequenceNumber() {
        return messageSequenceNumber;
    }

    long address() {
        return address;
    }

    int key() {
        return key;
    }

    long length() {
        return length;
    }

    long originalValue() {
        return originalValue;
    }

    /// Whether packets of the answer are still to be sent.
    boolean isPending() {
        return pending;
    }

    /// Whether it was answered whole before.
    boolean isAnswered() {
        return answered;
    }

    /// Index of the next packet to send.
    int nextPacket() {
        return nextPacket;
    }

    /// Answers again from a packet on.
    void replayFrom(int index) {
        nextPacket = pending ? Math.min(nextPacket, index) : index;
        pending = true;
    }

    /// A packet was sent.
    void advance() {
        nextPacket++;
        pending = nextPacket < packets;
        answered |= !pending;
    }
}
