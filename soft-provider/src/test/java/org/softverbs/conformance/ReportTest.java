package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// What the page says of the tests as they stand.
class ReportTest {

    private static final Pattern LINE =
            Pattern.compile(
                    "\\| (\\S+) \\| (passes|deviates|not applicable)"
                            + " \\| (passes|deviates|not applicable) \\| (.*) \\| (.*) \\|");

    private final String page = Report.of(Suite.cases());

    private List<Matcher> lines() {
        List<Matcher> lines = new ArrayList<>();
        page.lines()
                .filter(line -> line.startsWith("| RUT-") || line.startsWith("| PYV-"))
                .forEach(
                        line -> {
                            Matcher matcher = LINE.matcher(line);
                            assertThat(matcher.matches()).as(line).isTrue();
                            lines.add(matcher);
                        });
        return lines;
    }

    @Test
    void shouldSayOnceOfEachRowWhatBecameOfIt() {
        List<String> told = new ArrayList<>();
        lines().forEach(line -> told.add(line.group(1)));
        page.lines()
                .filter(line -> line.startsWith("- RUT-") || line.startsWith("- PYV-"))
                .forEach(line -> told.add(line.split(" ", 3)[1]));
        assertThat(told).doesNotHaveDuplicates();
        assertThat(told)
                .containsAll(
                        Row.table().values().stream()
                                .filter(Row::isRequired)
                                .map(Row::id)
                                .toList());
    }

    @Test
    void shouldGiveAReasonForWhatDoesNotPass() {
        for (Matcher line : lines()) {
            boolean passes = line.group(2).equals("passes") && line.group(3).equals("passes");
            assertThat(passes || !line.group(5).isBlank()).as(line.group()).isTrue();
            boolean tested = !line.group(2).equals("not applicable");
            assertThat(line.group(4).isBlank()).as(line.group()).isEqualTo(!tested);
        }
    }

    @Test
    void shouldBeTheSameInEachRun() {
        assertThat(Report.of(Suite.cases().reversed())).isEqualTo(page);
    }
}
