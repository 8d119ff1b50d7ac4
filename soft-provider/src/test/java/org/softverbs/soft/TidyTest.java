package org.softverbs.soft;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What a reader of the source would stumble over.
class TidyTest {

    private static final Pattern UNFINISHED =
            Pattern.compile("TO" + "DO|FIX" + "ME|Unsupported" + "OperationException");
    private static final Pattern BROKEN_COMMENT = Pattern.compile("(?m)^ *///.*\\n *// \\S+$");
    private static Map<Path, String> sources = Map.of();

    @BeforeAll
    static void readSources() throws IOException {
        Map<Path, String> found = new TreeMap<>();
        for (String module : List.of("verbs-api", "soft-provider", "ulp-examples")) {
            Path root = Path.of("..", module, "src", "main", "java");
            try (Stream<Path> files = Files.walk(root)) {
                files.filter(file -> file.toString().endsWith(".java"))
                        .forEach(file -> found.put(file, read(file)));
            }
        }
        sources = found;
        assertThat(sources.size()).isGreaterThan(100);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void shouldDescribeEveryPackage() {
        List<Path> undescribed =
                sources.keySet().stream()
                        .filter(file -> !file.endsWith("module-info.java"))
                        .map(Path::getParent)
                        .distinct()
                        .filter(folder -> !Files.exists(folder.resolve("package-info.java")))
                        .toList();
        assertThat(undescribed).isEmpty();
    }

    @Test
    void shouldLeaveNothingUnfinished() {
        assertThat(sources.entrySet())
                .filteredOn(source -> UNFINISHED.matcher(source.getValue()).find())
                .extracting(Map.Entry::getKey)
                .isEmpty();
    }

    @Test
    void shouldHaveNoCommentThatTheFormatterBroke() {
        assertThat(sources.entrySet())
                .filteredOn(source -> BROKEN_COMMENT.matcher(source.getValue()).find())
                .extracting(Map.Entry::getKey)
                .isEmpty();
    }
}
