package org.softverbs.soft.wire.pcap;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * One frame of a capture file.
 *
 * @param timestampNanos since 1970
 * @param originalLength bytes on the wire; more than {@code frame} holds when the capture cut it
 */
public record PcapRecord(
        long timestampNanos, LinkType linkType, int originalLength, MemorySegment frame) {

    /** The IP packet in the frame, with any padding behind it; null when there is none. */
    public @Nullable MemorySegment ipPacket() {
        return linkType.ipPacket(frame);
    }
}
