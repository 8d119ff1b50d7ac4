package org.softverbs.findings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.softverbs.sanitizer.Finding;
import org.softverbs.sanitizer.Report;
import org.softverbs.sanitizer.Sanitizer;

/// What a test says about reports.
final class Expect {

    private Expect() {}

    /// Exactly one report, with all that belongs in it.
    static Report only(Sanitizer sanitizer, Finding finding) {
        assertThat(sanitizer.reports()).extracting(Report::finding).containsExactly(finding);
        Report report = sanitizer.reports().getFirst();
        assertThat(report.conflictAt().className()).startsWith("org.softverbs.findings.");
        assertThat(report.kernel()).isNotEmpty();
        assertThat(report.toString())
                .startsWith(finding.number() + " " + finding)
                .contains(report.conflictAt().toString(), report.space().toString());
        sanitizer.clear();
        return report;
    }

    /// Exactly one report of what a peer did: the call site is the device's own.
    static Report byPeer(Sanitizer sanitizer, Finding finding) {
        assertThat(sanitizer.reports()).extracting(Report::finding).containsExactly(finding);
        Report report = sanitizer.reports().getFirst();
        assertThat(report.toString()).startsWith(finding.number() + " " + finding);
        sanitizer.clear();
        return report;
    }

    /// As [#withMapping], in a program so wrong that the device may reach what was unmapped before
    /// anybody looks: such reports are left out.
    static void withMappingAndUseAfterUnmap(Sanitizer sanitizer, Finding finding) {
        List<Report> reports =
                sanitizer.reports().stream()
                        .filter(it -> it.finding() != Finding.DEVICE_USE_AFTER_UNMAP)
                        .toList();
        assertThat(reports).extracting(Report::finding).containsExactly(finding);
        assertThat(reports.getFirst().mapping()).isPresent();
        sanitizer.clear();
    }

    /// As [#only], for a report that names a mapping and where it was made.
    static Report withMapping(Sanitizer sanitizer, Finding finding) {
        Report report = only(sanitizer, finding);
        assertThat(report.mapping()).isPresent();
        assertThat(report.mappedAt())
                .hasValueSatisfying(
                        site -> assertThat(site.className()).startsWith("org.softverbs.findings."));
        return report;
    }
}
