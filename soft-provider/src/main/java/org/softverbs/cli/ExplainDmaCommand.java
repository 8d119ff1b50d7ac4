package org.softverbs.cli;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.explain.DeviceChoice;
import org.softverbs.soft.explain.DmaReport;
import org.softverbs.soft.explain.DmaTrial;
import org.softverbs.soft.explain.MappingApi;
import org.softverbs.soft.explain.SglElement;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Maps a scatter list for a device and shows what that took. */
@Command(
        name = "dma",
        description = {
            "Map a scatter list for a device, move bytes through what the device is given, undo it,"
                    + " and show the segments and what the layers counted."
        },
        mixinStandardHelpOptions = true,
        versionProvider = SoftverbsVersion.class,
        sortOptions = false)
final class ExplainDmaCommand implements Callable<Integer> {

    @Mixin private MappingOptions mapping = new MappingOptions();

    @Option(
            names = "--api",
            paramLabel = "API",
            defaultValue = "two-step",
            description =
                    "How it is mapped: sg (dma_map_sg), two-step, or page-loop (dma_map_page for"
                            + " each page). Default: ${DEFAULT-VALUE}.")
    private MappingApi api = MappingApi.TWO_STEP;

    @Option(names = "--json", description = "Print one JSON object and nothing else.")
    private boolean json;

    @Mixin private RecordOption record = new RecordOption();

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (spec == null) {
            throw new IllegalStateException("called without a command line");
        }
        // Nothing leaves a device here: the trace has no packets.
        record.begin().close();
        DeviceChoice choice = mapping.choice(spec);
        List<SglElement> elements = mapping.elements(spec);
        DmaReport report = DmaTrial.run(elements, choice, api);
        if (json) {
            DmaJson.write(report, spec.commandLine().getOut());
        } else if (report.error().isEmpty()) {
            new DmaAccount(choice, api, elements, report).print(spec.commandLine().getOut());
        } else {
            String name = spec.qualifiedName();
            spec.commandLine().getErr().println(name + ": " + report.error().get());
        }
        return report.error().isEmpty() ? Softverbs.SUCCESS : Softverbs.FAILURE;
    }
}
