package org.softverbs.ulp.rdmacm;

import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.softverbs.cm.ConnectionManager;
import org.softverbs.ulp.tool.CommonOptions;
import org.softverbs.ulp.tool.JsonObject;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.DeviceContext;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// A command that works with a connection manager on one device.
abstract class CmCommand implements Callable<Integer> {

    private static final int PORT_MAX = 65_535;

    @Mixin private final CommonOptions common = new CommonOptions();
    @Spec private @Nullable CommandSpec spec;

    // Without -V for the version, which originals use otherwise. picocli alone reads it.
    @SuppressWarnings("UnusedVariable")
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help message and exit.")
    private boolean help;

    private final Map<String, Object> facts = new LinkedHashMap<>();

    /// Does the work.
    ///
    /// @throws InterruptedException when the thread is interrupted
    abstract void run(DeviceContext context, ConnectionManager manager) throws InterruptedException;

    /// Refuses options that do not go together.
    abstract void checkOptions();

    @Override
    public final Integer call() throws InterruptedException {
        checkOptions();
        try (DeviceContext context = common.open();
                ConnectionManager manager = ConnectionManager.open(context)) {
            run(context, manager);
            fact("counters", context.counters());
        }
        if (common.isJson()) {
            JsonObject.print(commandSpec().commandLine().getOut(), facts);
        }
        return 0;
    }

    /// Prints a line for people.
    final void say(String line) {
        if (!common.isJson()) {
            PrintWriter out = commandSpec().commandLine().getOut();
            out.println(line);
            out.flush();
        }
    }

    /// Prints a line of trouble that is not the end.
    final void complain(String line) {
        PrintWriter err = commandSpec().commandLine().getErr();
        err.println(line);
        err.flush();
    }

    /// Keeps a value for the JSON object.
    final void fact(String name, Object value) {
        facts.put(name, value);
    }

    final void check(String option, long value, long min, long max) {
        if (value < min || value > max) {
            throw usage(option + " " + value + " is not within " + min + " and " + max);
        }
    }

    final void checkPort(String option, int port) {
        check(option, port, 1, PORT_MAX);
    }

    final ParameterException usage(String message) {
        return new ParameterException(commandSpec().commandLine(), message);
    }

    /// The address of a name.
    ///
    /// @param option that has it, for the error
    static InetAddress address(String option, String name) {
        try {
            return InetAddress.getByName(name);
        } catch (UnknownHostException e) {
            throw new ToolException(option + ": no address of '" + name + "' is known", e);
        }
    }

    /// Every address of this end.
    static InetAddress anyAddress() {
        return address("", "0.0.0.0");
    }

    private CommandSpec commandSpec() {
        CommandSpec present = spec;
        if (present == null) {
            throw new IllegalStateException("run by picocli only");
        }
        return present;
    }
}
