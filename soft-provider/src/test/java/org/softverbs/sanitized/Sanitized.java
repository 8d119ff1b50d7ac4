package org.softverbs.sanitized;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.softverbs.sanitizer.Report;
import org.softverbs.sanitizer.Sanitizer;
import org.softverbs.soft.host.Clock;
import org.softverbs.soft.host.Host;
import org.softverbs.soft.host.RandomSource;
import org.softverbs.verbs.PrivilegedContext;
import org.softverbs.verbs.RdmaDevices;

/// The hosts of tests, with the sanitizer on when the system property says so.
public final class Sanitized {

    private static final boolean ON = System.getProperty("softverbs.sanitizer", "off").equals("on");

    /// Of the test that runs now, for there is one at a time in a JVM.
    private static final List<Sanitizer> SANITIZERS = new ArrayList<>();

    private static final List<AutoCloseable> LEFT_BY_TEST = new ArrayList<>();
    private static final List<Found> FOUND = new ArrayList<>();

    private static int testsLookedAt;

    /// A report and the stack of the call that was wrong.
    record Found(Report report, Throwable stack) {}

    private Sanitized() {}

    /// Whether the sanitizer is on: a test that tries very much may try less.
    public static boolean isOn() {
        return ON;
    }

    /// A machine.
    public static Host host(Clock clock, RandomSource random) {
        return watched(new Host(clock, random));
    }

    /// A machine with the system clock.
    public static Host local() {
        return watched(Host.local());
    }

    /// A device by name, on a machine of its own.
    public static PrivilegedContext open(String name, Map<String, String> options) {
        Map<String, String> all = new HashMap<>(options);
        if (ON) {
            all.put("sanitizer", "on");
        }
        PrivilegedContext context = RdmaDevices.openPrivileged(name, all);
        context.sanitizer().ifPresent(Sanitized::watch);
        return context;
    }

    private static Host watched(Host host) {
        if (ON) {
            watch(host.sanitize());
        }
        return host;
    }

    private static synchronized void watch(Sanitizer sanitizer) {
        SANITIZERS.add(sanitizer);
        sanitizer.onReport(Sanitized::note);
    }

    private static synchronized void note(Report report) {
        FOUND.add(new Found(report, new Throwable(report.toString())));
    }

    /// Closes what a test of the DMA layer mapped for itself when the test ends: it need not.
    ///
    /// @return the handle
    public static synchronized <T extends AutoCloseable> T closeAtEnd(T handle) {
        if (ON) {
            LEFT_BY_TEST.add(handle);
        }
        return handle;
    }

    private static synchronized List<AutoCloseable> leftByTest() {
        List<AutoCloseable> left = List.copyOf(LEFT_BY_TEST);
        LEFT_BY_TEST.clear();
        return left;
    }

    /// What was found since the last time, also what is left mapped. A device's own thread may
    /// report meanwhile: nothing is locked while the sanitizers are asked.
    static List<Found> take() throws Exception {
        for (AutoCloseable left : leftByTest()) {
            left.close();
        }
        watched().forEach(Sanitizer::unbindAll);
        return found();
    }

    private static synchronized List<Sanitizer> watched() {
        List<Sanitizer> watched = List.copyOf(SANITIZERS);
        SANITIZERS.clear();
        return watched;
    }

    /// Tests whose reports were taken.
    static synchronized int testsLookedAt() {
        return testsLookedAt;
    }

    private static synchronized List<Found> found() {
        testsLookedAt++;
        List<Found> found = List.copyOf(FOUND);
        FOUND.clear();
        return found;
    }
}
