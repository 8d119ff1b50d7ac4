package org.softverbs.cli;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.softverbs.soft.trace.TraceFile;
import org.softverbs.soft.trace.TraceKind;
import org.softverbs.soft.trace.TraceRecord;
import org.softverbs.soft.wire.packet.CapturedRoce;
import org.softverbs.soft.wire.packet.Octets;

/**
 * Makes a trace of a capture. Nodes get numbers in the order in which they send; times count from
 * the first packet, and a note says who each node is. When there are more nodes than a trace may
 * have, all the others share the last number.
 */
final class CaptureTrace {

    private final Consumer<TraceRecord> target;
    private final Map<Octets, Integer> nodes = new LinkedHashMap<>();
    private long start;
    private boolean crowded;

    /** {@code target} gets the records. */
    CaptureTrace(Consumer<TraceRecord> target) {
        this.target = target;
    }

    void add(long timestampNanos, CapturedRoce packet) {
        start = nodes.isEmpty() ? timestampNanos : start;
        int sender = number(packet.source(), timestampNanos - start);
        int receiver = number(packet.destination(), timestampNanos - start);
        target.accept(
                new TraceRecord(
                        timestampNanos - start,
                        TraceKind.SENT,
                        sender,
                        receiver,
                        "",
                        Octets.of(packet.datagram())));
    }

    private int number(byte[] address, long now) {
        Integer known = nodes.get(Octets.of(address));
        if (known != null) {
            return known;
        }
        int number = nodes.size() + 1;
        if (number < TraceFile.MOST_NODES) {
            nodes.put(Octets.of(address), number);
            note(number, DecodedLine.address(address), now);
        } else if (!crowded) {
            crowded = true;
            note(number, "all other nodes", now);
        }
        return number;
    }

    private void note(int number, String who, long now) {
        String text = "n" + number + " is " + who;
        target.accept(new TraceRecord(now, TraceKind.NOTE, number, 0, text, Octets.of()));
    }

    /** The number of each address, in their order. */
    Map<Octets, Integer> nodes() {
        return Collections.unmodifiableMap(nodes);
    }
}
