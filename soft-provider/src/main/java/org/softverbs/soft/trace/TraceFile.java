package org.softverbs.soft.trace;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.softverbs.soft.wire.packet.Octets;

/// A trace as text: a line that says so, then one line a record: nanoseconds, kind, node or
/// `n1>n2`, the packet in hex or `-`, and the text.
public final class TraceFile {

    /// The first line.
    public static final String HEADER = "#softverbs-trace 1";

    /// The highest number of a node.
    public static final int MOST_NODES = 258;

    /// What is read in place of a last line that is not whole.
    static final String CUT = "the trace is cut here, in the middle of a line";

    private static final int FIELDS = 5;
    private static final Octets NO_PACKET = Octets.of();

    private TraceFile() {}

    /// Writes the first line.
    public static void begin(PrintWriter out) {
        out.println(HEADER);
    }

    /// Writes one record.
    public static void write(PrintWriter out, TraceRecord record) {
        out.println(line(record));
    }

    /// A record as a line.
    static String line(TraceRecord record) {
        StringBuilder line = new StringBuilder(64 + 2 * record.packet().length());
        line.append(record.nanos()).append(' ').append(record.kind()).append(" n");
        line.append(record.node());
        if (record.peer() != 0) {
            line.append(">n").append(record.peer());
        }
        line.append(' ').append(record.packet().length() == 0 ? "-" : record.packet());
        return line.append(' ').append(record.text()).toString();
    }

    /// Reads all records. For a last line without an end, as a writer that dies leaves it, a note
    /// is read.
    ///
    /// @throws IOException when it is no trace, with the number of the line
    public static List<TraceRecord> read(BufferedReader in) throws IOException {
        if (!HEADER.equals(in.readLine())) {
            throw new IOException("line 1: not '" + HEADER + "'");
        }
        List<TraceRecord> records = new ArrayList<>();
        int number = 1;
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next >= 0; next = in.read()) {
            if (next != '\n') {
                line.append((char) next);
                continue;
            }
            if (!line.isEmpty() && line.charAt(line.length() - 1) == '\r') {
                line.setLength(line.length() - 1);
            }
            number++;
            try {
                records.add(parse(line.toString()));
            } catch (IllegalArgumentException e) {
                throw new IOException("line " + number + ": " + e.getMessage(), e);
            }
            line.setLength(0);
        }
        if (!line.isEmpty()) {
            long last = records.isEmpty() ? 0 : records.getLast().nanos();
            records.add(new TraceRecord(last, TraceKind.NOTE, 0, 0, CUT, NO_PACKET));
        }
        return records;
    }

    private static TraceRecord parse(String line) {
        String[] fields = line.split(" ", FIELDS);
        if (fields.length < FIELDS) {
            throw new IllegalArgumentException("fewer than " + FIELDS + " fields");
        }
        TraceKind kind = kind(fields[1]);
        String[] nodes = fields[2].split(">", 2);
        int node = node(nodes[0]);
        int peer = nodes.length == 1 ? 0 : node(nodes[1]);
        requireNodes(kind, node, peer);
        byte[] packet = fields[3].equals("-") ? new byte[0] : HexFormat.of().parseHex(fields[3]);
        return new TraceRecord(
                Long.parseLong(fields[0]), kind, node, peer, fields[4], Octets.of(packet));
    }

    private static TraceKind kind(String name) {
        for (TraceKind kind : TraceKind.values()) {
            if (kind.name().equals(name)) {
                return kind;
            }
        }
        throw new IllegalArgumentException(
                "'" + name + "' is none of " + Arrays.toString(TraceKind.values()));
    }

    /// What is drawn in the column of a node needs one.
    private static void requireNodes(TraceKind kind, int node, int peer) {
        boolean complete =
                switch (kind) {
                    case SENT, ARRIVED -> node > 0 && peer > 0;
                    case BAD_ICRC -> node > 0;
                    case LOST, FAULT, POSTED, COMPLETED, EVENT, TIMER, NOTE -> true;
                };
        if (!complete) {
            throw new IllegalArgumentException(
                    kind + " needs nodes from n1: n" + node + ">n" + peer);
        }
    }

    private static int node(String name) {
        if (!name.matches("n\\d{1,6}")) {
            throw new IllegalArgumentException("'" + name + "' is no node: n1 is, or n1>n2");
        }
        int node = Integer.parseInt(name.substring(1));
        if (node > MOST_NODES) {
            throw new IllegalArgumentException(
                    "node " + name + " is above n" + MOST_NODES + ", the highest there is");
        }
        return node;
    }
}
