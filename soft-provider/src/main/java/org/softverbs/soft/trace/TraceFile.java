package org.softverbs.soft.trace;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.softverbs.soft.wire.packet.Octets;

/// A trace as text: a line that says so, then one line a record: nanoseconds, kind, node or
/// `n1>n2`, the packet in hex or `-`, and the text.
public final class TraceFile {

    /// The first line.
    public static final String HEADER = "#softverbs-trace 1";

    private static final int FIELDS = 5;

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

    /// Reads all records.
    ///
    /// @throws IOException when it is no trace, with the number of the line
    public static List<TraceRecord> read(BufferedReader in) throws IOException {
        if (!HEADER.equals(in.readLine())) {
            throw new IOException("line 1: not '" + HEADER + "'");
        }
        List<TraceRecord> records = new ArrayList<>();
        int number = 1;
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            number++;
            try {
                records.add(parse(line));
            } catch (IllegalArgumentException e) {
                throw new IOException("line " + number + ": " + e.getMessage(), e);
            }
        }
        return records;
    }

    private static TraceRecord parse(String line) {
        String[] fields = line.split(" ", FIELDS);
        if (fields.length < FIELDS) {
            throw new IllegalArgumentException("fewer than " + FIELDS + " fields");
        }
        String[] nodes = fields[2].split(">", 2);
        byte[] packet = fields[3].equals("-") ? new byte[0] : HexFormat.of().parseHex(fields[3]);
        return new TraceRecord(
                Long.parseLong(fields[0]),
                TraceKind.valueOf(fields[1]),
                node(nodes[0]),
                nodes.length == 1 ? 0 : node(nodes[1]),
                fields[4],
                Octets.of(packet));
    }

    private static int node(String name) {
        if (!name.matches("n\\d{1,6}")) {
            throw new IllegalArgumentException("'" + name + "' is no node: n1 is, or n1>n2");
        }
        return Integer.parseInt(name.substring(1));
    }
}
