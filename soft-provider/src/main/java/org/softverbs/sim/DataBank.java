package org.softverbs.sim;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/// The bytes of every message: a stretch of a bank of random bytes, told by the message's number.
/// No two messages that are near each other have the same. A workload fills with it what it sends,
/// and compares with it what arrives, without a copy of either.
///
/// A message has at most 65536 bytes; what would go beyond the memory that is given throws
/// [IndexOutOfBoundsException].
public final class DataBank {

    /// What memory holds that nobody may have written.
    public static final byte POISON = (byte) 0xde;

    private static final int SIZE = 1 << 18;
    private static final int LONGEST = 1 << 16;
    private static final int STRIDE = 257;
    private static final MemorySegment BANK = Arena.global().allocate(SIZE, Long.BYTES);
    private static final MemorySegment POISONED = Arena.global().allocate(LONGEST, Long.BYTES);

    static {
        SplittableRandom random = new SplittableRandom(4791);
        for (int i = 0; i < SIZE; i++) {
            BANK.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt());
        }
        POISONED.fill(POISON);
    }

    private DataBank() {}

    private static long start(long message) {
        return message * STRIDE % (SIZE - LONGEST);
    }

    /// The bytes of a message, to read.
    public static MemorySegment bytes(long message, int length) {
        return BANK.asSlice(start(message), length).asReadOnly();
    }

    /// Writes the bytes of a message.
    public static void fill(MemorySegment target, long offset, long message, int length) {
        MemorySegment.copy(BANK, start(message), target, offset, length);
    }

    /// The first byte, counted from `offset`, that is not the message's; -1 for none.
    public static long mismatch(MemorySegment actual, long offset, long message, int length) {
        long at = start(message);
        return MemorySegment.mismatch(actual, offset, offset + length, BANK, at, at + length);
    }

    /// The byte of a message at a position.
    public static byte at(long message, long position) {
        return BANK.get(ValueLayout.JAVA_BYTE, start(message) + position);
    }

    /// The first byte, counted from `offset`, that somebody wrote; -1 for none.
    public static long written(MemorySegment actual, long offset, long length) {
        for (long done = 0; done < length; done += LONGEST) {
            long part = Math.min(LONGEST, length - done);
            long from = offset + done;
            long at = MemorySegment.mismatch(actual, from, from + part, POISONED, 0, part);
            if (at >= 0) {
                return done + at;
            }
        }
        return -1;
    }
}
