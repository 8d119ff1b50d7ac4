package org.softverbs.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.softverbs.sim.Campaign;
import org.softverbs.sim.Scenario;
import org.softverbs.sim.scenario.Scenarios;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs scenarios from seeds, in worlds with a clock and a network of their own. */
@Command(
        name = "simulate",
        description = {
            "Run scenarios from seeds: nodes, network, clock and all that goes wrong in one thread,"
                    + " judged after every step. The same seed gives the same run.",
            "Ends with 1 at the first run that breaks an invariant, and says how to see it again."
        },
        mixinStandardHelpOptions = true,
        versionProvider = SoftverbsVersion.class,
        sortOptions = false)
final class SimulateCommand implements Callable<Integer> {

    private static final long PROGRESS_SECONDS = 2;

    /** Seeds and scenarios. */
    @Option(
            names = "--seeds",
            paramLabel = "N",
            defaultValue = "100",
            description = "Seeds for each scenario. Default: ${DEFAULT-VALUE}.")
    private long seeds;

    @Option(
            names = "--from",
            paramLabel = "S",
            defaultValue = "1",
            description = "The first seed. Default: ${DEFAULT-VALUE}.")
    private long from;

    @Option(
            names = "--scenario",
            paramLabel = "NAME",
            defaultValue = "all",
            description = "One scenario, or all. Default: ${DEFAULT-VALUE}.")
    private String scenario = "all";

    @Option(
            names = "--nodes",
            paramLabel = "N",
            description = "Nodes of each world, 2 to 16. Default: as the scenario wants.")
    private @Nullable Integer nodes;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Runs at a time. Default: one for each CPU.")
    private @Nullable Integer threads;

    @Option(names = "--json", description = "Print one JSON object and nothing else.")
    private boolean json;

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<Scenario> chosen = scenarios();
        requireWithin("--seeds", seeds, 1, Long.MAX_VALUE / chosen.size());
        int nodeCount = nodes == null ? 0 : nodes;
        if (nodes != null) {
            requireWithin("--nodes", nodes, 2, 16);
        }
        int workers = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
        requireWithin("--threads", workers, 1, 1024);
        Campaign campaign = new Campaign(chosen, from, seeds, nodeCount);
        long start = System.nanoTime();
        Thread runner = Thread.ofPlatform().start(() -> run(campaign, workers));
        while (!runner.join(java.time.Duration.ofSeconds(PROGRESS_SECONDS))) {
            if (!json) {
                SimulationAccount.progress(campaign.summary(), seconds(start), err());
            }
        }
        SimulationAccount account =
                new SimulationAccount(scenario, from, campaign.summary(), seconds(start));
        if (json) {
            account.writeJson(out());
        } else {
            account.print(out());
        }
        return account.isGood() ? Softverbs.SUCCESS : Softverbs.FAILURE;
    }

    private static void run(Campaign campaign, int workers) {
        try {
            campaign.run(workers);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
    }

    private CommandSpec spec() {
        if (spec == null) {
            throw new IllegalStateException("called without a command line");
        }
        return spec;
    }

    private PrintWriter out() {
        return spec().commandLine().getOut();
    }

    private PrintWriter err() {
        return spec().commandLine().getErr();
    }

    private List<Scenario> scenarios() {
        if (scenario.equals("all")) {
            return Scenarios.all();
        }
        return Scenarios.named(scenario)
                .map(List::of)
                .orElseThrow(
                        () ->
                                new ParameterException(
                                        spec().commandLine(),
                                        "--scenario '"
                                                + scenario
                                                + "' is none of all, "
                                                + String.join(", ", names())));
    }

    private static List<String> names() {
        return Scenarios.all().stream().map(Scenario::name).toList();
    }

    private void requireWithin(String option, long value, long least, long most) {
        if (value < least || value > most) {
            throw new ParameterException(
                    spec().commandLine(),
                    option + " " + value + " is not within " + least + " and " + most);
        }
    }
}
