package org.softverbs.soft.wire.roce;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * The first look at a datagram from a stranger: whether it is long enough, what it is, and where
 * its parts lie. Nothing else may be read from the bytes before {@link #check} returned {@link
 * PacketFault#NONE}. Reusable; allocates nothing; never throws for any content.
 *
 * <p>It looks at the packet alone. Key, queue pair, sequence and ICRC are for others to check.
 */
public final class PacketCheck {

    /** Bytes of the invariant CRC that ends every packet. */
    public static final int ICRC_LENGTH = 4;

    /** The longest payload of one packet: the largest path MTU. */
    public static final int PAYLOAD_MAX = 4096;

    /** The longest datagram: BTH, the longest extension headers, payload and ICRC. */
    public static final int DATAGRAM_MAX =
            BthFlyweight.LENGTH + AtomicEthFlyweight.LENGTH + PAYLOAD_MAX + ICRC_LENGTH;

    private static final int FLAGS_OFFSET = 1;
    private static final int VERSION_MASK = 0x0f;
    private static final int PAD_SHIFT = 4;
    private static final int PAD_MASK = 3;

    private @Nullable RoceOpcode opcode;
    private int payloadLength;
    private int padLength;

    /**
     * Checks the UDP payload of {@code length} bytes at {@code offset}.
     *
     * @throws IndexOutOfBoundsException if the caller's range does not lie in the segment
     */
    public PacketFault check(MemorySegment segment, long offset, int length) {
        opcode = null;
        payloadLength = 0;
        padLength = 0;
        if (length < BthFlyweight.LENGTH + ICRC_LENGTH) {
            return PacketFault.TOO_SHORT;
        }
        RoceOpcode found = RoceOpcode.of(segment.get(ValueLayout.JAVA_BYTE, offset));
        int flags = segment.get(ValueLayout.JAVA_BYTE, offset + FLAGS_OFFSET);
        if (found == null) {
            return PacketFault.UNKNOWN_OPCODE;
        }
        if ((flags & VERSION_MASK) != 0) {
            return PacketFault.BAD_TRANSPORT_VERSION;
        }
        int behindHeaders = length - found.headerLength() - ICRC_LENGTH;
        if (behindHeaders < 0) {
            return PacketFault.TOO_SHORT;
        }
        int pad = flags >> PAD_SHIFT & PAD_MASK;
        if (pad > behindHeaders) {
            return PacketFault.PAD_LONGER_THAN_PAYLOAD;
        }
        if (behindHeaders - pad > PAYLOAD_MAX) {
            return PacketFault.TOO_LONG;
        }
        if (behindHeaders > 0 && !found.hasPayload()) {
            return PacketFault.UNEXPECTED_PAYLOAD;
        }
        opcode = found;
        payloadLength = behindHeaders - pad;
        padLength = pad;
        return PacketFault.NONE;
    }

    /**
     * The opcode of the last packet.
     *
     * @throws IllegalStateException if that packet was refused
     */
    public RoceOpcode opcode() {
        RoceOpcode found = opcode;
        if (found == null) {
            throw new IllegalStateException("no packet has passed the check");
        }
        return found;
    }

    /** Bytes of the BTH and its extension headers. */
    public int headerLength() {
        return opcode().headerLength();
    }

    /** Bytes of payload, without pad. */
    public int payloadLength() {
        return payloadLength;
    }

    /** Bytes of pad, 0 to 3. */
    public int padLength() {
        return padLength;
    }

    /** Bytes that the ICRC covers from the BTH on: headers, payload, pad. */
    public int coveredLength() {
        return headerLength() + payloadLength + padLength;
    }
}
