package org.softverbs.sim.rc;

import static org.softverbs.sim.InvariantViolation.require;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.softverbs.sim.DataBank;
import org.softverbs.sim.InvariantViolation;

/// What a stretch of a peer's memory must hold, which one queue pair alone writes to.
///
/// Requests are carried out in order and once, so memory is what it was after the WRITEs up to some
/// one, and perhaps the first part of the next; and it never goes back.
final class TargetModel {

    /// WRITEs that a READ before them may still see.
    private static final int REMEMBERED = 64;

    private record Write(long request, int offset, int length) {}

    private final String name;
    private final MemorySegment actual;
    private final MemorySegment image;
    private final MemorySegment scratch;
    private final int size;
    private String invariant = "T1";
    private final ArrayDeque<Write> pending = new ArrayDeque<>();
    private final ArrayDeque<Write> recent = new ArrayDeque<>();

    /// @param actual the peer's memory, as it is now
    TargetModel(String name, MemorySegment actual) {
        this.name = name;
        this.actual = actual;
        this.size = Math.toIntExact(actual.byteSize());
        this.image = MemorySegment.ofArray(new byte[size]);
        this.scratch = MemorySegment.ofArray(new byte[size]);
        image.copyFrom(actual);
    }

    /// A WRITE is about to be posted.
    void posted(long request, int offset, int length) {
        Write write = new Write(request, offset, length);
        invariant = "T1";
        pending.addLast(write);
        recent.addLast(write);
        if (recent.size() > REMEMBERED) {
            recent.removeFirst();
        }
    }

    /// Requests up to this one are carried out.
    void executed(long request) {
        if (!pending.isEmpty() && pending.getFirst().request() <= request) {
            while (!pending.isEmpty() && pending.getFirst().request() <= request) {
                apply(pending.removeFirst(), image);
            }
            check();
        }
    }

    private static void apply(Write write, MemorySegment target) {
        DataBank.fill(target, write.offset(), write.request(), write.length());
    }

    /// Judges the memory as it is now.
    void check() {
        if (actual.mismatch(image) < 0) {
            return;
        }
        scratch.copyFrom(image);
        int applied = 0;
        for (Write next : pending) {
            if (isPartOf(next)) {
                settle(applied);
                return;
            }
            apply(next, scratch);
            applied++;
            if (actual.mismatch(scratch) < 0) {
                settle(applied);
                return;
            }
        }
        throw new InvariantViolation(invariant, describe());
    }

    /// Whether memory is as `scratch` but for a first part of a WRITE.
    private boolean isPartOf(Write next) {
        int from = next.offset();
        int to = from + next.length();
        if (MemorySegment.mismatch(actual, 0, from, scratch, 0, from) >= 0
                || MemorySegment.mismatch(actual, to, size, scratch, to, size) >= 0) {
            return false;
        }
        long done = DataBank.mismatch(actual, from, next.request(), next.length());
        if (done < 0) {
            return false;
        }
        long rest = from + done;
        return MemorySegment.mismatch(actual, rest, to, scratch, rest, to) < 0;
    }

    private void settle(int applied) {
        for (int i = 0; i < applied; i++) {
            apply(pending.removeFirst(), image);
        }
    }

    private String describe() {
        long at = actual.mismatch(image);
        return String.format(
                "%s is what no order of its WRITEs gives: byte %d is 0x%02x, was 0x%02x; under way"
                        + " are %s",
                name,
                at,
                actual.get(ValueLayout.JAVA_BYTE, at),
                image.get(ValueLayout.JAVA_BYTE, at),
                pending);
    }

    /// What a READ must give that is posted now, if no later WRITE overtakes it.
    byte[] snapshot(int offset, int length) {
        scratch.copyFrom(image);
        pending.forEach(write -> apply(write, scratch));
        return scratch.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
    }

    /// Judges what a READ gave.
    ///
    /// @param read number of the READ
    /// @param fence number of the first request after it that waits for it
    void checkRead(
            long read, long fence, MemorySegment given, long at, byte[] expected, int offset) {
        MemorySegment least = MemorySegment.ofArray(expected);
        int length = expected.length;
        long wrong = MemorySegment.mismatch(given, at, at + length, least, 0, length);
        for (long i = Math.max(wrong, 0); wrong >= 0 && i < length; i++) {
            byte value = given.get(ValueLayout.JAVA_BYTE, at + i);
            if (value != expected[(int) i]) {
                long position = i;
                require(
                        isLater(read, fence, offset + i, value),
                        "T14",
                        () ->
                                String.format(
                                        "READ %d of %s gave a wrong byte %d of %d",
                                        read, name, position, length));
            }
        }
    }

    /// Whether a WRITE that was allowed to overtake a READ put a byte there.
    private boolean isLater(long read, long fence, long position, byte value) {
        for (Write write : recent) {
            long within = position - write.offset();
            if (write.request() > read
                    && write.request() < fence
                    && within >= 0
                    && within < write.length()
                    && DataBank.at(write.request(), within) == value) {
                return true;
            }
        }
        return false;
    }

    /// Nothing of what is under way will be carried out any more; how much was is seen now.
    void abandon() {
        check();
        image.copyFrom(actual);
        pending.clear();
    }

    /// The key to it ended: as [#abandon], and whatever is written now was written by a dead key.
    void revoke() {
        abandon();
        invariant = "M8";
    }

    @Override
    public String toString() {
        return name + " " + Arrays.toString(pending.toArray());
    }
}
