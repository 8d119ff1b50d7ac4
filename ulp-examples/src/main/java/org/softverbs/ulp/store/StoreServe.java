package org.softverbs.ulp.store;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.softverbs.ulp.tool.JsonObject;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.PrivilegedContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `store serve`: a target.
@Command(
        name = "serve",
        description = "Keeps blocks and serves clients.",
        mixinStandardHelpOptions = true)
final class StoreServe implements Callable<Integer> {

    @Mixin private final TargetOptions options = new TargetOptions();
    @Spec private @Nullable CommandSpec spec;

    @Option(names = "-p", paramLabel = "PORT", description = "TCP port (default: 18517).")
    private int port = StoreSession.PORT;

    @Option(
            names = "--clients",
            paramLabel = "N",
            description = "End when so many clients have come and all have left (default: never).")
    private int clients;

    @Override
    public Integer call() {
        CommandSpec present = spec;
        if (present == null) {
            throw new IllegalStateException("run by picocli only");
        }
        PrintWriter out = present.commandLine().getOut();
        try (PrivilegedContext context = options.common().openPrivileged(options.targetOptions())) {
            StoreStatistics statistics;
            try (StoreTarget target = new StoreTarget(context, options.settings());
                    StoreService service = new StoreService(target, port)) {
                statistics = target.statistics();
                if (!options.common().isJson()) {
                    out.printf("Waiting for clients on TCP port %d ...%n", service.port());
                    out.flush();
                }
                target.run(() -> service.isOpen() && !isOver(target));
                if (!service.isOpen()) {
                    throw new ToolException("TCP port " + port + " lets nobody in any more");
                }
            }
            report(out, TargetOptions.account(statistics, context));
        }
        return 0;
    }

    private boolean isOver(StoreTarget target) {
        return clients > 0 && target.served() >= clients && target.connections() == 0;
    }

    private void report(PrintWriter out, Map<String, Object> account) {
        if (options.common().isJson()) {
            JsonObject.print(out, new LinkedHashMap<>(account));
        } else {
            out.println(account);
        }
    }
}
