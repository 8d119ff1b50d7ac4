package org.softverbs.sim;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.wire.packet.Octets;
import org.softverbs.soft.wire.roce.AckSyndrome;
import org.softverbs.soft.wire.roce.ExtensionHeader;
import org.softverbs.soft.wire.roce.PacketSequenceNumber;
import org.softverbs.soft.wire.roce.RoceOpcode;

/// A packet on its way: the bytes from the BTH to the ICRC, as a socket would send them.
final class WirePacket extends SimEvent {

    /// The largest payload, the longest headers, padding and ICRC.
    static final int CAPACITY = 4096 + 128;

    private static final int PSN_WORD = 8;

    /// More packets than can be under way on a queue pair.
    private static final int NEVER_SENT = 4096;

    /// Packets that are not used now; memory outside the heap is dear to allocate.
    static final class Pool {

        private final ArrayDeque<WirePacket> free = new ArrayDeque<>();

        WirePacket take() {
            WirePacket packet = free.pollLast();
            return packet == null ? new WirePacket(this) : packet;
        }
    }

    final MemorySegment segment = Arena.ofAuto().allocate(CAPACITY, Long.BYTES);
    final ByteBuffer bytes = segment.asByteBuffer();
    private final Pool pool;
    private @Nullable SimulatedPath path;
    int length;

    private WirePacket(Pool pool) {
        this.pool = pool;
    }

    SimulatedPath path() {
        SimulatedPath value = path;
        if (value == null) {
            throw new IllegalStateException("the packet is on no path");
        }
        return value;
    }

    void begin(SimulatedPath way, int size) {
        path = way;
        length = size;
    }

    void copyFrom(WirePacket other) {
        begin(other.path(), other.length);
        MemorySegment.copy(other.segment, 0, segment, 0, length);
    }

    @Nullable RoceOpcode opcode() {
        return RoceOpcode.of(bytes.get(0) & 0xff);
    }

    /// Turns over one bit of the first so many bytes.
    void damage(long bit, int size) {
        long at = bit % ((long) size * Byte.SIZE);
        int index = (int) (at / Byte.SIZE);
        bytes.put(index, (byte) (bytes.get(index) ^ 1 << at % Byte.SIZE));
    }

    /// Makes an acknowledgement one of what was never sent, or was acknowledged before.
    ///
    /// @param which low two bits: 0 for an ACK, 1 for a NAK of the sequence, 2 for a NAK of access,
    ///     all of what was never sent; 3 for an ACK of what was acknowledged. The rest: how far off
    void becomeGhost(long which) {
        int far = (int) (which >> 2) + 1;
        int kind = (int) (which & 3);
        int psn = bytes.getInt(PSN_WORD);
        int other = PacketSequenceNumber.add(psn, kind == 3 ? -far : NEVER_SENT + far);
        bytes.putInt(PSN_WORD, (psn & ~PacketSequenceNumber.MASK) | other);
        int syndrome =
                switch (kind) {
                    case 1 -> AckSyndrome.NAK_PSN_SEQUENCE_ERROR;
                    case 2 -> AckSyndrome.NAK_REMOTE_ACCESS_ERROR;
                    default -> AckSyndrome.ACK_UNLIMITED;
                };
        bytes.put(RoceOpcode.RC_ACKNOWLEDGE.offsetOf(ExtensionHeader.AETH), (byte) syndrome);
    }

    /// Bytes as they are now.
    Octets octets() {
        return Octets.of(segment, 0, length);
    }

    /// Gives it back to its pool.
    void release() {
        path = null;
        pool.free.addLast(this);
    }

    @Override
    void happen() {
        path().arrive(this);
    }
}
