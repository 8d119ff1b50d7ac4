package org.softverbs.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows step by step what the layers do. */
@Command(
        name = "explain",
        description = "Show what becomes of an I/O in the layers below the verbs.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        versionProvider = SoftverbsVersion.class,
        subcommands = {ExplainDmaCommand.class, ExplainRwCommand.class})
final class ExplainCommand implements Runnable {

    @Spec private @Nullable CommandSpec spec;

    /** Without a subcommand there is nothing to explain. */
    @Override
    public void run() {
        if (spec != null) {
            throw new ParameterException(spec.commandLine(), "Missing command: dma or rw");
        }
    }
}
