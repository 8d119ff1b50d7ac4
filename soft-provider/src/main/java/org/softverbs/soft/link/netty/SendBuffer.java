package org.softverbs.soft.link.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.packet.OutboundPacket;
import org.softverbs.soft.wire.roce.Icrc;
import org.softverbs.soft.wire.roce.PacketCheck;

/// A run of packets to one peer that leave in one system call: all of one length, the last perhaps
/// shorter, as UDP segmentation wants it.
///
/// The socket numbers the segments of a run from IP ID 0 (unconnected socket, path MTU discovery
/// on), and the ICRC of each covers its number.
final class SendBuffer {

    /// Bytes of one run: below what an IPv4 or IPv6 datagram of a run can be.
    static final int CAPACITY = 64_000;

    /// Segments that every kernel with UDP segmentation takes in one call.
    static final int MOST_SEGMENTS = 64;

    private final MemorySegment segment = Arena.ofAuto().allocate(CAPACITY, Long.BYTES);
    private final ByteBuffer bytes = segment.asByteBuffer();
    private final ByteBuf buffer = Unpooled.wrappedBuffer(segment.asByteBuffer());
    private @Nullable Peer peer;
    private int length;
    private int segmentLength;
    private int segments;
    private boolean closed;

    /// Whether the socket has let go of it.
    boolean isFree() {
        return buffer.refCnt() == 1;
    }

    boolean isEmpty() {
        return segments == 0;
    }

    void begin(Peer receiver) {
        peer = receiver;
        length = 0;
        segmentLength = 0;
        segments = 0;
        closed = false;
    }

    Peer peer() {
        Peer value = peer;
        if (value == null) {
            throw new IllegalStateException("the run was not begun");
        }
        return value;
    }

    /// Whether a packet of so many bytes with ICRC can join the run.
    boolean accepts(Peer receiver, int packetLength, int mostSegments) {
        return receiver == peer
                && !closed
                && segments < mostSegments
                && length + packetLength <= CAPACITY
                && (segments == 0 || packetLength <= segmentLength);
    }

    /// Adds a packet and seals it with its ICRC.
    ///
    /// @return false when memory of its payload is gone: nothing was added
    boolean add(OutboundPacket packet, int sourcePort, int destinationPort) {
        int covered = packet.length();
        if (!packet.copyTo(segment, length)) {
            return false;
        }
        int icrc =
                peer().outbound()
                        .compute(
                                sourcePort,
                                destinationPort,
                                segments,
                                Icrc.DONT_FRAGMENT,
                                bytes,
                                length,
                                covered);
        Icrc.store(bytes, length + covered, icrc);
        int total = covered + PacketCheck.ICRC_LENGTH;
        packet.damage(segment, length, total);
        if (segments == 0) {
            segmentLength = total;
        }
        closed = total < segmentLength;
        segments++;
        length += total;
        return true;
    }

    int segments() {
        return segments;
    }

    int segmentLength() {
        return segmentLength;
    }

    /// The bytes of the run, with a reference for the socket to release.
    ByteBuf content() {
        return buffer.setIndex(0, length).retain();
    }

    void release() {
        buffer.release();
    }
}
