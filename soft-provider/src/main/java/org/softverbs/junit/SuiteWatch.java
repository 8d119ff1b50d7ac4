package org.softverbs.junit;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.softverbs.soft.host.JvmOptions;

/// Fails a suite of tests by each report of the sanitizer, and each queue pair that the watchdog
/// tells of, which no test announces with [Provokes]; logs at its end how many there were.
///
/// It does nothing unless the system properties `softverbs.sanitizer` or `softverbs.watchdog`
/// switch them on for all devices. A suite has it by the line `org.softverbs.junit.SuiteWatch`
/// in its
/// `META-INF/services/org.junit.jupiter.api.extension.Extension`, with
/// `junit.jupiter.extensions.autodetection.enabled`. Its tests are to run one after another: what
/// is reported belongs to the test that runs.
public final class SuiteWatch implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback {

    private static final Namespace NAMESPACE = Namespace.create(SuiteWatch.class);

    /// For JUnit.
    public SuiteWatch() {}

    private static boolean isOn() {
        return JvmOptions.sanitizes() || JvmOptions.watchdog().isPresent();
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        if (isOn()) {
            context.getRoot()
                    .getStore(NAMESPACE)
                    .getOrComputeIfAbsent(
                            SuiteRecording.class,
                            any -> new SuiteRecording(),
                            SuiteRecording.class);
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        if (isOn()) {
            TestRun run = new TestRun();
            run.announce(
                    context.getRequiredTestClass().getSimpleName() + " " + context.getDisplayName(),
                    Nearest.annotation(context, Provokes.class),
                    expectsReports(context));
            context.getStore(NAMESPACE).put(TestRun.class, run);
            run.begin();
        }
    }

    private static boolean expectsReports(ExtensionContext context) {
        return Nearest.annotation(context, Fabric.class).map(Fabric::reportsExpected).orElse(false)
                || Nearest.annotation(context, SoftVerbs.class)
                        .map(SoftVerbs::reportsExpected)
                        .orElse(false);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        TestRun run = context.getStore(NAMESPACE).get(TestRun.class, TestRun.class);
        if (run != null) {
            run.commit();
        }
    }
}
