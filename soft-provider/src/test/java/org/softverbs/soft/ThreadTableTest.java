package org.softverbs.soft;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Keeps `docs/spec/dma-mapping.md` true: each row names classes that exist and a test that exists,
/// or says that it is open.
class ThreadTableTest {

    private static final Path TABLE = Path.of("..", "docs", "spec", "dma-mapping.md");
    private static final Pattern ROW =
            Pattern.compile("^\\| (.+?) \\| (.*?) \\|(.*)\\|$", Pattern.MULTILINE);
    private static final Pattern QUOTED = Pattern.compile("`([\\w.]+)`");
    private static final Pattern CLASS = Pattern.compile("\\b[A-Z]\\w*[a-z]\\w*");

    private static Map<String, String> sources = Map.of();
    private static Map<String, String> tests = Map.of();

    @BeforeAll
    static void readSources() throws IOException {
        sources = new HashMap<>(read(Path.of("..", "verbs-api", "src", "main")));
        sources.putAll(read(Path.of("src", "main")));
        tests = read(Path.of("src", "test"));
        assertThat(sources.size()).isGreaterThan(100);
    }

    private static Map<String, String> read(Path root) throws IOException {
        Map<String, String> found = new HashMap<>();
        try (Stream<Path> files = Files.walk(root)) {
            files.filter(file -> file.toString().endsWith(".java"))
                    .forEach(file -> found.put(name(file), text(file)));
        }
        return found;
    }

    private static String name(Path file) {
        String name = file.getFileName().toString();
        return name.substring(0, name.length() - ".java".length());
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Rows without headings: system, code, tests.
    private static List<MatchResult> rows() {
        return ROW.matcher(text(TABLE))
                .results()
                .filter(row -> !row.group(1).equals("system"))
                .toList();
    }

    private static List<String> quoted(String cell) {
        return QUOTED.matcher(cell).results().map(name -> name.group(1)).toList();
    }

    @Test
    void shouldNameATestThatExistsForEverySystemThatIsNotOpen() {
        List<String> wrong = new ArrayList<>();
        for (MatchResult row : rows()) {
            List<String> named = quoted(row.group(3));
            if (named.isEmpty() != row.group(2).equals("open")) {
                wrong.add(row.group(1));
            }
            named.stream().filter(test -> !isTest(test)).forEach(wrong::add);
        }
        assertThat(wrong).isEmpty();
        assertThat(rows().size()).isGreaterThan(60);
    }

    private static boolean isTest(String name) {
        int dot = name.indexOf('.');
        return dot > 0
                && tests.getOrDefault(name.substring(0, dot), "")
                        .contains("void " + name.substring(dot + 1) + "(");
    }

    @Test
    void shouldNameClassesThatExist() {
        List<String> wrong = new ArrayList<>();
        for (MatchResult row : rows()) {
            List<String> named = quoted(row.group(2));
            for (String code : named) {
                Matcher found = CLASS.matcher(code);
                if (found.find() && !sources.containsKey(found.group())) {
                    wrong.add(code);
                }
            }
            if (named.isEmpty() && !row.group(2).equals("open")) {
                wrong.add(row.group(1));
            }
        }
        assertThat(wrong).isEmpty();
    }
}
