package org.softverbs.ulp.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.cli.Softverbs;

/// `--record` of the commands that open devices, over UDP between loopback addresses.
class RecordTest {

    @TempDir private Path folder;

    /// How a command ended.
    private record Ended(int code, String out, String err) {}

    private static Ended run(String line) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code =
                Softverbs.run(
                        new PrintWriter(out, true),
                        new PrintWriter(err, true),
                        line.split(" +", -1));
        return new Ended(code, out.toString(), err.toString());
    }

    private String file(String name) {
        return folder.resolve(name).toString();
    }

    private static String good(String line) {
        Ended ended = run(line);
        assertThat(ended.code()).as(line + ": " + ended.err()).isZero();
        return ended.out();
    }

    /// A ladder of a trace, with its packets in both directions and its completions.
    private String ladder(String name) {
        String ladder = good("trace " + file(name));
        assertThat(ladder)
                .contains("n1 is rxe@127.7.")
                .containsPattern("\\|-+ \\w+ psn \\d+.*->\\|")
                .containsPattern("\\|< \\w+ psn \\d+")
                .contains("post qp ")
                .contains("done qp ");
        return ladder;
    }

    /// Runs a command as server and as client, both recorded.
    private void runBoth(String command, String left, String right, int port) throws Exception {
        String common = command + " -p " + port + " --device rxe@";
        CompletableFuture<Ended> server =
                CompletableFuture.supplyAsync(
                        () -> run(common + left + " --record " + file("server.trace")));
        good(common + right + " --record " + file("client.trace") + " 127.0.0.1");
        assertThat(server.get(60, TimeUnit.SECONDS).code()).isZero();
        ladder("server.trace");
        ladder("client.trace");
    }

    @Test
    void shouldRecordTheActiveNodeOfTheDemo() {
        good("demo --device rxe@127.7.0.1 --peer rxe@127.7.0.2 --record " + file("demo.trace"));
        assertThat(ladder("demo.trace"))
                .contains("n2 is ::ffff:127.7.0.2")
                .contains("COMPARE_SWAP")
                .contains("ATOMIC_ACKNOWLEDGE")
                .contains("REM_INV_REQ_ERR: ");
    }

    @Test
    void shouldRecordBothRolesOfAPingpong() throws Exception {
        runBoth("rc-pingpong -n 10", "127.7.0.3", "127.7.0.4", 18_951);
    }

    @Test
    void shouldRecordBothRolesOfAMeasurement() throws Exception {
        runBoth("perf write-lat -n 10", "127.7.0.5", "127.7.0.6", 18_952);
    }

    @Test
    void shouldRecordTheTargetOfAStore() {
        String devices = "--device rxe@127.7.0.7 --peer rxe@127.7.0.8";
        good("store verify -n 20 " + devices + " --record " + file("store.trace"));
        ladder("store.trace");
    }

    @Test
    void shouldRecordThatNothingIsSentByACommandThatOnlyAsks() {
        good("devinfo --device rxe@127.7.0.9 --record " + file("devinfo.trace"));
        assertThat(good("trace " + file("devinfo.trace")))
                .contains("n1 is rxe@127.7.0.9")
                .doesNotContain("->");
        good("devices --record " + file("devices.trace"));
        assertThat(good("trace " + file("devices.trace")).lines()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "demo",
                "rc-pingpong",
                "perf",
                "store serve",
                "store bench",
                "store verify",
                "devices",
                "devinfo"
            })
    void shouldTellOfTheOption(String command) {
        assertThat(good(command + " --help")).contains("--record=FILE").contains("trace");
    }

    @ParameterizedTest
    @ValueSource(strings = {"demo --device rxe@127.7.0.10", "devices"})
    void shouldNameTheOptionWhoseFileCannotBeWritten(String line) {
        Ended ended = run(line + " --record " + file("missing/x"));
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err()).contains("record").contains("missing/x cannot be written");
    }

    /// What is in the buffer is written when somebody ends the command.
    @Test
    void shouldKeepTheTraceAndTheCaptureOfACommandThatIsInterrupted() throws Exception {
        Path trace = folder.resolve("x.trace");
        Path capture = folder.resolve("x.pcap");
        Process server =
                new ProcessBuilder(
                                List.of(
                                        Path.of(System.getProperty("java.home"), "bin", "java")
                                                .toString(),
                                        "--enable-native-access=ALL-UNNAMED",
                                        "-cp",
                                        classPath(),
                                        Softverbs.class.getName(),
                                        "rc-pingpong",
                                        "-p",
                                        "18953",
                                        "--device",
                                        "rxe@127.7.0.11",
                                        "--pcap",
                                        capture.toString(),
                                        "--record",
                                        trace.toString()))
                        .redirectErrorStream(true)
                        .start();
        try (BufferedReader out =
                new BufferedReader(
                        new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8))) {
            String said = String.valueOf(out.readLine());
            while (said.startsWith("WARNING")) {
                said = String.valueOf(out.readLine());
            }
            assertThat(said).contains("local address");
            server.destroy();
            assertThat(server.waitFor(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            server.destroyForcibly();
        }
        assertThat(good("trace " + trace)).contains("n1 is rxe@127.7.0.11").contains(" is in INIT");
        // More than a buffer has room for, and all of them there.
        assertThat(Files.readAllLines(trace).stream().filter(line -> line.contains(" POSTED ")))
                .hasSize(500);
        assertThat(good("decode --json " + capture)).contains("\"packets\":0");
    }

    private static String classPath() {
        return System.getProperty("java.class.path")
                + File.pathSeparator
                + System.getProperty("surefire.test.class.path", "");
    }
}
