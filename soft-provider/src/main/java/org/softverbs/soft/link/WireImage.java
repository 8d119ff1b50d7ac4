package org.softverbs.soft.link;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.softverbs.soft.packet.InboundPacket;
import org.softverbs.soft.packet.OutboundPacket;
import org.softverbs.soft.packet.Path;
import org.softverbs.soft.wire.packet.Octets;
import org.softverbs.soft.wire.roce.Icrc;
import org.softverbs.soft.wire.roce.PacketCheck;
import org.softverbs.verbs.GlobalIdentifier;

/// A packet as it is on the wire, from BTH to ICRC, for those who record it. The IP ID is taken to
/// be 0, and the ICRC is that of a packet with ID 0. One packet at a time.
final class WireImage {

    private static final int PORT = 4791;
    private static final int CAPACITY = 16_384;

    /// Pairs of addresses that are remembered; those that were silent longest are forgotten.
    static final int CALCULATORS = 1024;

    /// What an ICRC calculator is for.
    private record Ends(GlobalIdentifier source, GlobalIdentifier destination) {}

    private final MemorySegment segment = Arena.ofAuto().allocate(CAPACITY, Long.BYTES);
    private final ByteBuffer bytes = segment.asByteBuffer();
    private final Map<Ends, Icrc> calculators =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Ends, Icrc> eldest) {
                    return size() > CALCULATORS;
                }
            };
    private int length;

    WireImage() {}

    /// Becomes a packet that leaves, with the damage that was done to it.
    ///
    /// @return false when it is too long, or memory of its payload is gone
    boolean take(OutboundPacket packet) {
        if (packet.length() + PacketCheck.ICRC_LENGTH > CAPACITY || !packet.copyTo(segment, 0)) {
            return false;
        }
        seal(packet.path(), packet.length());
        packet.damage(segment, 0, length);
        return true;
    }

    /// Becomes a packet that came in.
    ///
    /// @return false when it is too long, or memory of its payload is gone
    boolean take(InboundPacket packet) {
        int covered = packet.wholeLength();
        if (covered + PacketCheck.ICRC_LENGTH > CAPACITY || !packet.copyTo(segment, 0)) {
            return false;
        }
        seal(packet.path(), covered);
        return true;
    }

    private void seal(Path path, int covered) {
        Ends ends = new Ends(path.source(), path.destination());
        Icrc icrc = calculators.computeIfAbsent(ends, WireImage::calculator);
        Icrc.store(
                bytes,
                covered,
                icrc.compute(path.sourcePort(), PORT, 0, Icrc.DONT_FRAGMENT, bytes, 0, covered));
        length = covered + PacketCheck.ICRC_LENGTH;
    }

    private static Icrc calculator(Ends ends) {
        return new Icrc(
                ends.source().toInetAddress().getAddress(),
                ends.destination().toInetAddress().getAddress());
    }

    /// Pairs of addresses that are remembered now.
    int calculators() {
        return calculators.size();
    }

    /// The bytes, good until the next packet.
    ByteBuffer bytes() {
        return bytes.duplicate().position(0).limit(length);
    }

    /// A copy of the bytes.
    Octets octets() {
        return Octets.of(segment, 0, length);
    }
}
