package org.softverbs.junit;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.softverbs.sanitizer.Finding;

/// A test of a suite with [SuiteWatch], from its preparation to its end.
@Name(TestRun.NAME)
@Label("Test")
@Category("SoftVerbs")
@StackTrace(false)
final class TestRun extends Event {

    static final String NAME = "org.softverbs.TestRun";

    @Label("Test")
    String test = "";

    @Label("Findings that It Provokes")
    String findings = "";

    @Label("Provokes a Wait without Progress")
    boolean stuck;

    @Label("Provokes Nothing at Times")
    boolean perhaps;

    /// Sets what a test announces.
    ///
    /// @param any whether it looks at the reports itself: they may be any, or none
    void announce(String name, Optional<Provokes> provoked, boolean any) {
        test = name;
        if (any) {
            findings = join(List.of(Finding.values()));
            perhaps = true;
        }
        provoked.ifPresent(
                it -> {
                    findings = join(List.of(it.value()));
                    stuck = it.stuck();
                    perhaps = it.perhaps();
                });
    }

    private static String join(List<Finding> findings) {
        return findings.stream().map(Finding::name).collect(Collectors.joining(" "));
    }

    /// Reads what [#announce] wrote.
    static List<String> findings(String text) {
        return Arrays.stream(text.split(" ", -1)).filter(it -> !it.isEmpty()).toList();
    }
}
