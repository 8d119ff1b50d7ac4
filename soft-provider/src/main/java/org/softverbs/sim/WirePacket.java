package org.softverbs.sim;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.wire.packet.Octets;
import org.softverbs.soft.wire.roce.RoceOpcode;

/// A packet on its way: the bytes from the BTH to the ICRC, as a socket would send them.
final class WirePacket extends SimEvent {

    /// The largest payload, the longest headers, padding and ICRC.
    static final int CAPACITY = 4096 + 128;

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
