package org.softverbs.soft.wire.pcap;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** Reads a capture file from front to back and knows where it is. */
final class PcapInput implements AutoCloseable {

    private final InputStream stream;
    private long position;
    private ByteOrder order = ByteOrder.BIG_ENDIAN;

    PcapInput(InputStream stream) {
        this.stream = stream;
    }

    void order(ByteOrder newOrder) {
        order = newOrder;
    }

    ByteOrder order() {
        return order;
    }

    /** The file offset of the next byte. */
    long position() {
        return position;
    }

    /** Reads {@code length} bytes, or null at the very end of the file. */
    @Nullable ByteBuffer readOrEnd(int length, String what) throws IOException {
        byte[] bytes = stream.readNBytes(length);
        if (bytes.length == 0 && length > 0) {
            return null;
        }
        if (bytes.length < length) {
            throw new PcapFormatException(
                    position,
                    "the file ends inside "
                            + what
                            + ": "
                            + bytes.length
                            + " of "
                            + length
                            + " bytes");
        }
        position += length;
        return ByteBuffer.wrap(bytes).order(order);
    }

    /** Reads {@code length} bytes. */
    ByteBuffer read(int length, String what) throws IOException {
        ByteBuffer bytes = readOrEnd(length, what);
        if (bytes == null) {
            throw new PcapFormatException(position, "the file ends before " + what);
        }
        return bytes;
    }

    /** Passes over {@code length} bytes without keeping them. */
    void skip(long length, String what) throws IOException {
        try {
            stream.skipNBytes(length);
        } catch (EOFException e) {
            throw new PcapFormatException(position, "the file ends inside " + what);
        }
        position += length;
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
