package org.softverbs.soft.sanitize;

import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;
import java.util.zip.CRC32C;

/// Bytes of the program that a request sends, and their digest when it was posted.
///
/// @param address of the first byte, as the request names it
/// @param bytes the bytes
/// @param digest what they were; nothing for what cannot be looked at
record SentBytes(long address, MemorySegment bytes, OptionalLong digest) {

    private static final long MOST_BYTES = 16L << 20;

    static SentBytes of(long address, MemorySegment bytes) {
        return new SentBytes(address, bytes, digestOf(bytes));
    }

    /// Whether they are others now.
    boolean isChanged() {
        OptionalLong now = digest.isPresent() ? digestOf(bytes) : digest;
        return now.isPresent() && !now.equals(digest);
    }

    /// Memory of another thread's arena, or of one that was closed, has none.
    private static OptionalLong digestOf(MemorySegment bytes) {
        boolean readable = bytes.isNative() || bytes.heapBase().orElse("") instanceof byte[];
        if (!readable
                || bytes.byteSize() > MOST_BYTES
                || !bytes.scope().isAlive()
                || !bytes.isAccessibleBy(Thread.currentThread())) {
            return OptionalLong.empty();
        }
        try {
            CRC32C crc = new CRC32C();
            crc.update(bytes.asByteBuffer());
            return OptionalLong.of(crc.getValue());
        } catch (IllegalStateException closedMeanwhile) {
            return OptionalLong.empty();
        }
    }
}
