package org.softverbs.sim;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
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
        String place =
                record.peer() == 0
                        ? "n" + record.node()
                        : "n" + record.node() + ">n" + record.peer();
        String packet = record.packet().length() == 0 ? "-" : record.packet().toString();
        out.printf(
                Locale.ROOT,
                "%d %s %s %s %s%n",
                record.nanos(),
                record.kind(),
                place,
                packet,
                record.text());
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
        boolean path = fields[2].contains(">");
        boolean nowhere = fields[2].equals("n0");
        Place place = nowhere ? Place.node(1) : Place.parse(fields[2]);
        byte[] packet = fields[3].equals("-") ? new byte[0] : HexFormat.of().parseHex(fields[3]);
        return new TraceRecord(
                Long.parseLong(fields[0]),
                TraceKind.valueOf(fields[1]),
                nowhere ? 0 : place.from(),
                path ? place.to() : 0,
                fields[4],
                Octets.of(packet));
    }
}
