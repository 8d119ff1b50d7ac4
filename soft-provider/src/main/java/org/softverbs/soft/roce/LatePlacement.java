package org.softverbs.soft.roce;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.softverbs.soft.packet.RunList;
import org.softverbs.soft.qp.TransportEngine;

/// The first packet of a WRITE that is placed later than what came behind it: one at a time, into
/// memory with relaxed ordering. Until it lands nobody was told that the WRITE is there but its
/// requester.
///
/// It lands before a receive completes, before another operation is carried out, before memory or
/// keys change hands, and [#DELAY_NANOS] after it came at the latest.
final class LatePlacement {

    /// How long it may take at most, in nanoseconds.
    static final long DELAY_NANOS = 20_000;

    private static final int LONGEST = 4096;

    private final MemorySegment bytes = Arena.ofAuto().allocate(LONGEST, Long.BYTES);
    private final RunList held = new RunList();
    private final RunList target = new RunList();
    private long deadline = TransportEngine.NO_DEADLINE;

    boolean isHolding() {
        return held.count() > 0;
    }

    /// When it lands, or [TransportEngine#NO_DEADLINE].
    long deadline() {
        return deadline;
    }

    /// Keeps the bytes of a packet; only when none are kept.
    ///
    /// @return false when the memory of the packet is gone
    boolean hold(RunList payload, RunList where, long nowNanos) {
        if (!payload.copyTo(bytes, 0)) {
            return false;
        }
        held.add(bytes, 0, payload.total());
        target.set(where);
        deadline = nowNanos + DELAY_NANOS;
        return true;
    }

    /// Whether bytes are kept for some of the same place.
    boolean meets(RunList where) {
        for (int i = 0; i < where.count(); i++) {
            MemorySegment part = where.segment(i).asSlice(where.offset(i), where.length(i));
            for (int j = 0; j < target.count(); j++) {
                MemorySegment own = target.segment(j).asSlice(target.offset(j), target.length(j));
                if (part.asOverlappingSlice(own).isPresent()) {
                    return true;
                }
            }
        }
        return false;
    }

    /// Places what is kept, if anything is. Bytes whose memory is gone are dropped.
    void land() {
        if (isHolding()) {
            held.copyTo(target);
            forget();
        }
    }

    private void forget() {
        held.clear();
        target.clear();
        deadline = TransportEngine.NO_DEADLINE;
    }

    /// Places it when it is due.
    void onTimer(long nowNanos) {
        if (deadline <= nowNanos) {
            land();
        }
    }
}
