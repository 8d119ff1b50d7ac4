package org.softverbs.fuzz;

/// Where a fuzzer that is guided by coverage comes in: the method that Jazzer calls by its name. A
/// process has one target, the one of the property `softverbs.fuzz.target`.
public final class Guided {

    private static final Target TARGET =
            Targets.of(System.getProperty("softverbs.fuzz.target", ""));

    private Guided() {}

    /// Runs one input.
    public static void fuzzerTestOneInput(byte[] input) {
        TARGET.run(input);
    }
}
