package org.softverbs.interop;

/// What a finished command left behind.
record CommandResult(String description, int exitCode, String stdout, String stderr) {

    /// Returns this result, or fails the test with all output when the exit code is not 0.
    CommandResult requireSuccess() {
        if (exitCode != 0) {
            throw new AssertionError(this.toString());
        }
        return this;
    }

    boolean succeeded() {
        return exitCode == 0;
    }

    @Override
    public String toString() {
        return "%s: exit %d%n--- stdout%n%s%n--- stderr%n%s"
                .formatted(description, exitCode, stdout.stripTrailing(), stderr.stripTrailing());
    }
}
