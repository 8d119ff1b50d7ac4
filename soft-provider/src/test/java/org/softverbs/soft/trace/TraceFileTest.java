package org.softverbs.soft.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.soft.wire.packet.Octets;

/// What is a trace, and what is said of what is none.
class TraceFileTest {

    private static final String WHOLE = "5 NOTE n1 - first\n7 SENT n1>n2 aabb \n";

    private static List<TraceRecord> read(String lines) throws IOException {
        return TraceFile.read(
                new BufferedReader(new StringReader(TraceFile.HEADER + "\n" + lines)));
    }

    private static String draw(List<TraceRecord> records) {
        StringWriter out = new StringWriter();
        new Ladder(new PrintWriter(out, true), Ladder.nodesOf(records)).print(records);
        return out.toString();
    }

    @Test
    void shouldReadWhatItWrites() throws IOException {
        List<TraceRecord> records =
                List.of(
                        new TraceRecord(1, TraceKind.SENT, 1, 2, "", Octets.of((byte) 1)),
                        new TraceRecord(2, TraceKind.BAD_ICRC, 1, 0, "", Octets.of()),
                        new TraceRecord(3, TraceKind.LOST, 258, 1, "by a fault", Octets.of()));
        StringBuilder lines = new StringBuilder();
        records.forEach(record -> lines.append(TraceFile.line(record)).append('\n'));
        assertThat(read(lines.toString())).isEqualTo(records);
    }

    @ParameterizedTest
    @ValueSource(strings = {"9", "9 NO", "9 NOTE n", "9 NOTE n1 - half a te", "9 SENT n1>n2 aab"})
    void shouldReadANoteForALastLineThatIsNotWhole(String cut) throws IOException {
        List<TraceRecord> records = read(WHOLE + cut);
        assertThat(records).hasSize(3).startsWith(read(WHOLE).toArray(TraceRecord[]::new));
        assertThat(records.getLast().kind()).isEqualTo(TraceKind.NOTE);
        assertThat(records.getLast().text()).isEqualTo(TraceFile.CUT);
        assertThat(draw(records)).contains("note " + TraceFile.CUT);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 SENT n1 - x          | SENT needs nodes from n1: n1>n0",
                "0 ARRIVED n0>n1 - x    | ARRIVED needs nodes from n1: n0>n1",
                "0 BAD_ICRC n0 - x      | BAD_ICRC needs nodes from n1",
                "0 NOTE n999999 - x     | node n999999 is above n258",
                "0 NOTE n1>n259 - x     | node n259 is above n258",
                "0 NOTE node - x        | 'node' is no node",
                "0 NOPE n1 - x          | 'NOPE' is none of [SENT, ARRIVED, LOST",
                "0 NOTE n1 abc x        | length not even: 3",
                "0 NOTE n1              | fewer than 5 fields"
            })
    void shouldSayWhatIsWrongWithALine(String line, String sentence) {
        assertThatThrownBy(() -> read(WHOLE + line + "\n"))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("line 4: ")
                .hasMessageContaining(sentence)
                .hasMessageNotContaining("enum");
    }

    @Test
    void shouldEndAtItsLimitAndSaySo(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("long.trace");
        TraceRecord one = new TraceRecord(1, TraceKind.NOTE, 1, 0, "a flood", Octets.of());
        try (TraceWriter writer = TraceWriter.create(file, 2000)) {
            for (int i = 0; i < 1_000_000; i++) {
                writer.write(one);
            }
        }
        assertThat(Files.size(file)).isBetween(2000L, 2200L);
        try (BufferedReader in = Files.newBufferedReader(file)) {
            List<TraceRecord> records = TraceFile.read(in);
            assertThat(records.getLast().text())
                    .isEqualTo("the trace ends here, at its limit of 2000 characters");
            assertThat(records.subList(0, records.size() - 1)).containsOnly(one);
        }
    }

    @Test
    void shouldDrawWhateverItReads() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (TraceKind kind : TraceKind.values()) {
            for (String nodes : List.of("n1>n2", "n2>n1", "n3>n3", "n1>n258")) {
                lines.append("1 ").append(kind).append(' ').append(nodes).append(" 0102 x\n");
                lines.append("1 ").append(kind).append(' ').append(nodes).append(" - x\n");
            }
        }
        for (TraceKind kind : List.of(TraceKind.LOST, TraceKind.NOTE, TraceKind.TIMER)) {
            lines.append("1 ").append(kind).append(" n0 - x\n");
        }
        assertThat(draw(read(lines.toString())).lines()).hasSize(TraceKind.values().length * 8 + 4);
    }
}
