package org.softverbs.conformance;

import java.util.ArrayList;
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
    private final Map<Outcome, Integer> counts = new EnumMap<>(Outcome.class);

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
                        .filter(row -> !row.isRequired() && outcome(row) != Outcome.UNDECIDED)
                        .toList();
        StringBuilder lines = new StringBuilder();
        required.forEach(row -> count(outcome(row)));
        required.stream()
                .filter(row -> outcome(row) != Outcome.UNDECIDED)
                .forEach(row -> lines.append(line(row)));
        StringBuilder page = new StringBuilder(HEAD).append(summary(required.size()));
        page.append('\n').append(COLUMNS).append(lines);
        if (!others.isEmpty()) {
            page.append("\n## Rows of other tiers\n\n").append(COLUMNS);
            others.forEach(row -> page.append(line(row)));
        }
        return page.append(undecided(required)).toString();
    }

    private void count(Outcome outcome) {
        counts.merge(outcome, 1, Integer::sum);
    }

    private String summary(int required) {
        return """
        - Table: `verbs-semantics.tsv`, sha256 `%s`; %d rows of tiers 1 and 2.
        - Each row on `rxe` and on `hca`: %d passes, %d deviates, %d not applicable, %d undecided.
        """
                .formatted(
                        Row.sha256OfTable(),
                        required,
                        counts.getOrDefault(Outcome.PASSES, 0),
                        counts.getOrDefault(Outcome.DEVIATES, 0),
                        counts.getOrDefault(Outcome.NOT_APPLICABLE, 0),
                        counts.getOrDefault(Outcome.UNDECIDED, 0));
    }

    private String line(Row row) {
        Outcome outcome = outcome(row);
        String names =
                testsOf(row).stream()
                        .map(test -> "`" + test.name() + "`")
                        .collect(Collectors.joining(", "));
        return "| %s | %s | %s | %s | %s |\n"
                .formatted(row.id(), outcome, outcome, names, reason(row));
    }

    private List<Suite.Case> testsOf(Row row) {
        return tests.getOrDefault(row.id(), List.of());
    }

    private Outcome outcome(Row row) {
        if (notApplicable.containsKey(row.id())) {
            return Outcome.NOT_APPLICABLE;
        }
        List<Suite.Case> of = testsOf(row);
        if (of.isEmpty()) {
            return Outcome.UNDECIDED;
        }
        return of.stream().anyMatch(test -> test.method().isAnnotationPresent(Deviates.class))
                ? Outcome.DEVIATES
                : Outcome.PASSES;
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
        List<Row> open =
                required.stream().filter(row -> outcome(row) == Outcome.UNDECIDED).toList();
        StringBuilder text = new StringBuilder("\n## Undecided\n\n");
        if (open.isEmpty()) {
            return text.append("None.\n").toString();
        }
        open.forEach(row -> text.append("- %s %s\n".formatted(row.id(), row.name())));
        return text.toString();
    }
}
