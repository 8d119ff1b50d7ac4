package org.softverbs.ulp.perf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.softverbs.ulp.tool.ToolException;

/// Looks at the bytes that arrive on one lane.
///
/// An end of ours fills its buffer with bytes that follow from the position and from its PSN. A
/// stock perftest sends bytes that only it knows, but always the same: then the first message in a
/// place is the model for all that follow.
final class ArrivalCheck {

    /// What FETCH_AND_ADD adds.
    static final long ADDEND = 1;

    private final PerfLane lane;
    private final AtomicKind atomic;
    private final MemorySegment model;
    private boolean[] known = {};
    private long[] words = {};
    private long checkedBytes;

    ArrivalCheck(PerfLane lane, AtomicKind atomic, MemorySegment model) {
        this.lane = lane;
        this.atomic = atomic;
        this.model = model;
        if (lane.peer().isOurs()) {
            fill(model, lane.peer().packetSequenceNumber());
        }
    }

    /// Fills the bytes that an end of ours sends.
    static void fill(MemorySegment bytes, int seed) {
        for (long at = 0; at < bytes.byteSize(); at++) {
            bytes.set(ValueLayout.JAVA_BYTE, at, pattern(at, seed));
        }
    }

    static byte pattern(long position, int seed) {
        long mixed = (position + 1) * 0x9E37_79B9L + seed * 0x85EB_CA6BL;
        return (byte) (mixed >>> 16);
    }

    /// To be called when the size has changed.
    void restart() {
        known = new boolean[lane.cycle().slots()];
        words = new long[lane.cycle().slots()];
        if (lane.peer().isOurs()) {
            // An end of ours starts its atomics from 0.
            Arrays.fill(known, true);
        }
    }

    long checkedBytes() {
        return checkedBytes;
    }

    /// Looks at message number `sequence` that a SEND brought, or a WRITE.
    void received(long sequence) {
        message(lane.inOffset(), sequence, 0);
    }

    /// Looks at message number `sequence` of a ping-pong of WRITEs, whose last byte is a number.
    void written(long sequence) {
        message(lane.inOffset(), sequence, 1);
    }

    /// Looks at the bytes that READ number `sequence` brought.
    void read(long sequence) {
        lane.bring(sequence);
        message(lane.outOffset(), sequence, 0);
    }

    private void message(long part, long sequence, int last) {
        long offset = lane.cycle().offset(sequence);
        long length = (long) lane.size() - last;
        MemorySegment arrived = lane.region().segment().asSlice(part + offset, length);
        MemorySegment expected = model.asSlice(offset, length);
        int slot = (int) (sequence % lane.cycle().slots());
        if (known[slot]) {
            long bad = arrived.mismatch(expected);
            if (bad >= 0) {
                throw new ToolException(
                        "message "
                                + sequence
                                + " on QPN 0x"
                                + Integer.toHexString(lane.own().queuePairNumber())
                                + " has a wrong byte at "
                                + bad);
            }
            checkedBytes += length;
        } else {
            expected.copyFrom(arrived);
            known[slot] = true;
        }
    }

    /// Looks at the old value that atomic number `sequence` brought. Nobody else writes to the
    /// peer's buffer, so it follows from those before.
    void oldValue(long sequence) {
        long value =
                lane.region()
                        .segment()
                        .get(ValueLayout.JAVA_LONG, lane.outOffset() + lane.resultOffset(sequence));
        int slot = (int) (sequence % lane.cycle().slots());
        if (known[slot] && value != words[slot]) {
            throw new ToolException(
                    "atomic " + sequence + " brought " + value + " instead of " + words[slot]);
        }
        checkedBytes += known[slot] ? Long.BYTES : 0;
        known[slot] = true;
        words[slot] = after(value, sequence / lane.cycle().slots());
    }

    private long after(long value, long round) {
        return switch (atomic) {
            case FETCH_AND_ADD -> value + ADDEND;
            case CMP_AND_SWAP -> value == round ? round + 1 : value;
        };
    }
}
