package org.softverbs.wrong;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Each mistake has a ULP that makes it, one that does not, and a row in the documentation.
class CorpusTest {

    private static final Path TABLE = Path.of("..", "docs", "why.md");

    private static final List<String> TESTS =
            Stream.of(
                            MemoryMistakesTest.class,
                            ReceiveMistakesTest.class,
                            ConnectionMistakesTest.class,
                            QueueMistakesTest.class,
                            TeardownMistakesTest.class)
                    .flatMap(it -> Arrays.stream(it.getDeclaredMethods()))
                    .map(Method::getName)
                    .toList();

    @ParameterizedTest
    @EnumSource(Mistake.class)
    void shouldHaveAWrongProgramItsTwinAndARow(Mistake mistake) throws IOException {
        assertThat(TESTS)
                .contains(
                        "shouldExplain" + mistake.camelCase(),
                        "shouldNotReportWithout" + mistake.camelCase());
        assertThat(Files.readString(TABLE)).contains("| `" + mistake.name() + "` |");
    }
}
