package org.softverbs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.softverbs.junit.Provokes;
import org.softverbs.sanitizer.Finding;
import org.softverbs.sim.Campaign;
import org.softverbs.sim.MisjudgedScenario;
import org.softverbs.sim.Scenario;
import org.softverbs.sim.scenario.Scenarios;

/// The packet script that `softverbs simulate` writes of a failure.
@Provokes(
        value = {Finding.DEVICE_AGAINST_DIRECTION, Finding.DEVICE_USE_AFTER_UNMAP},
        because = "the scenario dma has devices reach for what they may not",
        perhaps = true)
class FailureScriptTest {

    private final StringWriter out = new StringWriter();

    @TempDir private Path folder;

    private FailureRecord fail(String scenario) throws Exception {
        return fail(new CampaignOptions(scenario, 5, null, null));
    }

    private FailureRecord fail(CampaignOptions options) throws Exception {
        Scenario misjudged =
                new MisjudgedScenario(
                        Scenarios.named(options.scenario()).orElseThrow(),
                        Duration.ofNanos(300_000),
                        "the judge is wrong");
        int nodes = options.nodesOf(misjudged);
        Campaign campaign = new Campaign(List.of(misjudged), 5, 1, nodes);
        campaign.run(1);
        Campaign.Summary summary = campaign.summary();
        FailureRecord kept = FailureRecord.write(summary.failure().orElseThrow(), nodes, folder);
        SimulationAccount account = new SimulationAccount(options, summary, 1, kept);
        account.print(new PrintWriter(out, true));
        account.writeJson(new PrintWriter(out, true));
        return kept;
    }

    @Test
    void shouldWriteAScriptThatRunsToTheViolation() throws Exception {
        FailureRecord kept = fail("rc");
        Path script = kept.script().file().orElseThrow();
        assertThat(script).isEqualTo(folder.resolve("rc-5").resolve("engine.rpkt"));
        assertThat(Files.readAllLines(script))
                .first()
                .asString()
                .startsWith("# " + kept.script().queuePair() + " in rc, seed 5: T1: the judge");
        assertThat(out.toString())
                .contains("./softverbs rpkt " + script)
                .contains("\"script\":\"" + script + "\"");
        out.getBuffer().setLength(0);
        PrintWriter writer = new PrintWriter(out, true);
        assertThat(Softverbs.run(writer, writer, "rpkt", script.toString())).isZero();
        assertThat(out.toString()).isEqualTo("ok " + script + "\n");
    }

    @Test
    void shouldPrintACommandThatRunsTheSameAgain() throws Exception {
        fail(new CampaignOptions("rc", 5, 3, null));
        assertThat(out.toString()).contains("\"nodes\":3,").contains("\"source\":null");
        String command =
                out.toString()
                        .lines()
                        .map(String::strip)
                        .filter(line -> line.startsWith("./softverbs simulate "))
                        .findFirst()
                        .orElseThrow();
        out.getBuffer().setLength(0);
        PrintWriter writer = new PrintWriter(out, true);
        String[] words = command.substring("./softverbs ".length()).split(" ", -1);
        assertThat(Softverbs.run(writer, writer, words)).isZero();
        assertThat(out.toString().lines().findFirst().orElseThrow()).contains("n3");
    }

    @Test
    void shouldNameTheTreeThatWasRun() throws Exception {
        fail(new CampaignOptions("rc", 5, null, folder));
        assertThat(out.toString())
                .contains("./softverbs simulate --source " + folder + " --scenario rc --replay 5")
                .contains("\"source\":\"" + folder + "\"")
                .contains("commit unknown")
                .doesNotContain("--nodes");
    }

    @Test
    void shouldFailWhereAnotherEngineDoesOtherwise() throws Exception {
        Path script = fail("rc-clean").script().file().orElseThrow();
        List<String> lines = Files.readAllLines(script);
        int first = 0;
        while (!lines.get(first).startsWith("> ")) {
            first++;
        }
        lines.set(first, lines.get(first).replaceFirst("psn=\\d+", "psn=1"));
        Files.write(script, lines);
        PrintWriter writer = new PrintWriter(out, true);
        assertThat(Softverbs.run(writer, writer, "rpkt", script.toString())).isEqualTo(1);
        assertThat(out.toString()).contains("engine.rpkt:" + (first + 1) + ": expected");
    }

    @Test
    void shouldSayWhyThereIsNoScript() throws Exception {
        assertThat(fail("dma").script().file()).isEmpty();
        assertThat(out.toString())
                .contains("there is no packet script: the run has no queue pair")
                .contains("\"script\":null");
    }
}
