package org.softverbs.ulp.tool;

import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.spi.ToolProvider;
import org.softverbs.verbs.VerbsException;
import picocli.CommandLine;

/// A subcommand of `softverbs`, found through `ServiceLoader`, made of a picocli command.
///
/// Exit codes: 0 success, 1 failure with one line on standard error, 2 usage.
public abstract class Tool implements ToolProvider {

    private static final int FAILURE = 1;
    private static final int USAGE = 2;

    private final String name;
    private final Supplier<Callable<Integer>> command;

    /// @param name the subcommand
    /// @param command makes the annotated command, which gives the exit code
    protected Tool(String name, Supplier<Callable<Integer>> command) {
        this.name = name;
        this.command = command;
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final Optional<String> description() {
        String[] lines =
                new CommandLine(command.get()).getCommandSpec().usageMessage().description();
        return lines.length == 0 ? Optional.empty() : Optional.of(lines[0]);
    }

    @Override
    public final int run(PrintWriter out, PrintWriter err, String... args) {
        String title = "softverbs " + name;
        return new CommandLine(command.get())
                .setCommandName(title)
                .setOut(out)
                .setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(
                        (exception, rest) -> {
                            err.println(title + ": " + exception.getMessage());
                            err.println("Try '" + title + " --help'.");
                            return USAGE;
                        })
                .setExecutionExceptionHandler(
                        (exception, line, result) -> {
                            err.println(title + ": " + describe(exception));
                            return FAILURE;
                        })
                .execute(args);
    }

    private static String describe(Exception exception) {
        String message = exception.getMessage();
        boolean expected =
                exception instanceof VerbsException || exception instanceof ToolException;
        if (expected && message != null) {
            return message;
        }
        return message == null
                ? exception.getClass().getSimpleName()
                : exception.getClass().getSimpleName() + ": " + message;
    }
}
