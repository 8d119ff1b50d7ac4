package org.softverbs.ulp.store;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.softverbs.ulp.tool.JsonObject;
import org.softverbs.ulp.tool.ToolException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `store bench`: commands and bytes a second of random extents of one size.
@Command(
        name = "bench",
        description = "Measures random reads or writes. Writes overwrite what is in the store.",
        mixinStandardHelpOptions = true)
final class StoreBench extends StoreClientCommand {

    private static final double NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final double MEBIBYTE = 1 << 20;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    @Option(names = "--write", description = "Write instead of reading.")
    private boolean writes;

    @Option(
            names = {"-s", "--bytes"},
            paramLabel = "BYTES",
            description = "Bytes of a command, whole blocks (default: ${DEFAULT-VALUE}).")
    private int bytes = 4096;

    @Option(
            names = {"-n", "--commands"},
            paramLabel = "N",
            description = "Commands (default: ${DEFAULT-VALUE}).")
    private int commands = 10_000;

    @Option(
            names = {"-t", "--depth"},
            paramLabel = "N",
            description = "Commands under way (default: ${DEFAULT-VALUE}).")
    private int depth = 16;

    @Override
    public Integer call() {
        range("-n", commands, 1, Integer.MAX_VALUE);
        range("-t", depth, 1, 256);
        StoreSession session = newSession();
        long nanos;
        try (session) {
            nanos = measure(session.connect(depth));
        }
        report(session, nanos);
        return 0;
    }

    private long measure(StoreClient client) {
        int blockSize = client.geometry().blockSize();
        if (bytes < blockSize || bytes % blockSize != 0 || bytes > client.maxTransfer()) {
            throw new ToolException(
                    "-s %d is not whole blocks of %d up to %d"
                            .formatted(bytes, blockSize, client.maxTransfer()));
        }
        int blocks = bytes / blockSize;
        long bound = client.geometry().blocks() - blocks + 1;
        Random random = new Random(options().seed());
        StoreCommand command = writes ? StoreCommand.WRITE : StoreCommand.READ;
        long start = System.nanoTime();
        long lastEnd = start;
        int begun = 0;
        int ended = 0;
        while (ended < commands) {
            for (int buffer = begun < commands ? client.take() : -1; buffer >= 0; ) {
                client.submit(buffer, command, random.nextLong(bound), blocks);
                buffer = ++begun < commands ? client.take() : -1;
            }
            int buffer = client.poll();
            if (buffer >= 0) {
                requireSuccess(client, client.status(buffer));
                client.release(buffer);
                ended++;
                lastEnd = System.nanoTime();
            } else if (System.nanoTime() - lastEnd > PATIENCE_NANOS) {
                throw new ToolException("the store answers no command" + client.account());
            }
        }
        return System.nanoTime() - start;
    }

    private static void requireSuccess(StoreClient client, StoreStatus status) {
        if (status != StoreStatus.SUCCESS) {
            throw new ToolException("a command failed: " + status.description() + client.account());
        }
    }

    private void report(StoreSession session, long nanos) {
        PrintWriter out = commandSpec().commandLine().getOut();
        double perSecond = commands * NANOS / nanos;
        double rate = perSecond * bytes / MEBIBYTE;
        if (options().common().isJson()) {
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("command", writes ? "write" : "read");
            values.put("bytes", bytes);
            values.put("commands", commands);
            values.put("commandsPerSecond", perSecond);
            values.put("mebibytesPerSecond", rate);
            values.put("target", session.account());
            JsonObject.print(out, values);
        } else {
            out.printf(
                    Locale.ROOT,
                    "%d %s of %d bytes: %.0f a second, %.2f MiB/s%n",
                    commands,
                    writes ? "writes" : "reads",
                    bytes,
                    perSecond,
                    rate);
        }
    }
}
