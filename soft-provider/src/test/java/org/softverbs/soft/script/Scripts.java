package org.softverbs.soft.script;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The packet scripts of the project.
final class Scripts {

    /// The folder that the names of scripts begin in.
    static final Path ROOT = Path.of("src", "test", "resources", "rpkt");

    private Scripts() {}

    static List<Path> all() {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(file -> file.toString().endsWith(".rpkt")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String name(Path file) {
        return ROOT.relativize(file).toString();
    }

    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static RpktScript parse(String name, String text) {
        try {
            return RpktScript.parse(name, text);
        } catch (RpktException wrong) {
            throw new AssertionError(wrong.getMessage(), wrong);
        }
    }

    static RpktScript script(Path file) {
        return parse(name(file), text(file));
    }

    /// What the run of a script complains of; nothing if it holds.
    static String complaint(String text) {
        return switch (RpktRunner.run(parse("it.rpkt", text))) {
            case RpktOutcome.Passed passed -> "";
            case RpktOutcome.Failed failed -> failed.message();
        };
    }
}
