package org.softverbs.soft.wire.packet;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import org.softverbs.soft.wire.roce.BthFlyweight;
import org.softverbs.soft.wire.roce.ExtensionHeader;
import org.softverbs.soft.wire.roce.PacketCheck;
import org.softverbs.soft.wire.roce.PacketFault;

/**
 * Every field of a RoCEv2 packet from the BTH to the pad, reserved bits included, so that the bytes
 * can be built again from it. The ICRC is no field: it follows from these bytes and the IP header.
 *
 * @param extensions as the opcode demands, in its order
 * @param pad as many bytes as {@link Bth#padCount} says; zero in packets from a sound sender
 */
public record RocePacket(Bth bth, List<Extension> extensions, Octets payload, Octets pad) {

    /** What {@link #parse} makes of bytes. */
    public sealed interface Parsed {}

    /** The bytes are a packet. */
    public record Accepted(RocePacket packet) implements Parsed {}

    /** The bytes are none. */
    public record Refused(PacketFault fault) implements Parsed {}

    /** Checks that the parts fit the opcode. */
    public RocePacket {
        extensions = List.copyOf(extensions);
        List<ExtensionHeader> headers = extensions.stream().map(Extension::header).toList();
        if (!headers.equals(bth.opcode().extensions())) {
            throw new IllegalArgumentException(
                    bth.opcode() + " has " + bth.opcode().extensions() + ", not " + headers);
        }
        if (pad.length() != bth.padCount()) {
            throw new IllegalArgumentException(
                    "pad count " + bth.padCount() + " with " + pad.length() + " bytes of pad");
        }
    }

    /** Parses the UDP payload of {@code length} bytes at {@code offset}. */
    public static Parsed parse(MemorySegment segment, long offset, int length) {
        PacketCheck check = new PacketCheck();
        PacketFault fault = check.check(segment, offset, length);
        if (fault != PacketFault.NONE) {
            return new Refused(fault);
        }
        Bth bth = Bth.read(check.opcode(), new BthFlyweight().wrap(segment, offset));
        List<Extension> extensions =
                check.opcode().extensions().stream()
                        .map(header -> read(check, header, segment, offset))
                        .toList();
        long payload = offset + check.headerLength();
        return new Accepted(
                new RocePacket(
                        bth,
                        extensions,
                        Octets.of(segment, payload, check.payloadLength()),
                        Octets.of(segment, payload + check.payloadLength(), check.padLength())));
    }

    private static Extension read(
            PacketCheck check, ExtensionHeader header, MemorySegment segment, long offset) {
        return Extension.read(header, segment, offset + check.opcode().offsetOf(header));
    }

    /** Bytes from the BTH to the pad. */
    public int length() {
        return bth.opcode().headerLength() + payload.length() + pad.length();
    }

    /**
     * Builds the bytes from the BTH to the pad, in a fresh buffer with room for the ICRC behind
     * them.
     */
    public ByteBuffer encode() {
        ByteBuffer buffer = ByteBuffer.allocate(length() + PacketCheck.ICRC_LENGTH);
        MemorySegment segment = MemorySegment.ofBuffer(buffer);
        bth.write(new BthFlyweight().wrap(segment, 0));
        for (Extension extension : extensions) {
            extension.write(segment, bth.opcode().offsetOf(extension.header()));
        }
        payload.write(segment, bth.opcode().headerLength());
        pad.write(segment, bth.opcode().headerLength() + payload.length());
        return buffer;
    }
}
