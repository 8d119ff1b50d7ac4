package org.softverbs.sim;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.softverbs.soft.trace.TraceKind;
import org.softverbs.soft.trace.TraceRecord;
import org.softverbs.soft.wire.packet.Octets;

/// What happened in a world, in order: always as a hash, and line by line when it is kept. The same
/// seed gives the same trace in every JVM.
public final class Trace {

    private static final Octets NO_PACKET = Octets.of();

    private final VirtualClock clock;
    private final boolean kept;
    private final List<TraceRecord> records = new ArrayList<>();
    private long hash;
    private long count;

    Trace(VirtualClock clock, boolean kept) {
        this.clock = clock;
        this.kept = kept;
    }

    /// Whether lines are kept; texts need not be made otherwise.
    public boolean isKept() {
        return kept;
    }

    /// Adds a line.
    ///
    /// @param kind what happened
    /// @param node at which node, from 1; 0 for none
    /// @param first a number that tells it from others
    /// @param second another
    /// @param text for who reads it; may be empty when the trace is not kept
    public void add(TraceKind kind, int node, long first, long second, String text) {
        add(kind, node, 0, first, second);
        if (kept) {
            records.add(new TraceRecord(clock.nanoTime(), kind, node, 0, text, NO_PACKET));
        }
    }

    void add(TraceKind kind, int node, int peer, WirePacket packet, String text) {
        int icrc = packet.bytes.getInt(packet.length - Integer.BYTES);
        // The ICRC is a hash of all the bytes before it, made anyway; a damaged packet's is not.
        long head = packet.bytes.getLong(0) ^ packet.bytes.getInt(8);
        add(kind, node, peer, head, (long) packet.length << 32 ^ icrc);
        if (kept) {
            records.add(new TraceRecord(clock.nanoTime(), kind, node, peer, text, packet.octets()));
        }
    }

    @SuppressWarnings("EnumOrdinal")
    private void add(TraceKind kind, int node, int peer, long first, long second) {
        count++;
        long what = (long) kind.ordinal() << 16 | (long) node << 8 | peer;
        long sum = StableHash.add(hash, clock.nanoTime());
        sum = StableHash.add(sum, what);
        sum = StableHash.add(sum, first);
        hash = StableHash.add(sum, second);
    }

    /// Hash of all lines so far.
    public long hash() {
        return hash;
    }

    /// Lines so far, kept or not.
    public long count() {
        return count;
    }

    /// The lines that were kept.
    public List<TraceRecord> records() {
        return Collections.unmodifiableList(records);
    }
}
