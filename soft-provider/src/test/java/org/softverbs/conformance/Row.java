package org.softverbs.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// A row of the table.
///
/// @param id as tests carry it
/// @param source the file of the suite it comes from
/// @param name the case there
/// @param tier 1 and 2 are to be decided; 3 and N are not for this device
/// @param semantic what must hold
record Row(String id, String source, String name, String tier, String semantic) {

    private static final String TABLE = "/conformance/verbs-semantics.tsv";
    private static final String NOT_APPLICABLE = "/conformance/not-applicable.tsv";

    /// Whether the report must decide it.
    boolean isRequired() {
        return tier.equals("1") || tier.equals("2");
    }

    /// All rows by id, in the table's order.
    static Map<String, Row> table() {
        Map<String, Row> rows = new LinkedHashMap<>();
        for (String[] cells : cells(TABLE, 5)) {
            Row row = new Row(cells[0], cells[1], cells[2], cells[3], cells[4]);
            if (rows.put(row.id(), row) != null) {
                throw new IllegalStateException(row.id() + " stands in the table twice");
            }
        }
        return rows;
    }

    /// Why rows are not applicable, by id.
    static Map<String, String> notApplicable() {
        Map<String, String> reasons = new LinkedHashMap<>();
        cells(NOT_APPLICABLE, 2).forEach(cells -> reasons.put(cells[0], cells[1]));
        return reasons;
    }

    /// Of the table's bytes, in hexadecimal digits.
    static String sha256OfTable() {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes(TABLE)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static List<String[]> cells(String resource, int width) {
        return new String(bytes(resource), StandardCharsets.UTF_8)
                .lines()
                .skip(1)
                .map(line -> split(resource, line, width))
                .toList();
    }

    private static String[] split(String resource, String line, int width) {
        String[] cells = line.split("\t", -1);
        if (cells.length != width) {
            throw new IllegalStateException(resource + " has a line of other cells: " + line);
        }
        return cells;
    }

    private static byte[] bytes(String resource) {
        try (InputStream in = Row.class.getResourceAsStream(resource)) {
            return Objects.requireNonNull(in, resource).readAllBytes();
        } catch (IOException e) {
            throw new IllegalStateException(resource + " cannot be read", e);
        }
    }
}
