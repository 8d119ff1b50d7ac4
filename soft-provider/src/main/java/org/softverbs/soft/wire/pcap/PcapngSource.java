package org.softverbs.soft.wire.pcap;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The pcapng format: blocks, of which interface descriptions and packets are read and all others
 * passed over.
 */
final class PcapngSource implements PcapReader.Source {

    /** Type of a section header block; a palindrome. */
    static final int SECTION_HEADER = 0x0a0d0d0a;

    private static final int INTERFACE_DESCRIPTION = 1;
    private static final int SIMPLE_PACKET = 3;
    private static final int ENHANCED_PACKET = 6;
    private static final int BYTE_ORDER_MAGIC = 0x1a2b3c4d;
    private static final int BLOCK_START = 8;
    private static final int BLOCK_END = 4;
    private static final int SECTION_FIXED = 16;
    private static final int INTERFACE_FIXED = 8;
    private static final int SIMPLE_FIXED = 4;
    private static final int ENHANCED_FIXED = 20;
    private static final int INTERFACES_MAX = 4096;
    private static final int INTERFACE_BLOCK_MAX = 65_536;
    private static final int OPTION_END = 0;
    private static final int OPTION_TIME_RESOLUTION = 9;

    private record Interface(LinkType linkType, long snapLength, long unitsPerSecond) {

        long nanos(long units) {
            long seconds = Long.divideUnsigned(units, unitsPerSecond);
            long rest = Long.remainderUnsigned(units, unitsPerSecond);
            return seconds * 1_000_000_000L + (long) (rest * (1e9 / unitsPerSecond));
        }
    }

    private final PcapInput input;
    private final List<Interface> interfaces = new ArrayList<>();

    /** The type of the first block has been read. */
    PcapngSource(PcapInput input) throws IOException {
        this.input = input;
        readSection(0);
    }

    @Override
    public @Nullable PcapRecord next() throws IOException {
        while (true) {
            long start = input.position();
            ByteBuffer type = input.readOrEnd(4, "a block header");
            if (type == null) {
                return null;
            }
            PcapRecord record = readBlock(type.getInt(0), start);
            if (record != null) {
                return record;
            }
        }
    }

    private @Nullable PcapRecord readBlock(int type, long start) throws IOException {
        if (type == SECTION_HEADER) {
            readSection(start);
            return null;
        }
        long rest = blockLength(input.read(4, "a block header").getInt(), start) - BLOCK_START;
        switch (type) {
            case INTERFACE_DESCRIPTION -> readInterface(rest, start);
            case SIMPLE_PACKET -> {
                return readSimplePacket(rest, start);
            }
            case ENHANCED_PACKET -> {
                return readEnhancedPacket(rest, start);
            }
            default -> input.skip(rest, "a block");
        }
        return null;
    }

    private static long blockLength(int claimed, long start) throws PcapFormatException {
        long length = Integer.toUnsignedLong(claimed);
        if (length < BLOCK_START + BLOCK_END || (length & 3) != 0) {
            throw new PcapFormatException(start, "a block of " + length + " bytes");
        }
        return length;
    }

    private void readSection(long start) throws IOException {
        input.order(ByteOrder.BIG_ENDIAN);
        ByteBuffer lengthAndMagic = input.read(8, "the section header");
        if (lengthAndMagic.getInt(4) != BYTE_ORDER_MAGIC) {
            lengthAndMagic.order(ByteOrder.LITTLE_ENDIAN);
            input.order(ByteOrder.LITTLE_ENDIAN);
        }
        if (lengthAndMagic.getInt(4) != BYTE_ORDER_MAGIC) {
            throw new PcapFormatException(start, "a section without byte order");
        }
        long rest = blockLength(lengthAndMagic.getInt(0), start) - BLOCK_START - 4;
        need(rest, SECTION_FIXED - 4, start);
        input.skip(rest, "the section header");
        interfaces.clear();
    }

    private void readInterface(long rest, long start) throws IOException {
        need(rest, INTERFACE_FIXED, start);
        if (rest > INTERFACE_BLOCK_MAX || interfaces.size() == INTERFACES_MAX) {
            throw new PcapFormatException(start, "too many or too large interface descriptions");
        }
        ByteBuffer block = input.read((int) rest, "an interface description");
        LinkType linkType = LinkType.of(block.getShort() & 0xffff);
        block.getShort();
        long snapLength = Integer.toUnsignedLong(block.getInt());
        block.limit(block.limit() - BLOCK_END);
        interfaces.add(new Interface(linkType, snapLength, unitsPerSecond(block, start)));
    }

    private static long unitsPerSecond(ByteBuffer options, long start) throws PcapFormatException {
        while (options.remaining() >= 4) {
            int code = options.getShort() & 0xffff;
            int length = options.getShort() & 0xffff;
            int padded = (length + 3) & ~3;
            if (code == OPTION_END) {
                break;
            }
            if (padded > options.remaining()) {
                throw new PcapFormatException(start, "an option of " + length + " bytes");
            }
            if (code == OPTION_TIME_RESOLUTION && length == 1) {
                return unitsPerSecond(options.get(options.position()), start);
            }
            options.position(options.position() + padded);
        }
        return 1_000_000;
    }

    /** Below 128 a negative power of ten, above a negative power of two. */
    private static long unitsPerSecond(byte resolution, long start) throws PcapFormatException {
        int exponent = resolution & 0x7f;
        if (exponent > (resolution < 0 ? 62 : 18)) {
            throw new PcapFormatException(start, "a time resolution of " + (resolution & 0xff));
        }
        long units = 1L << exponent;
        if (resolution >= 0) {
            units = 1;
            for (int i = 0; i < exponent; i++) {
                units *= 10;
            }
        }
        return units;
    }

    private PcapRecord readSimplePacket(long rest, long start) throws IOException {
        need(rest, SIMPLE_FIXED, start);
        Interface on = onInterface(0, start);
        long original = Integer.toUnsignedLong(input.read(4, "a packet block").getInt());
        long snap = on.snapLength == 0 ? original : Math.min(original, on.snapLength);
        return readFrame(on, 0, snap, (int) original, rest - SIMPLE_FIXED, start);
    }

    private PcapRecord readEnhancedPacket(long rest, long start) throws IOException {
        need(rest, ENHANCED_FIXED, start);
        ByteBuffer header = input.read(ENHANCED_FIXED, "a packet block");
        Interface on = onInterface(Integer.toUnsignedLong(header.getInt()), start);
        long high = Integer.toUnsignedLong(header.getInt());
        long units = high << 32 | Integer.toUnsignedLong(header.getInt());
        long kept = Integer.toUnsignedLong(header.getInt());
        int original = header.getInt();
        return readFrame(on, on.nanos(units), kept, original, rest - ENHANCED_FIXED, start);
    }

    private PcapRecord readFrame(
            Interface on, long nanos, long claimed, int original, long rest, long start)
            throws IOException {
        int kept = PcapReader.checkFrameLength(claimed, start);
        need(rest, kept, start);
        byte[] frame = input.read(kept, "a frame").array();
        input.skip(rest - kept, "a packet block");
        return new PcapRecord(nanos, on.linkType, original, MemorySegment.ofArray(frame));
    }

    private Interface onInterface(long index, long start) throws PcapFormatException {
        if (index >= interfaces.size()) {
            throw new PcapFormatException(start, "a packet of unknown interface " + index);
        }
        return interfaces.get((int) index);
    }

    /** A block has room for its fixed part and the trailing length. */
    private static void need(long rest, long fixed, long start) throws PcapFormatException {
        if (rest < fixed + BLOCK_END) {
            throw new PcapFormatException(start, "a block too short for its content");
        }
    }
}
