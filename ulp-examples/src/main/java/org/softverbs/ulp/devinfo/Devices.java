package org.softverbs.ulp.devinfo;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.softverbs.ulp.tool.JsonObject;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.RdmaDevice;
import org.softverbs.verbs.RdmaDevices;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `devices`: as `ibv_devices`.
@Command(
        name = "devices",
        description = "Lists the devices of this machine, as ibv_devices does.",
        mixinStandardHelpOptions = true)
final class Devices implements Callable<Integer> {

    @Spec private @Nullable CommandSpec spec;

    @Option(names = "--json", description = "Print one JSON object and nothing else.")
    private boolean json;

    @Option(
            names = "--record",
            paramLabel = "FILE",
            description = "Write a trace, which has no packets: no device is opened.")
    private @Nullable Path record;

    @Override
    public Integer call() {
        writeEmptyTrace();
        CommandSpec present = spec;
        if (present == null) {
            throw new IllegalStateException("run by picocli only");
        }
        PrintWriter out = present.commandLine().getOut();
        List<RdmaDevice> devices = RdmaDevices.list();
        if (json) {
            List<Map<String, Object>> rows = new ArrayList<>();
            for (RdmaDevice device : devices) {
                Map<String, Object> row = new LinkedHashMap<>();
                row.put("name", device.name());
                row.put("nodeGuid", String.format(Locale.ROOT, "%016x", device.nodeGuid()));
                row.put("interface", device.interfaceName());
                rows.add(row);
            }
            JsonObject.print(out, Map.of("devices", rows));
            return 0;
        }
        print(out, devices);
        return 0;
    }

    private static void print(PrintWriter out, List<RdmaDevice> devices) {
        out.printf("    %-28s\t   node GUID%n", "device");
        out.printf("    %-28s\t----------------%n", "------");
        for (RdmaDevice device : devices) {
            out.printf(Locale.ROOT, "    %-28s\t%016x%n", device.name(), device.nodeGuid());
        }
    }

    private void writeEmptyTrace() {
        Path file = record;
        if (file == null) {
            return;
        }
        try {
            Files.writeString(file, "#softverbs-trace 1" + System.lineSeparator());
        } catch (IOException e) {
            throw new ToolException("--record " + file + " cannot be written: " + e, e);
        }
    }
}
