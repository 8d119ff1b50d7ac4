package org.softverbs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.soft.trace.TraceFile;
import org.softverbs.soft.trace.TraceKind;
import org.softverbs.soft.trace.TraceRecord;
import org.softverbs.soft.wire.packet.CapturedRoce;
import org.softverbs.soft.wire.packet.Octets;
import org.softverbs.soft.wire.pcap.PcapReader;
import org.softverbs.soft.wire.pcap.PcapRecord;

/// `--record` of the commands that open no device.
class RecordTest {

    private static final Path CAPTURE = Path.of("src/test/resources/pcap/rxe4_loss_send.pcap");

    private static final String EXPLAIN = "explain dma --device hca --sgl 4096,4096";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir private Path folder;

    private int run(String... line) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return Softverbs.run(new PrintWriter(out, true), new PrintWriter(err, true), line);
    }

    private List<TraceRecord> recorded(String... line) throws IOException {
        Path trace = folder.resolve("x.trace");
        String[] all = new String[line.length + 2];
        System.arraycopy(line, 0, all, 0, line.length);
        all[line.length] = "--record";
        all[line.length + 1] = trace.toString();
        assertThat(run(all)).as(err.toString()).isZero();
        try (BufferedReader in = Files.newBufferedReader(trace)) {
            return TraceFile.read(in);
        }
    }

    private static List<Octets> packets(List<TraceRecord> records) {
        return records.stream()
                .map(TraceRecord::packet)
                .filter(packet -> packet.length() > 0)
                .toList();
    }

    @Test
    void shouldRecordThePacketsOfACaptureThatIsDecoded() throws IOException {
        List<TraceRecord> records = recorded("decode", "--json", CAPTURE.toString());
        try (PcapReader reader = PcapReader.open(CAPTURE)) {
            List<Octets> packets = packets(records);
            int roce = 0;
            for (PcapRecord next = reader.next(); next != null; next = reader.next()) {
                CapturedRoce captured = CapturedRoce.find(next);
                if (captured != null) {
                    assertThat(packets.get(roce)).isEqualTo(Octets.of(captured.datagram()));
                    roce++;
                }
            }
            assertThat(packets).hasSize(roce).hasSizeGreaterThan(10);
        }
        assertThat(run("trace", folder.resolve("x.trace").toString())).isZero();
        assertThat(out.toString()).contains("n1 is 10.").contains("n2 is 10.").contains("SEND_");
    }

    @Test
    void shouldMakeATraceOfACaptureThatIsDrawn() throws IOException {
        List<TraceRecord> decoded = recorded("decode", "--json", CAPTURE.toString());
        assertThat(recorded("trace", CAPTURE.toString())).isEqualTo(decoded);
    }

    @Test
    void shouldRecordWhatAPacketScriptDoes() throws IOException {
        Path script =
                Files.writeString(
                        folder.resolve("a.rpkt"),
                        """
                        # A message each way.
                        post send id=1 bytes=8
                        > SEND_ONLY psn=100
                        +5us
                        < ACKNOWLEDGE psn=100
                        = send id=1
                        """);
        List<TraceRecord> records = recorded("rpkt", script.toString());
        assertThat(records.stream().map(TraceRecord::kind))
                .containsExactly(
                        TraceKind.NOTE,
                        TraceKind.POSTED,
                        TraceKind.SENT,
                        TraceKind.ARRIVED,
                        TraceKind.COMPLETED);
        assertThat(records.getLast().nanos()).isEqualTo(5000);
        assertThat(run("trace", folder.resolve("x.trace").toString())).isZero();
        assertThat(out.toString())
                .contains("a.rpkt")
                .containsPattern("-- SEND_ONLY psn 100 \\+8 A -+>")
                .containsPattern("<.*ACKNOWLEDGE psn 100")
                .contains("done send id=1 SUCCESS");
    }

    @Test
    void shouldLeaveATraceOfWholeLinesWhenTheCommandIsInterrupted() throws Exception {
        Path script =
                Files.writeString(
                        folder.resolve("long.rpkt"),
                        """
                        # For ever, nearly.
                        repeat 2^20
                          post send id=i bytes=8
                          > SEND_ONLY psn=100+i
                          < ACKNOWLEDGE psn=100+i
                          = send id=i
                        end
                        """);
        Path trace = folder.resolve("x.trace");
        Process command =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Softverbs.class.getName(),
                                "rpkt",
                                script.toString(),
                                "--record",
                                trace.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try {
            while (command.isAlive() && (!Files.exists(trace) || Files.size(trace) < 100_000)) {
                Thread.onSpinWait();
            }
            assertThat(command.isAlive()).isTrue();
        } finally {
            command.destroy();
        }
        command.waitFor();
        assertThat(Files.readString(trace)).endsWith("\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                EXPLAIN,
                "explain rw --device siw --direction read --sgl 4096,4096",
            })
    void shouldMakeATraceWithoutPacketsWhereThereAreNone(String line) throws IOException {
        assertThat(recorded(line.split(" ", -1))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"decode FILE", "trace FILE", "rpkt FILE", EXPLAIN})
    void shouldNameTheOptionWhoseFileCannotBeWritten(String line) {
        String file = folder.resolve("missing").resolve("x").toString();
        String command = line.replace("FILE", CAPTURE.toString()) + " --record " + file;
        assertThat(run(command.split(" ", -1))).isEqualTo(1);
        assertThat(err.toString()).contains("--record " + file + ": no such file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"decode", "rpkt", "trace", "simulate", "explain dma", "explain rw"})
    void shouldTellOfTheOption(String command) {
        assertThat(run((command + " --help").split(" ", -1))).isZero();
        assertThat(out.toString()).contains("--record=FILE").contains("trace");
    }
}
