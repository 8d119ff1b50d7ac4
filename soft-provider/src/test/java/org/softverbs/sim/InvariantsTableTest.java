package org.softverbs.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// `docs/invariants.md` against what there is: each row names tests that exist, each invariant that
/// the simulator judges has a row, and each row that says so is judged.
class InvariantsTableTest {

    private static final Path TABLE = Path.of("..", "docs", "invariants.md");
    private static final Path TESTS = Path.of("src", "test");
    private static final Path SIMULATOR = Path.of("src", "main", "java", "org", "softverbs", "sim");
    private static final Pattern ROW =
            Pattern.compile("\\| ([A-Z]\\d+) \\| ([^|]+) \\| ([^|]+) \\| ([^|]+)\\|");
    private static final Pattern NAME = Pattern.compile("`([^`]+)`");
    private static final Pattern NAMED = Pattern.compile("named ([A-Z]\\d+(?:, [A-Z]\\d+)*)");
    private static final Pattern JUDGED = Pattern.compile("\"([TCQMKS]\\d+)\"");

    private static List<Matcher> rows() throws IOException {
        List<Matcher> rows = new ArrayList<>();
        for (String line : Files.readAllLines(TABLE)) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                rows.add(row);
            }
        }
        return rows;
    }

    @Test
    void shouldNameTestsThatExist() throws IOException {
        TreeSet<String> names = new TreeSet<>();
        for (Matcher row : rows()) {
            List<String> tests =
                    NAME.matcher(row.group(4)).results().map(it -> it.group(1)).toList();
            if (!row.group(3).startsWith("open")) {
                assertThat(tests).as(row.group(1)).isNotEmpty();
            }
            names.addAll(tests);
        }
        List<String> files;
        try (Stream<Path> all = Files.walk(TESTS)) {
            files = all.map(file -> file.toString().replace('\\', '/')).toList();
        }
        for (String name : names) {
            assertThat(files)
                    .as(name)
                    .anyMatch(file -> file.endsWith("/" + name + ".java") || file.endsWith(name));
        }
    }

    /// The numbers that the simulator names when they are broken.
    private static Set<String> judged() throws IOException {
        Set<String> judged = new TreeSet<>();
        try (Stream<Path> all = Files.walk(SIMULATOR)) {
            for (Path file : all.filter(it -> it.toString().endsWith(".java")).toList()) {
                JUDGED.matcher(Files.readString(file))
                        .results()
                        .forEach(it -> judged.add(it.group(1)));
            }
        }
        return judged;
    }

    @Test
    void shouldHaveARowForEachThatIsJudged() throws IOException {
        Set<String> judged = judged();
        List<String> told = new ArrayList<>();
        for (Matcher row : rows()) {
            told.add(row.group(1));
        }
        assertThat(judged).hasSizeGreaterThan(10);
        assertThat(told).doesNotHaveDuplicates().containsAll(judged);
    }

    /// A row that says `sim` is broken under its own number, or under those that it names.
    @Test
    void shouldJudgeEachThatSaysSo() throws IOException {
        Set<String> judged = judged();
        int own = 0;
        for (Matcher row : rows()) {
            Matcher named = NAMED.matcher(row.group(3));
            if (named.find()) {
                List<String> others = List.of(named.group(1).split(", "));
                assertThat(judged).as(row.group(1)).containsAll(others);
            } else if (row.group(3).startsWith("sim")) {
                assertThat(judged).as(row.group(1)).contains(row.group(1));
                own++;
            }
        }
        assertThat(own).isGreaterThan(10);
    }
}
