package org.softverbs.soft.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// `docs/bad-input.md` against what there is: every row is tested by what it names, or open with a
/// reason.
class BadInputTableTest {

    private static final int WIRE_ROWS = 68;
    private static final int MISUSE_ROWS = 30;
    private static final int CONNECTION_ROWS = 26;
    private static final Path TABLE = Path.of("..", "docs", "bad-input.md");
    private static final Path TESTS = Path.of("src", "test", "java");
    private static final Pattern ROW =
            Pattern.compile("\\| ([RAN]\\d+) \\| ([^|]+) \\| ([^|]+) \\| ([^|]*)\\|");
    private static final Pattern REFERENCE = Pattern.compile("`([^`]+)`");

    /// A line of the table.
    private record Row(String number, String outcome, List<String> references) {

        boolean isOpen() {
            return outcome.startsWith("open: ");
        }

        Stream<String> scripts() {
            return references.stream().filter(reference -> !reference.contains("#"));
        }
    }

    private static List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (String line : Scripts.text(TABLE).lines().toList()) {
            Matcher matcher = ROW.matcher(line);
            if (matcher.matches()) {
                List<String> references =
                        REFERENCE
                                .matcher(matcher.group(4))
                                .results()
                                .map(result -> result.group(1))
                                .toList();
                rows.add(new Row(matcher.group(1), matcher.group(3).strip(), references));
            }
        }
        return rows;
    }

    @Test
    void shouldHaveEveryRowOnceAndInOrder() {
        assertThat(rows().stream().map(Row::number))
                .containsExactlyElementsOf(
                        Stream.of(
                                        numbers("R", WIRE_ROWS),
                                        numbers("A", MISUSE_ROWS),
                                        numbers("N", CONNECTION_ROWS))
                                .flatMap(rows -> rows)
                                .toList());
    }

    private static Stream<String> numbers(String catalogue, int rows) {
        return IntStream.rangeClosed(1, rows).mapToObj(number -> catalogue + number);
    }

    @Test
    void shouldTestEveryRowThatIsNotOpen() {
        for (Row row : rows()) {
            assertThat(row.references().isEmpty()).as("%s", row).isEqualTo(row.isOpen());
        }
    }

    @Test
    void shouldNameTestsThatExist() {
        List<Path> sources = sources();
        int tests = 0;
        for (Row row : rows()) {
            for (String reference : row.references()) {
                String[] parts = reference.split("#", -1);
                if (parts.length == 2) {
                    assertThat(sources)
                            .as(reference)
                            .filteredOn(file -> file.endsWith(parts[0] + ".java"))
                            .anyMatch(file -> Scripts.text(file).contains(" " + parts[1] + "("));
                    tests++;
                }
            }
        }
        assertThat(tests).isGreaterThan(20);
    }

    private static List<Path> sources() {
        try (Stream<Path> files = Files.walk(TESTS)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void shouldNameScriptsThatNameTheRow() {
        for (Row row : rows()) {
            row.scripts()
                    .forEach(
                            script -> {
                                Path file = Scripts.ROOT.resolve(script + ".rpkt");
                                assertThat(file).as("%s", row).exists();
                                assertThat(Scripts.script(file).rows())
                                        .as(script)
                                        .contains(row.number());
                            });
        }
    }

    @Test
    void shouldNameEveryScriptThatNamesARow() {
        List<Row> rows = rows();
        for (Path file : Scripts.all()) {
            String name = Scripts.name(file).replace(".rpkt", "");
            List<String> listed =
                    rows.stream()
                            .filter(row -> row.references().contains(name))
                            .map(Row::number)
                            .toList();
            assertThat(new TreeSet<>(Scripts.script(file).rows()))
                    .as(name)
                    .isEqualTo(new TreeSet<>(listed));
        }
    }
}
