package org.softverbs.soft.wire.pcap;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Reads the frames of a pcap file (either byte order, microseconds or nanoseconds) or a pcapng
 * file. It keeps one frame in memory at a time and believes no length before it has checked it.
 * Confined to one thread.
 */
public final class PcapReader implements AutoCloseable {

    /** The largest frame that is taken for real; what libpcap allows. */
    public static final int FRAME_MAX = 262_144;

    private static final int MAGIC_MICROS = 0xa1b2c3d4;
    private static final int MAGIC_NANOS = 0xa1b23c4d;

    private final PcapInput input;
    private final Source source;

    /** A file format: gives frames until it returns null. */
    interface Source {
        @Nullable PcapRecord next() throws IOException;
    }

    private PcapReader(PcapInput input, Source source) {
        this.input = input;
        this.source = source;
    }

    /**
     * Opens a file.
     *
     * @throws PcapFormatException if it does not start as a capture does
     */
    public static PcapReader open(Path file) throws IOException {
        InputStream stream = Files.newInputStream(file);
        try {
            return read(stream);
        } catch (IOException | RuntimeException e) {
            stream.close();
            throw e;
        }
    }

    /** Reads from a stream, which {@link #close} closes. */
    public static PcapReader read(InputStream stream) throws IOException {
        PcapInput input = new PcapInput(new BufferedInputStream(stream, 1 << 16));
        ByteBuffer start = input.readOrEnd(4, "the magic number");
        if (start == null) {
            throw new PcapFormatException(0, "the file is empty");
        }
        int magic = start.getInt(0);
        return new PcapReader(input, source(input, magic));
    }

    private static Source source(PcapInput input, int magic) throws IOException {
        return switch (magic) {
            case MAGIC_MICROS -> new PcapSource(input, ByteOrder.BIG_ENDIAN, 1000);
            case MAGIC_NANOS -> new PcapSource(input, ByteOrder.BIG_ENDIAN, 1);
            case 0xd4c3b2a1 -> new PcapSource(input, ByteOrder.LITTLE_ENDIAN, 1000);
            case 0x4d3cb2a1 -> new PcapSource(input, ByteOrder.LITTLE_ENDIAN, 1);
            case PcapngSource.SECTION_HEADER -> new PcapngSource(input);
            default ->
                    throw new PcapFormatException(
                            0, String.format("neither pcap nor pcapng (starts with %08x)", magic));
        };
    }

    /**
     * The next frame, or null at the end of the file.
     *
     * @throws PcapFormatException if the file is damaged here
     */
    public @Nullable PcapRecord next() throws IOException {
        return source.next();
    }

    @Override
    public void close() throws IOException {
        input.close();
    }

    /** Checks a captured length that the file claims. */
    static int checkFrameLength(long claimed, long fileOffset) throws PcapFormatException {
        if (claimed < 0 || claimed > FRAME_MAX) {
            throw new PcapFormatException(
                    fileOffset, "a frame of " + claimed + " bytes, at most " + FRAME_MAX);
        }
        return (int) claimed;
    }
}
