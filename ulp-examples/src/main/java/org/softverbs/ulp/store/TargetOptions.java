package org.softverbs.ulp.store;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.softverbs.dma.DmaStatistics;
import org.softverbs.ulp.tool.CommonOptions;
import org.softverbs.ulp.tool.ToolException;
import org.softverbs.verbs.PrivilegedContext;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The options that say what a target is, and how its device reaches memory.
final class TargetOptions {

    private static final long MEBIBYTE = 1 << 20;

    @Mixin private final CommonOptions common = new CommonOptions();

    @Option(
            names = "--addressing",
            paramLabel = "physical|virtual|iova",
            description =
                    "What addresses the target's device is given (default: physical; hca: iova).")
    private @Nullable String addressing;

    @Option(
            names = "--iommu",
            paramLabel = "on|off",
            description = "Whether an adapter is behind an IOMMU (default: on for hca).")
    private @Nullable String iommu;

    @Option(
            names = "--swiotlb",
            paramLabel = "off|on|force",
            description = "Bounce buffers of an adapter (default: on).")
    private @Nullable String swiotlb;

    @Option(
            names = "--faults",
            paramLabel = "NAME=P,...",
            description =
                    "Harm that the link does to packets: drop, duplicate, reorder, corrupt, delay,"
                            + " each with its probability.")
    private @Nullable String faults;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of harm and of chance (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--size",
            paramLabel = "MIB",
            description = "Size of the store (default: ${DEFAULT-VALUE}).")
    private int size = 64;

    @Option(
            names = "--block-size",
            paramLabel = "BYTES",
            description = "Size of a block, 512 to 4096 (default: ${DEFAULT-VALUE}).")
    private int blockSize = 512;

    @Option(names = "--force-mr", description = "Register every transfer.")
    private boolean forceRegistration;

    @Option(
            names = "--max-sgl-rd",
            paramLabel = "N",
            description = "Segments above which an RDMA READ is registered (default: never).")
    private int maxReadSegments;

    CommonOptions common() {
        return common;
    }

    long seed() {
        return seed;
    }

    /// What the target's device is opened with.
    Map<String, String> targetOptions() {
        Map<String, String> options = harm(common.providerOptions(), seed);
        put(options, "addressing", addressing);
        put(options, "iommu", iommu);
        put(options, "swiotlb", swiotlb);
        return options;
    }

    /// What a client's device is opened with.
    Map<String, String> clientOptions() {
        return harm(common.providerOptions(), seed + 1);
    }

    private Map<String, String> harm(Map<String, String> options, long ownSeed) {
        if (faults != null) {
            options.put("faults", faults);
            options.put("seed", Long.toString(ownSeed));
        }
        return options;
    }

    private static void put(Map<String, String> options, String name, @Nullable String value) {
        if (value != null) {
            options.put(name, value);
        }
    }

    /// Whether an option was given that is a target's only.
    boolean isForTarget() {
        return addressing != null || iommu != null || swiotlb != null || forceRegistration;
    }

    /// The target's settings.
    ///
    /// @throws ToolException for numbers out of range
    StoreSettings settings() {
        try {
            return StoreSettings.of(new StoreGeometry(blockSize, size * MEBIBYTE / blockSize))
                    .withRegistrations(forceRegistration, maxReadSegments);
        } catch (IllegalArgumentException wrong) {
            throw new ToolException(String.valueOf(wrong.getMessage()), wrong);
        }
    }

    /// What a target did, as values for JSON.
    static Map<String, Object> account(StoreStatistics done, PrivilegedContext device) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (StoreCommand command : StoreCommand.values()) {
            values.put(command.name().toLowerCase(Locale.ROOT), done.commands(command));
        }
        Map<String, Object> strategies = new TreeMap<>();
        done.strategies().forEach((strategy, count) -> strategies.put(strategy.name(), count));
        values.put("strategies", strategies);
        values.put("refused", done.refused());
        values.put("waited", done.waited());
        values.put("lost", done.lost());
        DmaStatistics dma = device.dma().statistics();
        values.put("maps", dma.maps());
        values.put("unmaps", dma.unmaps());
        values.put("iovaAllocations", dma.iovaAllocations());
        values.put("iovaFrees", dma.iovaFrees());
        values.put("bouncedBytes", dma.bouncedBytes());
        return values;
    }
}
