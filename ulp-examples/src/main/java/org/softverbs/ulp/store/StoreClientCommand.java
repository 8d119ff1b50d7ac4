package org.softverbs.ulp.store;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// What the commands that use a store have in common: where it is, and who comes.
abstract class StoreClientCommand implements Callable<Integer> {

    @Mixin private final TargetOptions options = new TargetOptions();
    @Spec private @Nullable CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "SERVER",
            description = "Host of a 'store serve'; without it the target is in this process.")
    private @Nullable String server;

    @Option(names = "-p", paramLabel = "PORT", description = "TCP port (default: 18517).")
    private int port = StoreSession.PORT;

    @Option(
            names = "--peer",
            paramLabel = "KIND@ADDRESS",
            description =
                    "The clients' device when the target is in this process (default:"
                            + " ${DEFAULT-VALUE}).")
    private String peer = "rxe@127.0.0.2";

    final TargetOptions options() {
        return options;
    }

    final boolean isTargetElsewhere() {
        return server != null;
    }

    final StoreSession newSession() {
        return new StoreSession(options, server, port, peer);
    }

    /// @throws ParameterException when a value is out of range; it names option and limits
    final void range(String option, long value, long min, long max) {
        if (value < min || value > max) {
            throw new ParameterException(
                    commandSpec().commandLine(),
                    option + " " + value + " is not within " + min + " and " + max);
        }
    }

    final CommandSpec commandSpec() {
        CommandSpec present = spec;
        if (present == null) {
            throw new IllegalStateException("run by picocli only");
        }
        return present;
    }
}
