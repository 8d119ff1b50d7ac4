package org.softverbs.cli;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.soft.dma.DmaSettings;
import org.softverbs.soft.dma.PeerSettings;
import org.softverbs.soft.explain.DeviceChoice;
import org.softverbs.soft.explain.SglElement;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The options that say which device is to reach which memory. */
final class MappingOptions {

    /** On or off. */
    enum Toggle {
        ON,
        OFF;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What becomes of a peer that cannot be reached. */
    enum PeerChoice {
        REFUSE,
        BOUNCE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(
            names = "--device",
            required = true,
            paramLabel = "KIND",
            description = "rxe or siw: software, the CPU moves the data; hca: an adapter.")
    private DeviceChoice.@Nullable Kind device;

    @Option(
            names = "--addressing",
            paramLabel = "SPACE",
            description =
                    "What the device is given: physical or virtual addresses of the CPU, or iova,"
                            + " which makes an rxe or siw an adapter. Default: physical for rxe and"
                            + " siw, iova for hca.")
    private @Nullable DmaAddressing addressing;

    @Option(
            names = "--iommu",
            paramLabel = "on|off",
            description = "Whether an adapter is behind an IOMMU. Default: on for hca, else off.")
    private @Nullable Toggle iommu;

    @Option(
            names = "--granule",
            paramLabel = "BYTES",
            defaultValue = "4096",
            description = "Smallest page of the IOMMU. Default: ${DEFAULT-VALUE}.")
    private long granule;

    @Option(
            names = "--swiotlb",
            paramLabel = "off|on|force",
            defaultValue = "on",
            description =
                    "Bounce buffers of an adapter: none, where it cannot reach the memory, or"
                            + " always. Default: ${DEFAULT-VALUE}.")
    private DeviceChoice.Bouncing swiotlb = DeviceChoice.Bouncing.ON;

    @Option(
            names = "--mask",
            paramLabel = "BITS",
            defaultValue = "64",
            description = "Address bits that an adapter sends out. Default: ${DEFAULT-VALUE}.")
    private int mask;

    @Option(
            names = "--peers",
            paramLabel = "refuse|bounce",
            defaultValue = "refuse",
            description =
                    "A peer's memory that an adapter cannot reach: refused, or bounced by the CPU."
                            + " Default: ${DEFAULT-VALUE}.")
    private PeerChoice peers = PeerChoice.REFUSE;

    @Option(
            names = "--sgl",
            required = true,
            paramLabel = "SPEC",
            description =
                    "The scatter list: LENGTH[+OFFSET][@KIND], separated by commas. KIND is ram"
                            + " (default), adjacent, p2p-bus, p2p-bridge, p2p-none, highmem or"
                            + " private.")
    private String list = "";

    /**
     * The device that was chosen.
     *
     * @throws ParameterException when the options make no sense together
     */
    DeviceChoice choice(CommandSpec command) {
        if (device == null) {
            throw new IllegalStateException("called without a command line");
        }
        boolean isTranslated = iommu == null ? device == DeviceChoice.Kind.HCA : iommu == Toggle.ON;
        try {
            return new DeviceChoice(
                    device,
                    new DmaSettings(
                            addressing == null ? device.addressing() : addressing,
                            isTranslated,
                            granule,
                            swiotlb.policy(),
                            mask,
                            PeerSettings.standard().withBounces(peers == PeerChoice.BOUNCE)));
        } catch (IllegalArgumentException wrong) {
            throw new ParameterException(command.commandLine(), wrong.getMessage(), wrong);
        }
    }

    /**
     * The scatter list.
     *
     * @throws ParameterException when it is none
     */
    List<SglElement> elements(CommandSpec command) {
        try {
            return SglElement.parse(list);
        } catch (IllegalArgumentException wrong) {
            throw new ParameterException(
                    command.commandLine(), "--sgl: " + wrong.getMessage(), wrong);
        }
    }
}
