package org.softverbs.cli;

import java.io.BufferedWriter;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.Arrays;
import java.util.List;
import java.util.spi.ToolProvider;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Entry point of the {@code softverbs} command. */
public final class Softverbs {

    /** Exit code of a command that did what it should. */
    public static final int SUCCESS = 0;

    /** Exit code of a command that failed. */
    public static final int FAILURE = 1;

    /** Exit code of a command line that makes no sense. */
    public static final int USAGE = 2;

    private Softverbs() {}

    /** Runs a command line and ends the JVM with its exit code. */
    public static void main(String[] args) {
        PrintWriter out = writer(System.out, false);
        PrintWriter err = writer(System.err, true);
        int code = run(out, err, args);
        out.flush();
        err.flush();
        System.exit(code);
    }

    private static PrintWriter writer(PrintStream stream, boolean autoFlush) {
        Writer encoder = new OutputStreamWriter(stream, stream.charset());
        return new PrintWriter(new BufferedWriter(encoder), autoFlush);
    }

    /** Runs a command line and returns its exit code. */
    public static int run(PrintWriter out, PrintWriter err, String... args) {
        CommandLine commandLine = new CommandLine(new RootCommand());
        boolean isBuiltIn = args.length > 0 && commandLine.getSubcommands().containsKey(args[0]);
        if (!isBuiltIn) {
            List<ToolProvider> tools = Tools.find();
            ToolProvider tool = args.length == 0 ? null : Tools.named(tools, args[0]);
            if (tool != null) {
                String[] rest = Arrays.copyOfRange(args, 1, args.length);
                return run(tool, out, err, rest);
            }
            tools.forEach(each -> commandLine.addSubcommand(each.name(), describe(each)));
        }
        commandLine
                .setOut(out)
                .setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((exception, rest) -> refuse(exception))
                .setExecutionExceptionHandler(
                        (exception, command, rest) -> fail(exception, command));
        return commandLine.execute(args);
    }

    private static CommandSpec describe(ToolProvider tool) {
        CommandSpec described = CommandSpec.create();
        described.usageMessage().description(tool.description().orElse(""));
        return described;
    }

    private static int run(ToolProvider tool, PrintWriter out, PrintWriter err, String... args) {
        try {
            return tool.run(out, err, args);
        } catch (RuntimeException e) {
            err.println("softverbs " + tool.name() + ": " + Failure.describe(e));
            return FAILURE;
        }
    }

    private static int refuse(ParameterException exception) {
        CommandLine command = exception.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        command.getErr().println(name + ": " + exception.getMessage());
        command.getErr().println("Try '" + name + " --help'.");
        return USAGE;
    }

    private static int fail(Exception exception, CommandLine command) {
        String name = command.getCommandSpec().qualifiedName();
        command.getErr().println(name + ": " + Failure.describe(exception));
        return FAILURE;
    }
}
