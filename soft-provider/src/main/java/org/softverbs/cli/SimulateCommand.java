package org.softverbs.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.softverbs.sim.Campaign;
import org.softverbs.sim.InvariantViolation;
import org.softverbs.sim.ListedPlan;
import org.softverbs.sim.NodeCounts;
import org.softverbs.sim.Scenario;
import org.softverbs.sim.Simulation;
import org.softverbs.sim.scenario.Scenarios;
import org.softverbs.soft.trace.Ladder;
import org.softverbs.soft.trace.TraceRecord;
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

    private static final Duration PROGRESS = Duration.ofSeconds(2);

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

    @Option(
            names = "--replay",
            paramLabel = "SEED",
            description =
                    "Run one seed of one scenario and draw what happens as a ladder: a column for"
                            + " each node, packets as arrows.")
    private @Nullable Long replay;

    @Option(
            names = "--plan",
            paramLabel = "FILE",
            description =
                    "With --replay: the faults, one a line, instead of those the seed draws:"
                            + " KIND PLACE [OPCODE] #OCCASION [xTIMES] [=ARGUMENT].")
    private @Nullable Path plan;

    @Option(
            names = "--record",
            paramLabel = "FILE",
            description = "With --replay: write the trace, for 'softverbs trace'.")
    private @Nullable Path record;

    @Option(
            names = "--failures",
            paramLabel = "DIR",
            defaultValue = "softverbs-failures",
            description =
                    "Where a failed run is written down: plan, trace, packets. Default:"
                            + " ${DEFAULT-VALUE}.")
    private Path failures = Path.of("softverbs-failures");

    @Option(
            names = "--source",
            paramLabel = "DIR",
            description =
                    "Compile the main sources of another softverbs tree and run that, with the same"
                            + " other options.")
    private @Nullable Path source;

    @Option(names = "--json", description = "Print one JSON object and nothing else.")
    private boolean json;

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (source != null) {
            return SourceTree.run(
                    source, spec().commandLine().getParseResult().originalArgs(), err());
        }
        if (nodes != null) {
            requireWithin("--nodes", nodes, 2, NodeCounts.MOST);
        }
        List<Scenario> chosen = thatTakeTheNodes(scenarios());
        if (replay != null) {
            return replay(replay, chosen);
        }
        requireReplayFor("--plan", plan);
        requireReplayFor("--record", record);
        requireWithin("--seeds", seeds, 1, Long.MAX_VALUE / chosen.size());
        int nodeCount = nodes == null ? 0 : nodes;
        int workers = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
        requireWithin("--threads", workers, 1, 1024);
        Campaign campaign = new Campaign(chosen, from, seeds, nodeCount);
        long start = System.nanoTime();
        Thread runner = Thread.ofPlatform().start(() -> run(campaign, workers));
        while (!runner.join(PROGRESS)) {
            if (!json) {
                SimulationAccount.progress(campaign.summary(), seconds(start), err());
            }
        }
        double seconds = seconds(start);
        String tree = System.getProperty(SourceTree.PROPERTY);
        CampaignOptions options =
                new CampaignOptions(scenario, from, nodes, tree == null ? null : Path.of(tree));
        SimulationAccount account =
                new SimulationAccount(options, campaign.summary(), seconds, keep(campaign));
        if (json) {
            account.writeJson(out());
        } else {
            account.print(out());
        }
        return account.isGood() ? Softverbs.SUCCESS : Softverbs.FAILURE;
    }

    private @Nullable FailureRecord keep(Campaign campaign) throws IOException {
        Campaign.Failure failure = campaign.summary().failure().orElse(null);
        if (failure == null || failure.result().events() == 0) {
            return null;
        }
        return FailureRecord.write(failure, nodesOf(failure.scenario()), failures);
    }

    private int nodesOf(Scenario of) {
        return nodes == null ? of.standardNodes() : nodes;
    }

    /** Of all scenarios those that cannot have so many nodes are left out. */
    private List<Scenario> thatTakeTheNodes(List<Scenario> asked) {
        if (nodes == null) {
            return asked;
        }
        List<Scenario> fitting = new ArrayList<>();
        for (Scenario each : asked) {
            if (each.nodeCounts().takes(nodes)) {
                fitting.add(each);
            } else {
                String why =
                        "--nodes %d: %s has %s".formatted(nodes, each.name(), each.nodeCounts());
                if (asked.size() == 1) {
                    throw new ParameterException(spec().commandLine(), why);
                }
                err().println(why + "; it is left out");
            }
        }
        return fitting;
    }

    private int replay(long seed, List<Scenario> chosen) throws IOException {
        if (scenario.equals("all")) {
            throw new ParameterException(
                    spec().commandLine(), "--replay needs a --scenario other than all");
        }
        if (json) {
            throw new ParameterException(
                    spec().commandLine(), "--json is not for --replay, which draws a ladder");
        }
        Scenario only = chosen.getFirst();
        int nodeCount = nodesOf(only);
        Simulation simulation = new Simulation();
        ListedPlan listed = plan == null ? null : read(plan);
        Simulation.Result result =
                listed == null
                        ? simulation.run(only, seed, nodeCount, true)
                        : simulation.run(only, seed, nodeCount, listed, true);
        List<TraceRecord> records = result.trace().records();
        new Ladder(out(), Math.max(nodeCount, Ladder.nodesOf(records))).print(records);
        if (record != null) {
            FailureRecord.writeTrace(record, records);
        }
        if (listed != null) {
            listed.idle().forEach(it -> out().println("did not happen: " + it));
        }
        out().printf("trace hash %016x%n", result.traceHash());
        InvariantViolation violation = result.violation();
        out().println(violation == null ? "No invariant was broken." : violation.getMessage());
        return violation == null ? Softverbs.SUCCESS : Softverbs.FAILURE;
    }

    private static ListedPlan read(Path file) throws IOException {
        try {
            return ListedPlan.parse(Files.readAllLines(file));
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    private void requireReplayFor(String option, @Nullable Path value) {
        if (value != null) {
            throw new ParameterException(spec().commandLine(), option + " needs --replay");
        }
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
