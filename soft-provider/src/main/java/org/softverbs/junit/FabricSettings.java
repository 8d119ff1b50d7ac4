package org.softverbs.junit;

import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.sim.Fault;
import org.softverbs.sim.FaultKind;
import org.softverbs.soft.host.JvmOptions;
import org.softverbs.soft.profile.DeviceProfile;

/// What a [Fabric] asks for, checked.
record FabricSettings(
        int nodes,
        long seed,
        FabricClock clock,
        List<Fault> faults,
        Map<FaultKind, Double> rates,
        Duration latency,
        int mtu,
        DeviceProfile profile,
        FabricTransport transport,
        boolean privileged,
        DmaAddressing addressing,
        boolean sanitizer,
        boolean reportsExpected,
        Duration watchdog) {

    static final String SEED_PROPERTY = "softverbs.seed";

    private static final int MOST_NODES = 64;
    private static final int SMALLEST_MTU = 336;
    private static final int LARGEST_MTU = 9000;
    private static final long STANDARD_LATENCY_NANOS = 2000;
    private static final long MOST_LATENCY_NANOS = 1_000_000_000;

    /// @param seedProperty the system property `softverbs.seed`, null when it is not set
    /// @throws ExtensionConfigurationException naming the attribute that is wrong
    static FabricSettings of(Fabric wanted, @Nullable String seedProperty) {
        within("nodes", wanted.nodes(), 1, MOST_NODES);
        within("mtu", wanted.mtu(), SMALLEST_MTU, LARGEST_MTU);
        within("latencyNanos", wanted.latencyNanos(), -1, MOST_LATENCY_NANOS);
        within("watchdogMillis", wanted.watchdogMillis(), 0, Integer.MAX_VALUE);
        if (wanted.clock() == FabricClock.REAL) {
            refuseWithRealClock("latencyNanos", wanted.latencyNanos() == -1);
            refuseWithRealClock("faults", wanted.faults().length == 0);
        }
        long latency = wanted.latencyNanos() == -1 ? STANDARD_LATENCY_NANOS : wanted.latencyNanos();
        return new FabricSettings(
                wanted.nodes(),
                seedProperty == null ? wanted.seed() : seed(seedProperty),
                wanted.clock(),
                Arrays.stream(wanted.faults()).map(it -> fault(it, wanted.nodes())).toList(),
                rates(wanted.rates()),
                Duration.ofNanos(latency),
                wanted.mtu(),
                profile(wanted.profile()),
                wanted.transport(),
                wanted.privileged(),
                wanted.addressing(),
                wanted.sanitizer(),
                wanted.reportsExpected(),
                Duration.ofMillis(wanted.watchdogMillis()));
    }

    /// @param name empty for what the JVM says, if it says anything
    private static DeviceProfile profile(String name) {
        String where = "profile: ";
        String text = name;
        if (name.isEmpty()) {
            where = "the system property " + JvmOptions.PROFILE + ": ";
            text = JvmOptions.profile().orElse("standard");
        }
        try {
            return DeviceProfile.parse(text);
        } catch (IllegalArgumentException e) {
            throw wrong(where + e.getMessage());
        }
    }

    private static void within(String attribute, long value, long least, long most) {
        if (value < least || value > most) {
            throw wrong("%s %d is not within %d and %d".formatted(attribute, value, least, most));
        }
    }

    private static void refuseWithRealClock(String attribute, boolean absent) {
        if (!absent) {
            throw wrong(attribute + " needs clock = VIRTUAL");
        }
    }

    private static long seed(String value) {
        try {
            return Long.parseLong(value.strip());
        } catch (NumberFormatException e) {
            throw wrong(
                    "the system property "
                            + SEED_PROPERTY
                            + " '"
                            + value
                            + "' is no 64-bit number");
        }
    }

    private static Fault fault(String text, int nodes) {
        Fault fault;
        try {
            fault = Fault.parse(text);
        } catch (IllegalArgumentException e) {
            throw wrong("faults: '" + text + "': " + e.getMessage());
        }
        requirePacket("faults: '" + text + "'", fault.kind());
        if (fault.place().from() > nodes || fault.place().to() > nodes) {
            throw wrong("faults: '" + text + "': there are " + nodes + " nodes");
        }
        return fault;
    }

    private static void requirePacket(String what, FaultKind kind) {
        if (!kind.isOfPacket()) {
            throw wrong(
                    what
                            + ": "
                            + kind
                            + " befalls no packets; a test does it itself, by World.host(n)");
        }
    }

    private static Map<FaultKind, Double> rates(String... texts) {
        Map<FaultKind, Double> rates = new EnumMap<>(FaultKind.class);
        for (String text : texts) {
            int equals = text.indexOf('=');
            if (equals < 0) {
                throw wrong("rates: '" + text + "' is not KIND=PART");
            }
            FaultKind kind = kind(text, text.substring(0, equals));
            if (rates.putIfAbsent(kind, part(text, text.substring(equals + 1))) != null) {
                throw wrong("rates: " + kind + " stands there twice");
            }
        }
        return rates;
    }

    private static FaultKind kind(String text, String name) {
        FaultKind kind;
        try {
            kind = FaultKind.valueOf(name.strip().toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw wrong("rates: '" + text + "': '" + name + "' is no FaultKind");
        }
        requirePacket("rates: '" + text + "'", kind);
        return kind;
    }

    private static double part(String text, String value) {
        double part;
        try {
            part = Double.parseDouble(value);
        } catch (NumberFormatException e) {
            throw wrong("rates: '" + text + "': '" + value + "' is no number");
        }
        if (!(part >= 0 && part <= 1)) {
            throw wrong("rates: '" + text + "': " + part + " is not within 0 and 1");
        }
        return part;
    }

    static ExtensionConfigurationException wrong(String sentence) {
        return new ExtensionConfigurationException("@Fabric: " + sentence);
    }
}
