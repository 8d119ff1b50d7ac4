package org.softverbs.conformance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// The page `docs/conformance.md`: a row of the table a line, and nothing that differs from run to
/// run.
final class Report {

    /// What came of a row. A cell of the report is exactly one of these.
    enum Outcome {
        PASSES,
        DEVIATES,
        NOT_APPLICABLE,
        UNDECIDED;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    private static final String HEAD =
            """
            # Conformance

            Written by `./mvnw verify`, in its run of all tests of soft-provider, from package
            `org.softverbs.conformance`; not to be edited. [testing.md](testing.md) says how to run one row.

            """;
    private static final String COLUMNS =
            """
            | id | rxe | hca | test | reason |
            |---|---|---|---|---|
            """;

    private final Map<String, List<Suite.Case>> tests = new TreeMap<>();
    private final Map<String, String> notApplicable = Row.notApplicable();

    private Report(List<Suite.Case> cases) {
        for (Suite.Case test : cases) {
            for (String row : test.rows()) {
                tests.computeIfAbsent(row, any -> new ArrayList<>()).add(test);
            }
        }
    }

    /// The page for a run of all tests in which none failed.
    static String of(List<Suite.Case> cases) {
        return new Report(cases).page();
    }

    private String page() {
        List<Row> required = Row.table().values().stream().filter(Row::isRequired).toList();
        List<Row> others =
                Row.table().values().stream()
                        .filter(row -> !row.isRequired() && isDecided(row))
                        .toList();
        StringBuilder page = new StringBuilder(HEAD).append(summary(required));
        page.append('\n').append(COLUMNS);
        required.stream().filter(this::isDecided).forEach(row -> page.append(line(row)));
        if (!others.isEmpty()) {
            page.append("\n## Rows of other tiers\n\n").append(COLUMNS);
            others.forEach(row -> page.append(line(row)));
        }
        return page.append(undecided(required)).toString();
    }

    private boolean isDecided(Row row) {
        return outcome(row, DeviceKind.RXE) != Outcome.UNDECIDED;
    }

    private String summary(List<Row> required) {
        StringBuilder summary =
                new StringBuilder(
                        "- Table: `verbs-semantics.tsv`, sha256 `%s`; %d rows of tiers 1 and 2.\n"
                                .formatted(Row.sha256OfTable(), required.size()));
        for (DeviceKind kind : DeviceKind.values()) {
            Map<Outcome, Integer> counts = new EnumMap<>(Outcome.class);
            required.forEach(row -> counts.merge(outcome(row, kind), 1, Integer::sum));
            summary.append("- `%s`: ".formatted(kind))
                    .append(
                            Arrays.stream(Outcome.values())
                                    .map(it -> counts.getOrDefault(it, 0) + " " + it)
                                    .collect(Collectors.joining(", ", "", ".\n")));
        }
        return summary.toString();
    }

    private String line(Row row) {
        String names =
                testsOf(row).stream()
                        .map(test -> "`" + test.name() + "`")
                        .sorted()
                        .collect(Collectors.joining(", "));
        return "| %s | %s | %s | %s | %s |\n"
                .formatted(
                        row.id(),
                        outcome(row, DeviceKind.RXE),
                        outcome(row, DeviceKind.HCA),
                        names,
                        reason(row));
    }

    private List<Suite.Case> testsOf(Row row) {
        return tests.getOrDefault(row.id(), List.of());
    }

    private Outcome outcome(Row row, DeviceKind kind) {
        if (notApplicable.containsKey(row.id())) {
            return Outcome.NOT_APPLICABLE;
        }
        List<Suite.Case> of = testsOf(row);
        if (of.isEmpty()) {
            return Outcome.UNDECIDED;
        }
        return of.stream().anyMatch(test -> deviates(test, kind))
                ? Outcome.DEVIATES
                : Outcome.PASSES;
    }

    private static boolean deviates(Suite.Case test, DeviceKind kind) {
        Deviates deviates = test.method().getAnnotation(Deviates.class);
        return deviates != null && List.of(deviates.on()).contains(kind);
    }

    private String reason(Row row) {
        Set<String> reasons = new TreeSet<>();
        String impossible = notApplicable.get(row.id());
        if (impossible != null) {
            reasons.add(impossible);
        }
        for (Suite.Case test : testsOf(row)) {
            Deviates deviates = test.method().getAnnotation(Deviates.class);
            Decision decision = test.method().getAnnotation(Decision.class);
            if (deviates != null) {
                reasons.add(deviates.value());
            }
            if (decision != null) {
                reasons.add(decision.value());
            }
        }
        return String.join("; ", reasons);
    }

    private String undecided(List<Row> required) {
        List<Row> open = required.stream().filter(row -> !isDecided(row)).toList();
        StringBuilder text = new StringBuilder("\n## Undecided\n\n");
        if (open.isEmpty()) {
            return text.append("None.\n").toString();
        }
        open.forEach(row -> text.append("- %s %s\n".formatted(row.id(), row.name())));
        return text.toString();
    }
}
