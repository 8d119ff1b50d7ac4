package org.softverbs.ulp.devinfo;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.softverbs.ulp.tool.CommonOptions;
import org.softverbs.ulp.tool.JsonObject;
import org.softverbs.verbs.AsyncEvent;
import org.softverbs.verbs.DeviceContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `asyncwatch`: as `ibv_asyncwatch`.
@Command(
        name = "asyncwatch",
        description =
                "Prints the asynchronous events of a device, as ibv_asyncwatch does, until it is"
                        + " interrupted.",
        mixinStandardHelpOptions = true)
final class Asyncwatch implements Callable<Integer> {

    private static final Duration FOR_EVER = Duration.ofDays(1);

    @Mixin private final CommonOptions common = new CommonOptions();
    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "-n",
            paramLabel = "N",
            description = "End after so many events (default: 0, never).")
    private int count;

    @Override
    public Integer call() {
        CommandSpec present = spec;
        if (present == null) {
            throw new IllegalStateException("run by picocli only");
        }
        PrintWriter out = present.commandLine().getOut();
        try (DeviceContext context = common.open()) {
            if (!common.isJson()) {
                print(out, context.device().name() + ": watching asynchronous events");
            }
            watch(out, context);
        } catch (InterruptedException e) {
            // That is how it ends.
            Thread.currentThread().interrupt();
        }
        return 0;
    }

    private void watch(PrintWriter out, DeviceContext context) throws InterruptedException {
        for (int seen = 0; count == 0 || seen < count; ) {
            Optional<AsyncEvent> event = context.awaitAsyncEvent(FOR_EVER);
            if (event.isPresent()) {
                show(out, event.get());
                context.acknowledge(event.get());
                seen++;
            }
        }
    }

    private void show(PrintWriter out, AsyncEvent event) {
        if (common.isJson()) {
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("event", event.type().name());
            values.put("element", event.element());
            values.put("detail", event.detail());
            JsonObject.print(out, values);
            out.flush();
        } else {
            print(
                    out,
                    "  event_type %s, element %d: %s"
                            .formatted(event.type(), event.element(), event.detail()));
        }
    }

    private static void print(PrintWriter out, String line) {
        out.println(line);
        out.flush();
    }
}
