package org.softverbs.soft.packet;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// A packet on its way out: transport headers in a buffer of its own, the payload where it lies.
///
/// An engine fills it and gives it to the link; when the link's `send` returns, engine and link may
/// both forget it. The ICRC is the link's business: it depends on headers that only a link knows.
public final class OutboundPacket {

    /// Room for the longest chain of transport headers.
    public static final int HEADER_CAPACITY = 64;

    private static final long INTACT = -1;

    private final MemorySegment header = Arena.ofAuto().allocate(HEADER_CAPACITY, 8);
    private final RunList payload = new RunList();
    private int headerLength;
    private @Nullable Path path;
    private long damagedBit = INTACT;
    private boolean payloadLent;

    /// The transport headers, from the BTH on.
    public MemorySegment header() {
        return header;
    }

    public int headerLength() {
        return headerLength;
    }

    public RunList payload() {
        return payload;
    }

    /// Zero bytes behind the payload that make it a multiple of four.
    public int padding() {
        return (int) (-payload.total() & 3);
    }

    /// Bytes from the BTH to the padding: everything but the ICRC.
    public int length() {
        return headerLength + (int) payload.total() + padding();
    }

    public Path path() {
        Path value = path;
        if (value == null) {
            throw new IllegalStateException("the packet has no path");
        }
        return value;
    }

    /// Starts a packet without payload.
    public void begin(Path way, int length) {
        path = way;
        headerLength = length;
        payload.clear();
        payloadLent = false;
        damagedBit = INTACT;
    }

    /// Says that the memory of the payload is its owner's again when the link's `send` returns: a
    /// link that keeps the packet copies it.
    public void lendPayload() {
        payloadLent = true;
    }

    public boolean isPayloadLent() {
        return payloadLent;
    }

    /// Has one bit of the sealed packet turned over, to see what the receiver makes of it.
    ///
    /// @param bit any number; it is taken modulo the packet's length in bits
    public void damageBit(long bit) {
        damagedBit = bit;
    }

    public boolean isDamaged() {
        return damagedBit != INTACT;
    }

    /// Does to the sealed bytes what [#damageBit] asked for.
    public void damage(MemorySegment sealed, long offset, int length) {
        if (damagedBit != INTACT) {
            long bit = damagedBit % ((long) length * Byte.SIZE);
            long at = offset + bit / Byte.SIZE;
            byte old = sealed.get(ValueLayout.JAVA_BYTE, at);
            sealed.set(ValueLayout.JAVA_BYTE, at, (byte) (old ^ 1 << bit % Byte.SIZE));
        }
    }

    /// Becomes a copy of another packet, with the payload in memory of its own.
    ///
    /// @return false when memory of the payload is gone
    public boolean copyFrom(OutboundPacket other) {
        begin(other.path(), other.headerLength);
        MemorySegment.copy(other.header, 0, header, 0, headerLength);
        damagedBit = other.damagedBit;
        long length = other.payload.total();
        if (length == 0) {
            return true;
        }
        MemorySegment copy = Arena.ofAuto().allocate(length);
        payload.add(copy, 0, length);
        return other.payload.copyTo(copy, 0);
    }

    /// Writes headers, payload and padding to one place.
    ///
    /// @return false when memory of the payload is gone
    public boolean copyTo(MemorySegment target, long offset) {
        MemorySegment.copy(header, 0, target, offset, headerLength);
        if (!payload.copyTo(target, offset + headerLength)) {
            return false;
        }
        int padding = padding();
        if (padding > 0) {
            target.asSlice(offset + headerLength + payload.total(), padding).fill((byte) 0);
        }
        return true;
    }
}
