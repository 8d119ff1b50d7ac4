package org.softverbs.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code softverbs} without a subcommand. */
@Command(
        name = "softverbs",
        description = "RDMA verbs in Java, with no RDMA card and no kernel module.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        versionProvider = SoftverbsVersion.class,
        subcommands = {
            CountersCommand.class,
            DecodeCommand.class,
            ExplainCommand.class,
            ResourcesCommand.class,
            RpktCommand.class,
            SimulateCommand.class,
            TraceCommand.class
        },
        footer = {"", "softverbs COMMAND --help tells the options of a command."})
final class RootCommand implements Runnable {

    @Spec private @Nullable CommandSpec spec;

    /** Without a command there is nothing to do. */
    @Override
    public void run() {
        if (spec != null) {
            throw new ParameterException(spec.commandLine(), "Missing command");
        }
    }
}
