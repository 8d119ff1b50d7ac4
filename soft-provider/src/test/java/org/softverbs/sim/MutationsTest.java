package org.softverbs.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// The planted bugs that `src/sim/mutation-check` has the simulator find: each still fits the
/// sources, and changes one place.
class MutationsTest {

    private static final Path MUTATIONS = Path.of("src", "sim", "mutations");
    private static final int LEAST = 25;

    static List<Path> patches() throws IOException {
        try (Stream<Path> all = Files.list(MUTATIONS)) {
            return all.sorted().toList();
        }
    }

    @Test
    void shouldBeManyEnough() throws IOException {
        assertThat(patches()).hasSizeGreaterThanOrEqualTo(LEAST);
    }

    /// A command in place of `softverbs`: it says what is written here.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "exit 1               | 2 | does not compile or does not run",
                "echo nonsense; exit 1 | 2 | does not compile or does not run",
                "echo '{\"failure\":null}' | 1 | not found",
                "echo '{\"failure\":{\"scenario\":\"rc\",\"seed\":7,\"x\":0}}'; exit 1 | 0 | rc"
            },
            quoteCharacter = '`')
    void shouldTellWhatIsNotFoundFromWhatDoesNotRun(
            String says, int code, String cell, @TempDir Path folder)
            throws IOException, InterruptedException {
        Path command = Files.writeString(folder.resolve("softverbs"), "#!/bin/sh\n" + says + "\n");
        assertThat(command.toFile().setExecutable(true)).isTrue();
        Path out = folder.resolve("out");
        Path script = MUTATIONS.resolveSibling("mutation-check");
        ProcessBuilder check =
                new ProcessBuilder("sh", script.toString(), "1", patches().getFirst().toString())
                        .redirectOutput(out.toFile())
                        .redirectError(ProcessBuilder.Redirect.DISCARD);
        check.environment().put("SOFTVERBS", command.toString());
        assertThat(check.start().waitFor()).isEqualTo(code);
        assertThat(Files.readAllLines(out).getLast()).contains(cell);
    }

    @ParameterizedTest
    @MethodSource("patches")
    void shouldFitTheSources(Path patch) throws IOException {
        List<String> lines = Files.readAllLines(patch);
        assertThat(lines.getFirst()).startsWith("--- a/soft-provider/src/main/");
        String source =
                Files.readString(Path.of("..", lines.getFirst().substring("--- a/".length())));
        StringBuilder before = new StringBuilder();
        int hunks = 0;
        for (String line : lines.subList(2, lines.size())) {
            if (line.startsWith("@@")) {
                hunks++;
            } else if (!line.startsWith("+")) {
                before.append(line.substring(1)).append('\n');
            }
        }
        assertThat(hunks).isEqualTo(1);
        assertThat(source).containsOnlyOnce(before);
    }
}
