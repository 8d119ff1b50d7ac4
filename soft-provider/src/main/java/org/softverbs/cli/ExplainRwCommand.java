package org.softverbs.cli;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.softverbs.dma.DmaDirection;
import org.softverbs.rw.VectorKind;
import org.softverbs.soft.explain.RwChoice;
import org.softverbs.soft.explain.RwReport;
import org.softverbs.soft.explain.RwTrial;
import org.softverbs.soft.explain.SglElement;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Reads into a scatter list, or writes from one, and shows the work requests that it takes. */
@Command(
        name = "rw",
        description = {
            "RDMA READ into a scatter list, or WRITE from one: show whether the device is given"
                    + " elements or registrations, why, and the work requests."
        },
        mixinStandardHelpOptions = true,
        versionProvider = SoftverbsVersion.class,
        sortOptions = false)
final class ExplainRwCommand implements Callable<Integer> {

    /** Which operation. */
    enum Operation {
        READ(DmaDirection.FROM_DEVICE),
        WRITE(DmaDirection.TO_DEVICE);

        private final DmaDirection direction;

        Operation(DmaDirection direction) {
            this.direction = direction;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The structure that the memory is kept in. */
    enum Api {
        SG(VectorKind.SCATTER_LIST),
        BVEC(VectorKind.BIO_VECTOR);

        private final VectorKind kind;

        Api(VectorKind kind) {
            this.kind = kind;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Mixin private MappingOptions mapping = new MappingOptions();

    @Option(
            names = "--direction",
            required = true,
            paramLabel = "read|write",
            description = "RDMA READ into the memory, or RDMA WRITE from it.")
    private @Nullable Operation operation;

    @Option(
            names = "--max-sge",
            paramLabel = "N",
            defaultValue = "32",
            description = "Elements of one request. Default: ${DEFAULT-VALUE}.")
    private int maxSge;

    @Option(
            names = "--max-sgl-rd",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Segments above which the device would rather have a READ registered; 0 for no"
                            + " limit. Default: ${DEFAULT-VALUE}.")
    private int maxSglRead;

    @Option(names = "--force-mr", description = "Register every I/O.")
    private boolean forceRegistration;

    @Option(
            names = "--mr-pool",
            paramLabel = "N",
            defaultValue = "16",
            description = "Registrations in the pool. Default: ${DEFAULT-VALUE}.")
    private int registrations;

    @Option(
            names = "--api",
            paramLabel = "API",
            defaultValue = "sg",
            description =
                    "The structure that the memory is kept in: sg (scatter list) or bvec (bio"
                            + " vector). Default: ${DEFAULT-VALUE}.")
    private Api api = Api.SG;

    @Option(names = "--json", description = "Print one JSON object and nothing else.")
    private boolean json;

    @Mixin private RecordOption record = new RecordOption();

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (spec == null || operation == null) {
            throw new IllegalStateException("called without a command line");
        }
        // Nothing leaves a device here: the trace has no packets.
        record.begin().close();
        RwChoice choice = choice(spec, operation);
        List<SglElement> elements = mapping.elements(spec);
        RwReport report = RwTrial.run(elements, choice);
        if (json) {
            RwJson.write(report, spec.commandLine().getOut());
        } else if (report.error().isEmpty()) {
            new RwAccount(choice, elements.size(), report).print(spec.commandLine().getOut());
        } else {
            String name = spec.qualifiedName();
            spec.commandLine().getErr().println(name + ": " + report.error().get());
        }
        return report.error().isEmpty() ? Softverbs.SUCCESS : Softverbs.FAILURE;
    }

    private RwChoice choice(CommandSpec command, Operation chosen) {
        try {
            return new RwChoice(
                    mapping.choice(command),
                    chosen.direction,
                    api.kind,
                    maxSge,
                    maxSglRead,
                    forceRegistration,
                    registrations);
        } catch (IllegalArgumentException wrong) {
            throw new ParameterException(command.commandLine(), wrong.getMessage(), wrong);
        }
    }
}
