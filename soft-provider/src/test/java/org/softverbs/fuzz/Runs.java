package org.softverbs.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/// Runs of a target: over the files of a folder, or over random inputs by a seed.
final class Runs {

    private static final Path SEEDS = Path.of("src", "test", "resources", "fuzz");
    private static final int LONGEST_INPUT = 512;
    private static final int SHORTEST_INPUT = 16;

    /// Random inputs of a test.
    static final long EXECUTIONS = 10_000;

    private Runs() {}

    /// A seed that is another one each time, or the one of the property `softverbs.fuzz.seed`.
    static long seed() {
        return Long.getLong("softverbs.fuzz.seed", System.nanoTime());
    }

    /// The committed inputs of a target.
    static Path folder(String target) {
        return SEEDS.resolve(target);
    }

    static List<Path> files(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Every committed input holds.
    static void committed(Target target, String name) throws IOException {
        List<Path> files = files(folder(name));
        assertThat(files).isNotEmpty();
        for (Path file : files) {
            run(target, Files.readAllBytes(file), String.valueOf(file.getFileName()));
        }
    }

    /// So many random inputs hold. The seed is printed with what was met.
    static void random(Target target, String name, long seed, long executions) {
        SplittableRandom random = new SplittableRandom(seed);
        byte[] whole = new byte[LONGEST_INPUT];
        for (long i = 0; i < executions; i++) {
            random.nextBytes(whole);
            int length = SHORTEST_INPUT + random.nextInt(LONGEST_INPUT - SHORTEST_INPUT + 1);
            run(target, Arrays.copyOf(whole, length), "execution " + i + " of seed " + seed);
        }
        System.out.printf("fuzz %s: seed %d, %s%n", name, seed, target.reached());
    }

    private static void run(Target target, byte[] input, String origin) {
        try {
            target.run(input);
        } catch (RuntimeException | Error broken) {
            throw new AssertionError(
                    "%s: input %s".formatted(origin, HexFormat.of().formatHex(input)), broken);
        }
    }
}
