package org.softverbs.wrong;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Each mistake has a ULP that makes it, one that does not, and a row in the documentation that
/// names what the first one finds. That it finds it [UlpPair] sees to.
class CorpusTest {

    private static final Path TABLE = Path.of("..", "docs", "why.md");
    private static final Pattern NAME = Pattern.compile("`([A-Z][A-Za-z_]+)`");

    private static final List<String> TESTS =
            Stream.of(
                            MemoryMistakesTest.class,
                            ReceiveMistakesTest.class,
                            ConnectionMistakesTest.class,
                            QueueMistakesTest.class,
                            TeardownMistakesTest.class)
                    .filter(it -> !it.isAnnotationPresent(Disabled.class))
                    .flatMap(it -> Arrays.stream(it.getDeclaredMethods()))
                    .filter(it -> it.isAnnotationPresent(Test.class))
                    .filter(it -> !it.isAnnotationPresent(Disabled.class))
                    .map(Method::getName)
                    .toList();

    @ParameterizedTest
    @EnumSource(Mistake.class)
    void shouldHaveAWrongProgramAndItsTwin(Mistake mistake) {
        assertThat(TESTS)
                .contains(
                        "shouldExplain" + mistake.camelCase(),
                        "shouldNotReportWithout" + mistake.camelCase());
    }

    @ParameterizedTest
    @EnumSource(Mistake.class)
    void shouldHaveARowThatNamesWhatItsProgramFinds(Mistake mistake) throws IOException {
        String begin = "| `" + mistake.name() + "` |";
        List<String> rows =
                Files.readAllLines(TABLE).stream().filter(it -> it.startsWith(begin)).toList();
        assertThat(rows).hasSize(1);
        String cells = rows.getFirst().substring(begin.length());
        assertThat(NAME.matcher(cells).results().map(CorpusTest::name))
                .containsExactlyElementsOf(mistake.facts());
    }

    private static String name(MatchResult found) {
        return found.group(1);
    }
}
