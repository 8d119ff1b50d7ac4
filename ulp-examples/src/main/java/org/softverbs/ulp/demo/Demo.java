package org.softverbs.ulp.demo;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.softverbs.ulp.tool.CommonOptions;
import org.softverbs.ulp.tool.JsonObject;
import org.softverbs.ulp.tool.SideChannel;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.RdmaDevices;
import org.softverbs.verbs.VerbsException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `demo`: every operation between two nodes, with an account of each.
@Command(
        name = "demo",
        description =
                "Two nodes carry out every operation of a reliable connection over UDP port"
                        + " 4791, check the data and tell what happened.",
        mixinStandardHelpOptions = true)
final class Demo implements Callable<Integer> {

    @Mixin private final CommonOptions common = new CommonOptions();
    @Spec private @Nullable CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "SERVER",
            description = "Host of a 'demo --listen'; without it both nodes are in this process.")
    private @Nullable String server;

    @Option(names = "--listen", description = "Be the passive node for a demo on another host.")
    private boolean listen;

    @Option(names = "-p", paramLabel = "PORT", description = "TCP port (default: 18516).")
    private int port = 18_516;

    @Option(
            names = "--peer",
            paramLabel = "KIND@ADDRESS",
            description = "Device of the second node (default: ${DEFAULT-VALUE}).")
    private String peerDevice = "rxe@127.0.0.2";

    @Option(
            names = "--faults",
            paramLabel = "NAME=P,...",
            description =
                    "Harm that the links do to packets: drop, duplicate, reorder, corrupt, delay,"
                            + " each with its probability.")
    private @Nullable String faults;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of the harm (default: 0).")
    private long seed;

    @Override
    public Integer call() {
        if (listen) {
            try (SideChannel channel = SideChannel.accept(port)) {
                RemotePeer.serve(channel, common.open(harm(common.providerOptions(), seed + 1)));
            }
            return 0;
        }
        DemoPeer peer = peer();
        DeviceContext context = open(peer);
        boolean good;
        try (DemoRun run = new DemoRun(context, peer, faults != null)) {
            good = run(run, context.device().name());
        }
        return good ? 0 : 1;
    }

    private DeviceContext open(DemoPeer peer) {
        try {
            return common.open(harm(common.providerOptions(), seed));
        } catch (VerbsException refused) {
            peer.close();
            throw refused;
        }
    }

    private DemoPeer peer() {
        String host = server;
        if (host != null) {
            return new RemotePeer(SideChannel.connect(host, port));
        }
        Map<String, String> options = CommonOptions.withoutRecords(common.providerOptions());
        return new LocalPeer(RdmaDevices.open(peerDevice, harm(options, seed + 1)));
    }

    private Map<String, String> harm(Map<String, String> options, long ownSeed) {
        if (faults != null) {
            options.put("faults", faults);
            options.put("seed", Long.toString(ownSeed));
        }
        return options;
    }

    private boolean run(DemoRun run, String device) {
        PrintWriter out = commandSpec().commandLine().getOut();
        String other = server == null ? peerDevice : server;
        if (!common.isJson()) {
            out.printf("Two nodes, %s and %s, over UDP port 4791.%n%n", device, other);
        }
        List<DemoRun.Outcome> outcomes = new ArrayList<>();
        for (DemoOperation operation : DemoOperation.values()) {
            DemoRun.Outcome outcome = run.run(operation);
            outcomes.add(outcome);
            if (!common.isJson()) {
                print(out, outcome);
            }
        }
        boolean good = outcomes.stream().allMatch(DemoRun.Outcome::verified);
        if (common.isJson()) {
            JsonObject.print(out, json(run, outcomes, device, other, good));
        } else {
            out.println(good ? "All verified." : "NOT all verified.");
        }
        return good;
    }

    private static void print(PrintWriter out, DemoRun.Outcome outcome) {
        DemoOperation operation = outcome.operation();
        out.printf(
                Locale.ROOT,
                "%s, %d bytes: %s%n",
                operation,
                operation.bytes(),
                operation.meaning());
        out.printf(
                Locale.ROOT,
                "  on the wire     %d packets out, %d in, %d us%n",
                outcome.packetsSent(),
                outcome.packetsReceived(),
                outcome.microseconds());
        out.printf("  our completion  %s%n", outcome.completion());
        out.printf("  the peer's      %s%n", outcome.peerCompletion());
        out.printf("  data            %s%n%n", outcome.verified() ? "verified" : "WRONG");
        out.flush();
    }

    private Map<String, Object> json(
            DemoRun run,
            List<DemoRun.Outcome> outcomes,
            String device,
            String other,
            boolean good) {
        List<Map<String, Object>> operations = new ArrayList<>();
        for (DemoRun.Outcome outcome : outcomes) {
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("op", outcome.operation().name());
            values.put("bytes", outcome.operation().bytes());
            values.put("verified", outcome.verified());
            values.put("completion", outcome.completion());
            values.put("peerCompletion", outcome.peerCompletion());
            values.put("packetsSent", outcome.packetsSent());
            values.put("packetsReceived", outcome.packetsReceived());
            values.put("microseconds", outcome.microseconds());
            operations.add(values);
        }
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("operations", operations);
        all.put("nodes", List.of(device, other));
        all.put("faults", faults == null ? "" : faults);
        all.put("seed", seed);
        all.put("verified", good);
        all.put("counters", run.counters());
        return all;
    }

    private CommandSpec commandSpec() {
        CommandSpec present = spec;
        if (present == null) {
            throw new IllegalStateException("run by picocli only");
        }
        return present;
    }
}
