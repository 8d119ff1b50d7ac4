package org.softverbs.ulp.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.softverbs.cli.Softverbs;

/// `resources` and `counters` of a program in a process of its own, while it runs.
class ObservingTest {

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

    private static Process start(String... arguments) throws IOException {
        String classPath =
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path", ""));
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home", ""), "bin", "java").toString());
        command.addAll(
                List.of(
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        classPath,
                        "org.softverbs.cli.Softverbs"));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private static void awaitLine(Process process, String text) throws IOException {
        BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = lines.readLine();
        while (line != null && !line.contains(text)) {
            line = lines.readLine();
        }
        assertThat(line).isNotNull();
    }

    @Test
    void shouldShowWhatARunningProgramHasAndWhatItWaitsFor() throws Exception {
        Process server = start("rping", "-s", "-P", "--device", "rxe@127.7.6.1");
        try {
            awaitLine(server, "listening");
            Ended listening = run("resources --pid " + server.pid());
            assertThat(listening.code()).as(listening.err()).isZero();
            assertThat(listening.out())
                    .contains("rxe@127.7.6.1  pid " + server.pid() + "  softverbs rping -s -P")
                    .containsPattern("cm_id TCP {2}state LISTEN\\w* {2}.* port 7174");
            Ended pinged = run("rping -c -a 127.7.6.1 -C 20 --device rxe@127.7.6.2");
            assertThat(pinged.code()).as(pinged.err()).isZero();
            Ended counted = run("counters --qp --pid " + server.pid());
            assertThat(counted.code()).as(counted.err()).isZero();
            assertThat(counted.out())
                    .containsPattern("rdma_sends +40\\n")
                    .containsPattern("rdma_recvs +40\\n")
                    .containsPattern("duplicate_request +\\d+\\n")
                    .containsPattern("received_packets +[1-9]");
            Ended forPrograms = run("counters --json --pid " + server.pid());
            assertThat(forPrograms.out())
                    .startsWith("[{\"pid\":" + server.pid())
                    .contains("\"rxe\":{\"sent_pkts\":")
                    .hasLineCount(1);
        } finally {
            server.destroyForcibly().waitFor();
        }
    }

    @Test
    void shouldSayThatAProgramHasNoDevice() {
        Ended ended = run("resources --pid " + ProcessHandle.current().pid());
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err()).contains("has no device open");
    }
}
