package org.softverbs.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What ran so far. At the end of the run, if that was the whole suite and nothing failed, it
/// writes the report; a run of some rows leaves the report alone.
final class SuiteRun implements AutoCloseable {

    /// Surefire runs in the module's folder.
    static final Path REPORT = Path.of("..", "docs", "conformance.md");

    /// A test on a kind of device.
    private record Ran(String test, DeviceKind kind) {}

    private final Set<Ran> passed = new HashSet<>();
    private final Set<Ran> failed = new HashSet<>();

    synchronized void passed(String test, DeviceKind kind) {
        passed.add(new Ran(test, kind));
    }

    synchronized void failed(String test, DeviceKind kind) {
        failed.add(new Ran(test, kind));
    }

    /// For JUnit, when all tests of the run have ended.
    @Override
    public synchronized void close() throws IOException {
        List<Suite.Case> cases = Suite.cases();
        if (failed.isEmpty() && cases.stream().allMatch(this::ranOnAll)) {
            Files.writeString(REPORT, Report.of(cases));
        }
    }

    private boolean ranOnAll(Suite.Case test) {
        for (DeviceKind kind : DeviceKind.values()) {
            if (!passed.contains(new Ran(test.name(), kind))) {
                return false;
            }
        }
        return true;
    }
}
