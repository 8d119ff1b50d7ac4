package org.softverbs.soft.device;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.softverbs.soft.dma.DmaSettings;
import org.softverbs.soft.host.JvmOptions;
import org.softverbs.soft.link.FaultPlan;
import org.softverbs.soft.profile.DeviceProfile;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.VerbsException;

/// The settings of a device that is opened by name.
///
/// @param progress who drives it: `poll` (default) or `loop`
/// @param nio whether to use the JDK sockets (`transport` = `nio`) even where there are native ones
/// @param pcap file to record packets in
/// @param record file to record packets, requests, completions and events in, as a trace
/// @param faults harm to do to packets that are sent
/// @param seed seed of the harm
/// @param sanitize whether its use of memory and keys is checked: `sanitizer` = `on` or `off`
/// @param profile what it does otherwise than others: `profile` = as [DeviceProfile#parse] reads
///     it; without it [JvmOptions#PROFILE]
/// @param watchdog how long a queue pair may wait without progress before it is told of: `watchdog`
///     = seconds
/// @param dma how it is attached to memory: `addressing` = `physical` (default), `virtual` or
///     `iova`; for the last `iommu` = `on` or `off`, `granule`, `swiotlb` = `off`, `on` or `force`,
///     `mask` = a number of bits; of other devices' memory `peers` = `refuse` (default) or
///     `bounce`, `bars` = `pointers` (default), `intervals` or `hash`, `device-private` = `refuse`
///     (default), `migrate`, `alias` or `alias-or-migrate`
record DeviceOptions(
        ProgressMode progress,
        boolean nio,
        Optional<Path> pcap,
        Optional<Path> record,
        FaultPlan faults,
        long seed,
        boolean sanitize,
        DeviceProfile profile,
        Optional<Duration> watchdog,
        DmaSettings dma) {

    private static final String OPEN = "open";
    private static final int MOST_SECONDS = 1_000_000;
    private static final double NANOS_PER_SECOND = 1e9;

    /// Reads settings by name.
    ///
    /// @param isAdapter whether the kind of device is an adapter: `iova` and an IOMMU by default
    /// @throws VerbsException `EINVAL` for a name or value that is none
    static DeviceOptions of(Map<String, String> options, boolean isAdapter) {
        ProgressMode progress = ProgressMode.POLL;
        boolean nio = false;
        Optional<Path> pcap = Optional.empty();
        Optional<Path> record = Optional.empty();
        FaultPlan faults = FaultPlan.NONE;
        long seed = 0;
        boolean sanitize = false;
        Optional<String> profile = Optional.empty();
        Optional<Duration> watchdog = Optional.empty();
        DmaOptions dma = new DmaOptions(isAdapter);
        for (Map.Entry<String, String> option : options.entrySet()) {
            String value = option.getValue();
            switch (option.getKey()) {
                case "progress" -> progress = progress(value);
                case "transport" -> nio = isNio(value);
                case "pcap" -> pcap = Optional.of(file("pcap", value));
                case "record" -> record = Optional.of(file("record", value));
                case "faults" -> faults = FaultPlan.parse(value);
                case "seed" -> seed = seed(value);
                case "sanitizer" -> sanitize = isSanitized(value);
                case "profile" -> profile = Optional.of(value);
                case "watchdog" -> watchdog = Optional.of(watchdog(value));
                default -> {
                    if (!dma.take(option.getKey(), value)) {
                        throw refused(
                                "option '"
                                        + option.getKey()
                                        + "' is none of progress, transport, pcap, record, faults, seed,"
                                        + " sanitizer, profile, watchdog, "
                                        + DmaOptions.NAMES);
                    }
                }
            }
        }
        return new DeviceOptions(
                progress,
                nio,
                pcap,
                record,
                faults,
                seed,
                sanitize,
                profile.map(it -> profile("", it)).orElseGet(DeviceOptions::profileOfJvm),
                watchdog,
                dma.settings());
    }

    private static ProgressMode progress(String value) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "poll" -> ProgressMode.POLL;
            case "loop" -> ProgressMode.LOOP;
            default -> throw refused("progress '" + value + "' is neither poll nor loop");
        };
    }

    private static boolean isNio(String value) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "nio" -> true;
            case "auto" -> false;
            default -> throw refused("transport '" + value + "' is neither auto nor nio");
        };
    }

    private static boolean isSanitized(String value) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "on" -> true;
            case "off" -> false;
            default -> throw refused("sanitizer '" + value + "' is neither on nor off");
        };
    }

    /// The profile that [JvmOptions#PROFILE] sets for all devices that say nothing themselves.
    static DeviceProfile profileOfJvm() {
        return JvmOptions.profile()
                .map(it -> profile("system property " + JvmOptions.PROFILE + ": ", it))
                .orElseGet(DeviceProfile::standard);
    }

    private static DeviceProfile profile(String where, String value) {
        try {
            return DeviceProfile.parse(value);
        } catch (IllegalArgumentException e) {
            throw refused(where + e.getMessage());
        }
    }

    private static Duration watchdog(String value) {
        return watchdog("watchdog", value);
    }

    /// The limit that [JvmOptions#WATCHDOG] sets for all devices.
    static Duration watchdogOfJvm(String value) {
        return watchdog("system property " + JvmOptions.WATCHDOG, value);
    }

    private static Duration watchdog(String name, String value) {
        try {
            double seconds = Double.parseDouble(value);
            if (seconds > 0 && seconds <= MOST_SECONDS) {
                return Duration.ofNanos(Math.max(1, (long) (seconds * NANOS_PER_SECOND)));
            }
        } catch (NumberFormatException e) {
            throw refused(name + " '" + value + "' is no number of seconds");
        }
        throw refused(name + " " + value + " is not above 0 and at most " + MOST_SECONDS);
    }

    private static Path file(String option, String value) {
        try {
            return Path.of(value);
        } catch (InvalidPathException e) {
            throw refused(option + " '" + value + "' is no file name: " + e.getReason());
        }
    }

    private static long seed(String value) {
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw refused("seed '" + value + "' is not a 64-bit number");
        }
    }

    static VerbsException refused(String reason) {
        return new VerbsException(Errno.EINVAL, OPEN, reason);
    }
}
