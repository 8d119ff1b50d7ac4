package org.softverbs.ulp.perf;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/// The tests.
enum PerfTest {
    SEND_BW(PerfVerb.SEND, false, 1000),
    WRITE_BW(PerfVerb.WRITE, false, 5000),
    READ_BW(PerfVerb.READ, false, 1000),
    ATOMIC_BW(PerfVerb.ATOMIC, false, 1000),
    SEND_LAT(PerfVerb.SEND, true, 1000),
    WRITE_LAT(PerfVerb.WRITE, true, 1000),
    READ_LAT(PerfVerb.READ, true, 1000),
    ATOMIC_LAT(PerfVerb.ATOMIC, true, 1000);

    private static final int BANDWIDTH_SIZE = 65_536;
    private static final int LATENCY_SIZE = 2;
    private static final int ATOMIC_SIZE = 8;

    private final PerfVerb verb;
    private final boolean latency;
    private final int defaultIterations;

    PerfTest(PerfVerb verb, boolean latency, int defaultIterations) {
        this.verb = verb;
        this.latency = latency;
        this.defaultIterations = defaultIterations;
    }

    /// The test that a word of the command line names.
    ///
    /// @throws IllegalArgumentException when there is none
    static PerfTest named(String name) {
        return Arrays.stream(values())
                .filter(test -> test.title().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "test '" + name + "' is none of " + names()));
    }

    static String names() {
        return Arrays.stream(values()).map(PerfTest::title).collect(Collectors.joining(", "));
    }

    /// The word of the command line: `write-bw`.
    String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    PerfVerb verb() {
        return verb;
    }

    boolean isLatency() {
        return latency;
    }

    /// Whether both ends send, one after the other, so that a sample is half a round trip.
    boolean isPingpong() {
        return latency && !verb.reads();
    }

    /// Whether the server has a part in the test beyond its device.
    boolean serverTakesPart() {
        return verb == PerfVerb.SEND || isPingpong();
    }

    int defaultIterations() {
        return defaultIterations;
    }

    int defaultSize() {
        if (verb == PerfVerb.ATOMIC) {
            return ATOMIC_SIZE;
        }
        return latency ? LATENCY_SIZE : BANDWIDTH_SIZE;
    }
}
