package org.softverbs.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A command that looks at the devices of other programs while they run. */
abstract class ObservingCommand implements Callable<Integer> {

    @Option(
            names = "--pid",
            paramLabel = "PID",
            description =
                    "The program to look at, a Java program of the same user (default: every"
                            + " softverbs command that runs).")
    private @Nullable Long pid;

    @Option(names = "--json", description = "Print one JSON array and nothing else.")
    private boolean json;

    @Spec private @Nullable CommandSpec spec;

    /** What to print of a device, for programs. */
    abstract Map<String, Object> facts(RunningDevices.Running running);

    /** Prints a device for people. */
    abstract void print(PrintWriter out, RunningDevices.Running running);

    @Override
    public final Integer call() throws IOException {
        if (spec == null) {
            throw new IllegalStateException("called without a command line");
        }
        PrintWriter out = spec.commandLine().getOut();
        try (RunningDevices devices = new RunningDevices(pid)) {
            if (devices.devices().isEmpty()) {
                throw new IOException(
                        pid == null
                                ? "no softverbs command has a device open now; --pid is for other"
                                        + " programs"
                                : "process " + pid + " has no device open, or is no Java program");
            }
            if (json) {
                List<Map<String, Object>> all = new ArrayList<>();
                for (RunningDevices.Running running : devices.devices()) {
                    Map<String, Object> one = new LinkedHashMap<>();
                    one.put("pid", running.pid());
                    one.put("program", running.program());
                    one.put("device", running.bean().getName());
                    one.putAll(facts(running));
                    all.add(one);
                }
                out.println(JsonTree.text(all));
            } else {
                for (RunningDevices.Running running : devices.devices()) {
                    out.printf(
                            "%s  pid %d  %s%n",
                            running.bean().getName(), running.pid(), running.program());
                    print(out, running);
                }
            }
        }
        return Softverbs.SUCCESS;
    }

    static String hexadecimal(int number) {
        return "0x" + Integer.toHexString(number);
    }
}
