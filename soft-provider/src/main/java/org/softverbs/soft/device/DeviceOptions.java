package org.softverbs.soft.device;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.soft.link.FaultPlan;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.VerbsException;

/// The settings of a device that is opened by name.
///
/// @param progress who drives it: `poll` (default) or `loop`
/// @param nio whether to use the JDK sockets (`transport` = `nio`) even where there are native ones
/// @param pcap file to record packets in
/// @param faults harm to do to packets that are sent
/// @param seed seed of the harm
/// @param addressing what addresses it is given for DMA: `physical` (default) or `virtual`
record DeviceOptions(
        ProgressMode progress,
        boolean nio,
        Optional<Path> pcap,
        FaultPlan faults,
        long seed,
        DmaAddressing addressing) {

    private static final String OPEN = "open";

    /// Reads settings by name.
    ///
    /// @throws VerbsException `EINVAL` for a name or value that is none
    static DeviceOptions of(Map<String, String> options) {
        ProgressMode progress = ProgressMode.POLL;
        boolean nio = false;
        Optional<Path> pcap = Optional.empty();
        FaultPlan faults = FaultPlan.NONE;
        long seed = 0;
        DmaAddressing addressing = DmaAddressing.PHYSICAL;
        for (Map.Entry<String, String> option : options.entrySet()) {
            String value = option.getValue();
            switch (option.getKey()) {
                case "progress" -> progress = progress(value);
                case "transport" -> nio = isNio(value);
                case "pcap" -> pcap = Optional.of(pcap(value));
                case "faults" -> faults = FaultPlan.parse(value);
                case "seed" -> seed = seed(value);
                case "addressing" -> addressing = addressing(value);
                default ->
                        throw refused(
                                "option '"
                                        + option.getKey()
                                        + "' is none of progress, transport, pcap, faults, seed,"
                                        + " addressing");
            }
        }
        return new DeviceOptions(progress, nio, pcap, faults, seed, addressing);
    }

    private static ProgressMode progress(String value) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "poll" -> ProgressMode.POLL;
            case "loop" -> ProgressMode.LOOP;
            default -> throw refused("progress '" + value + "' is neither poll nor loop");
        };
    }

    private static DmaAddressing addressing(String value) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "physical" -> DmaAddressing.PHYSICAL;
            case "virtual" -> DmaAddressing.VIRTUAL;
            case "iova" -> DmaAddressing.IOVA;
            default ->
                    throw refused("addressing '" + value + "' is none of physical, virtual, iova");
        };
    }

    private static boolean isNio(String value) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "nio" -> true;
            case "auto" -> false;
            default -> throw refused("transport '" + value + "' is neither auto nor nio");
        };
    }

    private static Path pcap(String value) {
        try {
            return Path.of(value);
        } catch (InvalidPathException e) {
            throw refused("pcap '" + value + "' is no file name: " + e.getReason());
        }
    }

    private static long seed(String value) {
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw refused("seed '" + value + "' is not a 64-bit number");
        }
    }

    private static VerbsException refused(String reason) {
        return new VerbsException(Errno.EINVAL, OPEN, reason);
    }
}
