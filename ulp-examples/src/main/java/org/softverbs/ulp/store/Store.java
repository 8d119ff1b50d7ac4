package org.softverbs.ulp.store;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `store`: the block store.
@Command(
        name = "store",
        description =
                "Blocks in host physical memory; the target READs and WRITEs its clients' memory,"
                        + " as those of NVMe-oF and iSER do.",
        mixinStandardHelpOptions = true,
        subcommands = {StoreServe.class, StoreVerify.class, StoreBench.class})
final class Store implements Callable<Integer> {

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        CommandSpec present = spec;
        if (present == null) {
            throw new IllegalStateException("run by picocli only");
        }
        throw new ParameterException(
                present.commandLine(), "one of serve, verify, bench is missing");
    }
}
