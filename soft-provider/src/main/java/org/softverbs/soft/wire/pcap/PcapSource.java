package org.softverbs.soft.wire.pcap;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** The classic pcap format: one header, then records of one link type. */
final class PcapSource implements PcapReader.Source {

    private static final int REST_OF_FILE_HEADER = 20;
    private static final int LINK_TYPE_OFFSET = 16;
    private static final int RECORD_HEADER = 16;
    private static final int LINK_TYPE_MASK = 0xffff; // above: length of the FCS
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final PcapInput input;
    private final int nanosPerFraction;
    private final LinkType linkType;

    PcapSource(PcapInput input, ByteOrder order, int nanosPerFraction) throws IOException {
        this.input = input;
        this.nanosPerFraction = nanosPerFraction;
        input.order(order);
        ByteBuffer header = input.read(REST_OF_FILE_HEADER, "the pcap file header");
        linkType = LinkType.of(header.getInt(LINK_TYPE_OFFSET) & LINK_TYPE_MASK);
    }

    @Override
    public @Nullable PcapRecord next() throws IOException {
        long start = input.position();
        ByteBuffer header = input.readOrEnd(RECORD_HEADER, "a record header");
        if (header == null) {
            return null;
        }
        long seconds = Integer.toUnsignedLong(header.getInt());
        long fraction = Integer.toUnsignedLong(header.getInt());
        int kept = PcapReader.checkFrameLength(Integer.toUnsignedLong(header.getInt()), start);
        int original = header.getInt();
        byte[] frame = input.read(kept, "a frame").array();
        return new PcapRecord(
                seconds * NANOS_PER_SECOND + fraction * nanosPerFraction,
                linkType,
                original,
                MemorySegment.ofArray(frame));
    }
}
