package org.softverbs.ulp.pingpong;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// What is in the messages when they are checked.
final class PingpongData {

    private static final int PAGE = 4096;
    private static final byte FILL = 0x7b;

    private PingpongData() {}

    /// The content that the original starts with.
    static void fillPlain(MemorySegment buffer) {
        buffer.fill(FILL);
    }

    /// Marks the pages as the original does with `-c`: its expression is 0 for every page.
    static void markPages(MemorySegment buffer) {
        for (long at = 0; at < buffer.byteSize(); at += PAGE) {
            buffer.set(ValueLayout.JAVA_BYTE, at, (byte) 0);
        }
    }

    /// The first page whose mark is wrong, or -1.
    static long firstBadPage(MemorySegment buffer) {
        for (long at = 0; at < buffer.byteSize(); at += PAGE) {
            if (buffer.get(ValueLayout.JAVA_BYTE, at) != 0) {
                return at / PAGE;
            }
        }
        return -1;
    }

    /// Fills in bytes that depend on position and round.
    static void fill(MemorySegment buffer, int round) {
        for (long at = 0; at < buffer.byteSize(); at++) {
            buffer.set(ValueLayout.JAVA_BYTE, at, expected(at, round));
        }
    }

    /// The first byte that is not what [#fill] put there, or -1.
    static long firstBadByte(MemorySegment buffer, int round) {
        for (long at = 0; at < buffer.byteSize(); at++) {
            if (buffer.get(ValueLayout.JAVA_BYTE, at) != expected(at, round)) {
                return at;
            }
        }
        return -1;
    }

    private static byte expected(long position, int round) {
        long mixed = (position + 1) * 0x9E37_79B9L + round * 0x85EB_CA6BL;
        return (byte) (mixed >>> 16);
    }
}
