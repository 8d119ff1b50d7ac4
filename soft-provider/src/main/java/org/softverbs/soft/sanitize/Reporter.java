package org.softverbs.soft.sanitize;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.softverbs.dma.AddressSpace;
import org.softverbs.sanitizer.CallSite;
import org.softverbs.sanitizer.Finding;
import org.softverbs.sanitizer.Report;
import org.softverbs.soft.jfr.FlightEvents;

/// Makes reports and keeps the first of them.
final class Reporter {

    private static final int MOST_REPORTS = 4096;

    private final CallSites callSites = new CallSites();
    private final List<Report> reports = new ArrayList<>();
    private final List<Consumer<Report>> listeners = new ArrayList<>();

    CallSite here() {
        return callSites.here();
    }

    void report(
            Finding finding,
            AddressSpace space,
            long address,
            long length,
            @Nullable TrackedMapping mapping,
            String detail) {
        report(finding, space, address, length, mapping, detail, here());
    }

    void report(
            Finding finding,
            AddressSpace space,
            long address,
            long length,
            @Nullable TrackedMapping mapping,
            String detail,
            CallSite conflictAt) {
        Optional<TrackedMapping> about = Optional.ofNullable(mapping);
        Report report =
                new Report(
                        finding,
                        space,
                        address,
                        length,
                        detail,
                        about.map(TrackedMapping::toString),
                        about.map(TrackedMapping::site),
                        conflictAt);
        synchronized (this) {
            if (reports.size() < MOST_REPORTS) {
                reports.add(report);
            }
        }
        FlightEvents.found(report);
        listeners().forEach(listener -> listener.accept(report));
    }

    private synchronized List<Consumer<Report>> listeners() {
        return List.copyOf(listeners);
    }

    synchronized void add(Consumer<Report> listener) {
        listeners.add(listener);
    }

    synchronized List<Report> reports() {
        return List.copyOf(reports);
    }

    synchronized void clear() {
        reports.clear();
    }
}
