package org.softverbs.soft.packet;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.softverbs.verbs.GlobalIdentifier;

/// A packet that came in, ICRC checked and taken off: where it came from, its transport headers,
/// and its payload.
///
/// The bytes are the link's and good only until the receiver returns.
public final class InboundPacket {

    private MemorySegment segment = MemorySegment.NULL;
    private long offset;
    private int length;
    private final RunList payload = new RunList();
    private boolean payloadApart;
    private long sourceHigh;
    private long sourceLow;
    private long destinationHigh;
    private long destinationLow;
    private int sourcePort;

    /// A packet in one piece: `length` bytes from the BTH to the padding.
    public void set(MemorySegment bytes, long start, int size) {
        segment = bytes;
        offset = start;
        length = size;
        payloadApart = false;
        payload.clear();
    }

    /// A packet whose payload, without padding, lies elsewhere.
    public void set(MemorySegment header, int headerLength, RunList runs) {
        segment = header;
        offset = 0;
        length = headerLength;
        payloadApart = true;
        payload.set(runs);
    }

    /// Sets sender, receiver and source port.
    public void setAddresses(Path path) {
        setAddresses(
                path.source().high(),
                path.source().low(),
                path.destination().high(),
                path.destination().low());
        setSourcePort(path.sourcePort());
    }

    /// Sets sender and receiver, each as the two halves of a GID.
    public void setAddresses(long fromHigh, long fromLow, long toHigh, long toLow) {
        sourceHigh = fromHigh;
        sourceLow = fromLow;
        destinationHigh = toHigh;
        destinationLow = toLow;
    }

    /// Sets the UDP port that the sender sent from.
    public void setSourcePort(int port) {
        sourcePort = port;
    }

    /// The way it came.
    public Path path() {
        return new Path(
                new GlobalIdentifier(sourceHigh, sourceLow),
                new GlobalIdentifier(destinationHigh, destinationLow),
                sourcePort,
                0,
                0);
    }

    /// First half of the sender's GID.
    public long sourceHigh() {
        return sourceHigh;
    }

    /// Second half of the sender's GID.
    public long sourceLow() {
        return sourceLow;
    }

    /// First half of the GID that it was sent to.
    public long destinationHigh() {
        return destinationHigh;
    }

    /// Second half of the GID that it was sent to.
    public long destinationLow() {
        return destinationLow;
    }

    /// Whether it came over IPv4.
    public boolean isOverIpv4() {
        return sourceHigh == 0 && sourceLow >>> Integer.SIZE == 0xffff;
    }

    /// Whether it was sent to a multicast group.
    public boolean isToGroup() {
        return GlobalIdentifier.isMulticast(destinationHigh, destinationLow);
    }

    public MemorySegment segment() {
        return segment;
    }

    /// Where the BTH starts.
    public long offset() {
        return offset;
    }

    /// Bytes from the BTH to the padding, or of the headers alone when the payload lies apart.
    public int length() {
        return length;
    }

    /// The first byte of the BTH.
    public int opcodeByte() {
        return segment.get(ValueLayout.JAVA_BYTE, offset) & 0xff;
    }

    public boolean isPayloadApart() {
        return payloadApart;
    }

    /// The payload without padding; of a packet in one piece only after [#splitPayload].
    public RunList payload() {
        return payload;
    }

    /// Tells a packet in one piece how long its headers and its padding are.
    public void splitPayload(int headerLength, int padding) {
        payload.clear();
        payload.add(segment, offset + headerLength, length - headerLength - padding);
    }

    /// Bytes from the BTH to the padding, wherever the payload lies.
    public int wholeLength() {
        return payloadApart ? length + (int) (payload.total() + (-payload.total() & 3)) : length;
    }

    /// Writes headers, payload and padding to one place.
    ///
    /// @return false when memory of the payload is gone
    public boolean copyTo(MemorySegment target, long at) {
        MemorySegment.copy(segment, offset, target, at, length);
        if (!payloadApart) {
            return true;
        }
        long end = length + payload.total();
        target.asSlice(at + end, wholeLength() - end).fill((byte) 0);
        return payload.copyTo(target, at + length);
    }

    public boolean isFrom(Path path) {
        return sourceHigh == path.destination().high()
                && sourceLow == path.destination().low()
                && destinationHigh == path.source().high()
                && destinationLow == path.source().low();
    }
}
