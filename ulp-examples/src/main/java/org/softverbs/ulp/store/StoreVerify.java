package org.softverbs.ulp.store;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.softverbs.ulp.tool.JsonObject;
import org.softverbs.ulp.tool.ToolException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/// `store verify`: writes and reads random extents against a copy of its own.
@Command(
        name = "verify",
        description =
                "Writes and reads random extents and compares them with a copy. What was in the"
                        + " store is lost.",
        mixinStandardHelpOptions = true)
final class StoreVerify extends StoreClientCommand {

    private static final int MOST_BYTES = 1 << 23;
    private static final int MOST_CLIENTS = 64;

    @Option(
            names = "--clients",
            paramLabel = "N",
            description = "Clients at a time, each with a part (default: ${DEFAULT-VALUE}).")
    private int clients = 1;

    @Option(
            names = {"-n", "--commands"},
            paramLabel = "N",
            description = "Random commands of each client (default: ${DEFAULT-VALUE}).")
    private int commands = 1000;

    @Option(
            names = {"-t", "--depth"},
            paramLabel = "N",
            description = "Commands under way of each client (default: ${DEFAULT-VALUE}).")
    private int depth = 16;

    @Override
    public Integer call() {
        check();
        PrintWriter out = commandSpec().commandLine().getOut();
        StoreSession session = newSession();
        Map<String, Object> values = new LinkedHashMap<>();
        try (session) {
            verify(session, values);
        }
        if (!session.account().isEmpty()) {
            values.put("target", session.account());
        }
        if (options().common().isJson()) {
            JsonObject.print(out, values);
        } else {
            values.forEach((name, value) -> out.println(name + ": " + value));
            out.println("All verified.");
        }
        return 0;
    }

    private void verify(StoreSession session, Map<String, Object> values) {
        List<StoreVerification> all = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            StoreClient client = session.connect(depth);
            long part = client.geometry().blocks() / clients;
            int checked = (int) Math.min(part, MOST_BYTES / client.geometry().blockSize());
            if (checked == 0) {
                throw new ToolException("the store has fewer blocks than there are clients");
            }
            all.add(new StoreVerification(client, i * part, checked, options().seed() + i));
        }
        runAll(all);
        values.put("verified", true);
        values.put("seed", options().seed());
        values.put("commands", all.stream().mapToLong(StoreVerification::commands).sum());
        values.put("verifiedBytes", all.stream().mapToLong(StoreVerification::verifiedBytes).sum());
    }

    private void runAll(List<StoreVerification> all) {
        try (ExecutorService threads = Executors.newFixedThreadPool(all.size())) {
            List<Future<?>> ends = new ArrayList<>();
            for (StoreVerification each : all) {
                ends.add(threads.submit(() -> each.run(commands)));
            }
            for (Future<?> end : ends) {
                end.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ToolException("interrupted", e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new ToolException("seed " + options().seed() + ": " + cause.getMessage(), cause);
        }
    }

    private void check() {
        range("--clients", clients, 1, MOST_CLIENTS);
        range("-n", commands, 0, Integer.MAX_VALUE);
        range("-t", depth, 1, 256);
        if (isTargetElsewhere() && options().isForTarget()) {
            throw new ParameterException(
                    commandSpec().commandLine(),
                    "--addressing, --iommu, --swiotlb and --force-mr are for the target, which is"
                            + " not here");
        }
    }
}
