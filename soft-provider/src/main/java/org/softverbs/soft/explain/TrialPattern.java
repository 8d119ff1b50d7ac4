package org.softverbs.soft.explain;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.SplittableRandom;
import org.softverbs.soft.packet.RunList;

/// Bytes that tell where in a stream they belong.
final class TrialPattern {

    /// A prime number: what lies a power of two away looks different.
    private static final int LENGTH = 65_521;

    private final MemorySegment table;

    /// @param salt another one for other bytes
    TrialPattern(long salt) {
        byte[] bytes = new byte[LENGTH];
        new SplittableRandom(salt).nextBytes(bytes);
        table = MemorySegment.ofArray(bytes);
    }

    /// Writes parts of a stream.
    ///
    /// @return what was refused, if something was
    Optional<String> write(ByteStream stream, StreamRanges.Union parts) {
        return each(
                stream,
                parts,
                true,
                (position, bytes) -> {
                    copyTo(position, bytes);
                    return Optional.empty();
                });
    }

    /// Compares parts of a stream.
    ///
    /// @param what the bytes are, for the message
    /// @return what differs or was refused, if something does
    Optional<String> compare(ByteStream stream, StreamRanges.Union parts, String what) {
        return each(stream, parts, false, (position, bytes) -> mismatch(position, bytes, what));
    }

    /// Writes a stream that lies in one piece.
    void fill(MemorySegment bytes) {
        copyTo(0, bytes);
    }

    /// Compares a stream that lies in one piece.
    ///
    /// @param what the bytes are, for the message
    /// @return what differs, if something does
    Optional<String> compare(MemorySegment bytes, String what) {
        return mismatch(0, bytes, what);
    }

    /// Does something with the bytes of one run.
    private interface Step {
        Optional<String> apply(long position, MemorySegment bytes);
    }

    private static Optional<String> each(
            ByteStream stream, StreamRanges.Union parts, boolean write, Step step) {
        RunList runs = new RunList();
        for (StreamRanges.Part part : parts.parts()) {
            runs.clear();
            Optional<String> wrong = stream.resolve(part.start(), part.length(), write, runs);
            long position = part.start();
            for (int run = 0; run < runs.count() && wrong.isEmpty(); run++) {
                wrong =
                        step.apply(
                                position,
                                runs.segment(run).asSlice(runs.offset(run), runs.length(run)));
                position += runs.length(run);
            }
            if (wrong.isPresent()) {
                return wrong;
            }
        }
        return Optional.empty();
    }

    private void copyTo(long position, MemorySegment bytes) {
        for (long done = 0; done < bytes.byteSize(); ) {
            long from = (position + done) % LENGTH;
            long length = Math.min(bytes.byteSize() - done, LENGTH - from);
            MemorySegment.copy(table, from, bytes, done, length);
            done += length;
        }
    }

    private Optional<String> mismatch(long position, MemorySegment bytes, String what) {
        for (long done = 0; done < bytes.byteSize(); ) {
            long from = (position + done) % LENGTH;
            long length = Math.min(bytes.byteSize() - done, LENGTH - from);
            long at = bytes.asSlice(done, length).mismatch(table.asSlice(from, length));
            if (at >= 0) {
                return Optional.of(
                        "byte " + (position + done + at) + " of the I/O: " + what + " is wrong");
            }
            done += length;
        }
        return Optional.empty();
    }
}
