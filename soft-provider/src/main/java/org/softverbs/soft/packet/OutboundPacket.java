package org.softverbs.soft.packet;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A packet on its way out: transport headers in a buffer of its own, the payload where it lies.
///
/// An engine fills it and gives it to the link; when the link's `send` returns, engine and link may
/// both forget it. The ICRC is the link's business: it depends on headers that only a link knows.
public final class OutboundPacket {

    /// Room for the longest chain of transport headers.
    public static final int HEADER_CAPACITY = 64;

    private final MemorySegment header = Arena.ofAuto().allocate(HEADER_CAPACITY, 8);
    private final RunList payload = new RunList();
    private int headerLength;
    private @Nullable Path path;

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
