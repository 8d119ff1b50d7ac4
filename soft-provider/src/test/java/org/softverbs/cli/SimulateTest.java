package org.softverbs.cli;

import static org.assertj.core.api.Assertions.assertThat;

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

/// `softverbs simulate` and `softverbs trace`.
class SimulateTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... line) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return Softverbs.run(new PrintWriter(out, true), new PrintWriter(err, true), line);
    }

    private int simulate(String options) {
        return run(("simulate " + options).split(" +", -1));
    }

    @Test
    void shouldPrintOneObjectThatDoesNotDependOnThreads() {
        assertThat(simulate("--scenario rc --seeds 6 --json --threads 1")).isZero();
        String one = withoutRates();
        assertThat(one)
                .startsWith("{\"scenario\":\"rc\",")
                .contains("\"seeds\":6,\"violations\":0,")
                .contains("\"faults\":{\"LOSS\":")
                .endsWith("\"failure\":null}");
        assertThat(simulate("--scenario rc --seeds 6 --json --threads 3")).isZero();
        assertThat(withoutRates()).isEqualTo(one);
    }

    private String withoutRates() {
        return out.toString().strip().replaceAll("\"(events|seeds)PerSecond\":\\d+,", "");
    }

    @Test
    void shouldCountRunsOfAllScenarios() {
        assertThat(simulate("--seeds 1 --from 77 --json")).isZero();
        assertThat(out.toString()).contains("\"scenario\":\"all\",\"from\":77,");
        assertThat(simulate("--seeds 1 --from 77")).isZero();
        assertThat(out.toString()).contains("No invariant was broken.").contains("trace hash ");
    }

    @Test
    void shouldTakeAnotherNumberOfNodes() {
        assertThat(simulate("--seeds 1 --scenario rc --nodes 4 --json")).isZero();
        String four = out.toString();
        assertThat(simulate("--seeds 1 --scenario rc --nodes 2 --json")).isZero();
        assertThat(out.toString()).isNotEqualTo(four);
    }

    @Test
    void shouldLeaveOutScenariosThatCannotHaveSoManyNodes() {
        assertThat(simulate("--seeds 1 --nodes 3")).isZero();
        assertThat(err.toString())
                .contains("--nodes 3: rw has 2 to 16 in steps of 2; it is left out")
                .contains("--nodes 3: mixed has 4 to 16; it is left out");
        assertThat(out.toString()).startsWith("8 runs, 0 violations");
    }

    @ParameterizedTest
    @ValueSource(strings = {"mixed", "rw", "dma", "rc"})
    void shouldDrawAColumnForEachNode(String scenario) {
        assertThat(simulate("--replay 1 --nodes 6 --scenario " + scenario)).isZero();
        assertThat(out.toString().lines().findFirst().orElseThrow())
                .contains("n6")
                .doesNotContain("n7");
    }

    @Test
    void shouldSayWhichLinesOfAPlanDidNotHappen(@TempDir Path directory) throws IOException {
        Path plan = directory.resolve("plan.txt");
        Files.writeString(plan, "LOSS n1>n2 #1\nLOSS n1>n9 #1\nRESTART n7 #1\nIOMMU_FAULT n1 #1\n");
        assertThat(simulate("--scenario rc --replay 5 --plan " + plan)).isZero();
        assertThat(out.toString().lines().filter(line -> line.startsWith("did not happen: ")))
                .containsExactly(
                        "did not happen: LOSS n1>n9 #1",
                        "did not happen: RESTART n7 #1",
                        "did not happen: IOMMU_FAULT n1 #1");
    }

    @Test
    void shouldTellTheOtherJvmWhoseClassesItRuns() {
        List<String> command =
                SourceTree.command(
                        Path.of("tree"),
                        Path.of("classes"),
                        List.of("simulate", "--source", "tree", "--nodes", "3"));
        assertThat(command)
                .contains("-Dsoftverbs.source=tree", "--nodes")
                .doesNotContain("--source");
    }

    @Test
    void shouldDrawAReplayAndItsRecordAlike(@TempDir Path directory) throws IOException {
        Path trace = directory.resolve("trace.txt");
        String options = "--scenario rc --replay 5 --record " + trace;
        assertThat(simulate(options)).isZero();
        List<String> ladder = out.toString().lines().toList();
        assertThat(ladder.getFirst()).contains("n1").contains("n2");
        assertThat(ladder).anyMatch(line -> line.contains("READ_REQUEST psn"));
        assertThat(ladder.getLast()).isEqualTo("No invariant was broken.");
        assertThat(run("trace", trace.toString())).isZero();
        assertThat(out.toString().lines().toList()).isEqualTo(ladder.subList(0, ladder.size() - 2));
    }

    @Test
    void shouldReplayWithAPlanOfOnesOwn(@TempDir Path directory) throws IOException {
        Path plan = directory.resolve("plan.txt");
        Files.writeString(plan, "# the first packet\nLOSS n1>n2 #1\n");
        assertThat(simulate("--scenario rc --replay 5 --plan " + plan)).isZero();
        assertThat(out.toString()).containsOnlyOnce(": lost");
        Files.writeString(plan, "LOSS n1>n2\n");
        assertThat(simulate("--scenario rc --replay 5 --plan " + plan)).isEqualTo(1);
        assertThat(err.toString()).contains("plan.txt: line 1: ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--scenario nothing",
                "--seeds 0",
                "--nodes 1 --scenario rc",
                "--nodes 17",
                "--threads 0",
                "--replay 1",
                "--nodes 0 --scenario rc --replay 1",
                "--nodes 1 --scenario rc --replay 1",
                "--nodes 300 --scenario rc --replay 1",
                "--nodes 3 --scenario rw",
                "--nodes 3 --scenario rw --replay 1",
                "--nodes 3 --scenario mixed",
                "--json --scenario rc --replay 1",
                "--plan file",
                "--record file"
            })
    void shouldRefuseOptionsThatMakeNoSense(String options) {
        assertThat(simulate(options)).isEqualTo(Softverbs.USAGE);
        assertThat(err.toString()).contains(options.split(" ", -1)[0]);
    }

    @Test
    void shouldDrawACapture() {
        Path capture = Path.of("src/test/resources/pcap/rxe4_loss_send.pcap");
        assertThat(Files.exists(capture)).isTrue();
        assertThat(run("trace", capture.toString())).isZero();
        assertThat(out.toString()).startsWith("n1 is ").contains("SEND_");
    }

    @Test
    void shouldRefuseWhatIsNeitherTraceNorCapture(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("words");
        Files.writeString(file, "#softverbs-trace 1\nnonsense\n");
        assertThat(run("trace", file.toString())).isEqualTo(1);
        assertThat(err.toString()).contains("line 2: ");
        Files.writeString(file, "words");
        assertThat(run("trace", file.toString())).isEqualTo(1);
    }
}
