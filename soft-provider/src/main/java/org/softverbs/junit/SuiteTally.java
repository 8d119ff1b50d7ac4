package org.softverbs.junit;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import jdk.jfr.consumer.RecordedEvent;

/// What was recorded while the tests of a suite ran.
///
/// Single-threaded.
final class SuiteTally {

    static final String OPENED = "org.softverbs.DeviceOpened";
    static final String REPORT = "org.softverbs.SanitizerReport";
    static final String STUCK = "org.softverbs.Stuck";

    /// A test, and what it announced.
    private static final class Run {
        private final String name;
        private final Instant start;
        private final Instant end;
        private final List<String> findings;
        private final boolean stuck;
        private final boolean perhaps;
        private boolean reported;

        Run(RecordedEvent event) {
            name = event.getString("test");
            start = event.getStartTime();
            end = event.getEndTime();
            findings = TestRun.findings(event.getString("findings"));
            stuck = event.getBoolean("stuck");
            perhaps = event.getBoolean("perhaps");
        }

        boolean contains(Instant time) {
            return !time.isBefore(start) && !time.isAfter(end);
        }

        boolean provokes() {
            return stuck || !findings.isEmpty();
        }
    }

    private final List<Run> runs = new ArrayList<>();
    private final List<String> notProvoked = new ArrayList<>();
    private long devices;
    private long reports;
    private long provokedReports;
    private long stuck;
    private long provokedStuck;

    SuiteTally(List<RecordedEvent> events) {
        for (RecordedEvent event : events) {
            if (event.getEventType().getName().equals(TestRun.NAME)) {
                runs.add(new Run(event));
            }
        }
        for (RecordedEvent event : events) {
            switch (event.getEventType().getName()) {
                case OPENED -> devices++;
                case REPORT -> onReport(event);
                case STUCK -> onStuck(event);
                default -> {
                    // A test itself.
                }
            }
        }
    }

    private void onReport(RecordedEvent event) {
        String finding = event.getString("finding");
        boolean provoked = false;
        for (Run run : runs) {
            if (run.contains(event.getStartTime()) && run.findings.contains(finding)) {
                run.reported = true;
                provoked = true;
            }
        }
        if (provoked) {
            provokedReports++;
        } else {
            reports++;
            notProvoked.add(during(event) + event.getString("report"));
        }
    }

    private void onStuck(RecordedEvent event) {
        for (Run run : runs) {
            if (run.contains(event.getStartTime()) && run.stuck) {
                provokedStuck++;
                return;
            }
        }
        stuck++;
        notProvoked.add(
                "%squeue pair 0x%x made no progress for %d ms; it waits for %s"
                        .formatted(
                                during(event),
                                event.getInt("queuePair"),
                                event.getLong("waitedMillis"),
                                event.getString("waitsFor")));
    }

    private String during(RecordedEvent event) {
        String names = "";
        for (Run run : runs) {
            if (run.contains(event.getStartTime())) {
                names = run.name + ": ";
            }
        }
        return names.isEmpty() ? "between two tests: " : names;
    }

    long devices() {
        return devices;
    }

    /// What nobody announced.
    List<String> notProvoked() {
        return notProvoked;
    }

    /// Tests that announced findings which were not made.
    List<String> notReported() {
        return runs.stream()
                .filter(it -> !it.findings.isEmpty() && !it.perhaps && !it.reported)
                .map(it -> it.name)
                .toList();
    }

    @Override
    public String toString() {
        long provoking = runs.stream().filter(Run::provokes).count();
        return "%d tests opened %d devices: %d reports of the sanitizer, %d queue pairs that the watchdog told of (beside %d and %d in %d tests that provoke them)"
                .formatted(
                        runs.size(),
                        devices,
                        reports,
                        stuck,
                        provokedReports,
                        provokedStuck,
                        provoking);
    }
}
