package org.softverbs.soft.trace;

import java.io.PrintWriter;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Locale;
import org.softverbs.soft.wire.packet.Bth;
import org.softverbs.soft.wire.packet.Extension;
import org.softverbs.soft.wire.packet.RocePacket;
import org.softverbs.soft.wire.roce.AckSyndrome;

/// Draws a trace as a ladder: a column for each node, time downwards, packets as arrows when they
/// leave and as arrow heads when they arrive.
public final class Ladder {

    private static final int WIDTH = 50;
    private static final int TIME = 14;
    private static final double NANOS_PER_MICRO = 1000;

    private final PrintWriter out;
    private final int nodes;
    private final String rails;

    /// @param nodes columns
    public Ladder(PrintWriter out, int nodes) {
        this.out = out;
        this.nodes = nodes;
        StringBuilder line = new StringBuilder(" ".repeat(column(nodes) + 1));
        for (int node = 1; node <= nodes; node++) {
            line.setCharAt(column(node), '|');
        }
        this.rails = line.toString();
    }

    /// The highest node that records name; 1 when they name none.
    public static int nodesOf(List<TraceRecord> records) {
        int nodes = 1;
        for (TraceRecord record : records) {
            nodes = Math.max(nodes, Math.max(record.node(), record.peer()));
        }
        return nodes;
    }

    private static int column(int node) {
        return TIME + 2 + (node - 1) * WIDTH;
    }

    /// Prints the heads of the columns and all lines.
    public void print(List<TraceRecord> records) {
        StringBuilder head = new StringBuilder(rails.replace('|', ' '));
        head.append("  ");
        for (int node = 1; node <= nodes; node++) {
            head.replace(column(node) - 1, column(node) + 1, "n" + node);
        }
        out.printf("%" + TIME + "s%s%n", "microseconds", head.substring(TIME).stripTrailing());
        records.forEach(this::print);
    }

    private void print(TraceRecord record) {
        String line =
                switch (record.kind()) {
                    case SENT -> arrow(record, describe(record));
                    case ARRIVED -> arrival(record, describe(record));
                    case BAD_ICRC -> arrival(record, "wrong ICRC, dropped");
                    case LOST -> beside(record, "X " + describe(record) + ": " + record.text());
                    case POSTED -> beside(record, "post " + record.text());
                    case COMPLETED -> beside(record, "done " + record.text());
                    case EVENT, FAULT, NOTE ->
                            beside(
                                    record,
                                    record.kind().name().toLowerCase(Locale.ROOT)
                                            + " "
                                            + record.text());
                    case TIMER -> beside(record, "timer");
                };
        double micros = record.nanos() / NANOS_PER_MICRO;
        out.printf(
                Locale.ROOT, "%" + TIME + ".3f%s%n", micros, line.substring(TIME).stripTrailing());
    }

    /// A line from one column to another, with words on it.
    private String arrow(TraceRecord record, String words) {
        StringBuilder line = new StringBuilder(rails);
        boolean right = record.peer() > record.node();
        int from = column(Math.min(record.node(), record.peer())) + 1;
        int to = column(Math.max(record.node(), record.peer())) - 1;
        for (int i = from; i <= to; i++) {
            line.setCharAt(i, '-');
        }
        line.setCharAt(right ? to : from, right ? '>' : '<');
        // Words stand next to the node that sends.
        int start = right ? from + 2 : column(record.node()) - words.length() - 3;
        int at = Math.max(from + 1, start);
        String shown = " " + words + " ";
        int end = Math.min(at + shown.length(), to);
        if (end > at) {
            line.replace(at, end, shown.substring(0, end - at));
        }
        return line.toString();
    }

    private String arrival(TraceRecord record, String words) {
        boolean fromLeft = record.peer() < record.node();
        int at = column(record.node());
        StringBuilder line = new StringBuilder(rails);
        if (fromLeft) {
            line.setCharAt(at - 1, '>');
            return put(line, at + 2, words);
        }
        line.setCharAt(at + 1, '<');
        return put(line, at + 3, words);
    }

    private String beside(TraceRecord record, String words) {
        int node = Math.max(record.node(), 1);
        return put(new StringBuilder(rails), column(node) + 2, words);
    }

    private static String put(StringBuilder line, int at, String words) {
        int end = at + words.length();
        if (line.length() < end) {
            line.append(" ".repeat(end - line.length()));
        }
        line.replace(at, end, words);
        return line.toString();
    }

    private static String describe(TraceRecord record) {
        byte[] bytes = record.packet().toArray();
        MemorySegment segment = MemorySegment.ofArray(bytes);
        return switch (RocePacket.parse(segment, 0, bytes.length)) {
            case RocePacket.Refused refused -> "no packet: " + refused.fault();
            case RocePacket.Accepted accepted -> describe(accepted.packet());
        };
    }

    private static String describe(RocePacket packet) {
        Bth bth = packet.bth();
        StringBuilder words = new StringBuilder();
        words.append(bth.opcode().name().substring("RC_".length()));
        words.append(" psn ").append(bth.psn());
        for (Extension extension : packet.extensions()) {
            if (extension instanceof Extension.Aeth aeth && !AckSyndrome.isAck(aeth.syndrome())) {
                words.append(' ').append(AckSyndrome.describe(aeth.syndrome()));
            } else if (extension instanceof Extension.Reth reth) {
                words.append(" of ").append(reth.dmaLength());
            }
        }
        if (packet.payload().length() > 0) {
            words.append(" +").append(packet.payload().length());
        }
        return words.append(bth.ackRequest() ? " A" : "").toString();
    }
}
