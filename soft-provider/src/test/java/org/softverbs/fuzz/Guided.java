package org.softverbs.fuzz;

/// Where a fuzzer that is guided by coverage comes in: the method that Jazzer calls by its name. A
/// process has one target, the one of the property [#TARGET_PROPERTY].
public final class Guided {

    static final String TARGET_PROPERTY = "softverbs.fuzz.target";

    private static final Target TARGET = Targets.of(System.getProperty(TARGET_PROPERTY, ""));

    private Guided() {}

    /// Runs one input.
    public static void fuzzerTestOneInput(byte[] input) {
        TARGET.run(input);
    }
}
