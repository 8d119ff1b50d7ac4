package org.softverbs.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Fuzzing at length, with profile `fuzz`: random inputs, then Jazzer, which keeps inputs that
/// reach new code. Corpora and what breaks a target stay in `target/fuzz`.
class LongFuzz {

    private static final long RANDOM = Long.getLong("softverbs.fuzz.executions", 1_000_000);
    private static final long GUIDED = Long.getLong("softverbs.fuzz.guided", 100_000);
    private static final Pattern COVERAGE = Pattern.compile("cov: (\\d+)");
    private static final Pattern DONE = Pattern.compile("Done (\\d+) runs");

    @ParameterizedTest
    @CsvSource({"header, 70", "responder, 100", "requester, 150"})
    void shouldHoldForManyRandomInputs(String name, int floor) {
        Target target = Targets.of(name);
        Runs.random(target, name, Runs.seed(), RANDOM);
        assertThat(target.reached().points()).isGreaterThan(floor);
    }

    @ParameterizedTest
    @CsvSource({"header, 1200", "responder, 1050", "requester, 1100"})
    void shouldHoldForInputsThatCoverageGuides(String name, int floor)
            throws IOException, InterruptedException {
        Path folder = Path.of("target", "fuzz", name).toAbsolutePath();
        Path corpus = Files.createDirectories(folder.resolve("corpus"));
        Path log = folder.resolve("jazzer.log");
        Process jazzer =
                new ProcessBuilder(command(name, folder, corpus))
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        int code = jazzer.waitFor();
        String output = Files.readString(log);
        assertThat(code).as("%s ends with%n%s", log, tail(output)).isZero();
        long runs = last(DONE, output);
        long edges = last(COVERAGE, output);
        System.out.printf("fuzz %s guided: %,d executions, %d edges%n", name, runs, edges);
        assertThat(runs).isGreaterThanOrEqualTo(GUIDED);
        assertThat(edges).isGreaterThan(floor);
    }

    private static List<String> command(String name, Path folder, Path corpus) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-ea",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+EnableDynamicAgentLoading",
                "-D" + Guided.TARGET_PROPERTY + "=" + name,
                "-cp",
                System.getProperty("java.class.path"),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + Guided.class.getName(),
                "--instrumentation_includes=org.softverbs.soft.**",
                "--custom_hook_includes=org.softverbs.soft.**",
                "--reproducer_path=" + folder,
                "-artifact_prefix=" + folder + File.separator,
                "-runs=" + GUIDED,
                "-max_len=512",
                "-print_final_stats=1",
                corpus.toString(),
                Runs.folder(name).toAbsolutePath().toString());
    }

    private static String tail(String output) {
        return output.substring(Math.max(0, output.length() - 2000));
    }

    private static long last(Pattern pattern, String output) {
        Matcher matcher = pattern.matcher(output);
        long found = 0;
        while (matcher.find()) {
            found = Long.parseLong(matcher.group(1));
        }
        return found;
    }
}
