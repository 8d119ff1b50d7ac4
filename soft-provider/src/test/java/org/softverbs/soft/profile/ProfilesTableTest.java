package org.softverbs.soft.profile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// `docs/device-profiles.md` against what there is: a row for each deviation, with the profiles
/// that have it and the test of both its sides.
class ProfilesTableTest {

    private static final Path PAGE = Path.of("..", "docs", "device-profiles.md");
    private static final Path TESTS =
            Path.of("src", "test", "java", "org", "softverbs", "soft", "device");
    private static final Pattern ROW =
            Pattern.compile(
                    "\\| `([A-Z0-9_]+)` \\| [^|]+ \\| [^|]+ \\|(.*)\\| `(\\w+)#(\\w+)` \\|");
    private static final List<String> COLUMNS = List.of("mlx5", "mlx4", "irdma", "rxe");

    /// A line of the table.
    private record Row(String deviation, List<String> profiles, String test, String method) {}

    private static List<Row> rows() throws IOException {
        List<Row> rows = new ArrayList<>();
        for (String line : Files.readAllLines(PAGE)) {
            Matcher matcher = ROW.matcher(line);
            if (matcher.matches()) {
                String[] cells = matcher.group(2).split("\\|", -1);
                List<String> profiles = new ArrayList<>();
                for (int i = 0; i < COLUMNS.size(); i++) {
                    if (cells[i].strip().equals("x")) {
                        profiles.add(COLUMNS.get(i));
                    }
                }
                rows.add(new Row(matcher.group(1), profiles, matcher.group(3), matcher.group(4)));
            }
        }
        return rows;
    }

    @Test
    void shouldHaveEveryDeviationOnceAndInOrder() throws IOException {
        assertThat(rows().stream().map(Row::deviation))
                .containsExactlyElementsOf(
                        Arrays.stream(Deviation.values()).map(Deviation::name).toList());
    }

    @Test
    void shouldSayWhichProfilesHaveIt() throws IOException {
        for (Row row : rows()) {
            List<String> having =
                    DeviceProfile.known().stream()
                            .filter(it -> it.has(Deviation.valueOf(row.deviation())))
                            .map(DeviceProfile::name)
                            .toList();
            assertThat(row.profiles()).as(row.deviation()).isEqualTo(having);
        }
    }

    @Test
    void shouldNameTheTestThatTheDeviationHas() throws IOException {
        String cases = Files.readString(TESTS.resolve("DeviationsTest.java"));
        for (Row row : rows()) {
            assertThat(cases)
                    .as(row.deviation())
                    .containsPattern(
                            "case "
                                    + row.deviation()
                                    + " ->[^;]*"
                                    + row.test()
                                    + "::"
                                    + row.method());
            assertThat(TESTS.resolve(row.test() + ".java"))
                    .content()
                    .contains(" " + row.method() + "(");
        }
    }
}
