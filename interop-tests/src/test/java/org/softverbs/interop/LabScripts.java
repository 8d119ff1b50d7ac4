package org.softverbs.interop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/// The shell scripts of `interop-tests/lab`: they build the images, and what they print is where.
final class LabScripts {

    private LabScripts() {}

    /// The scripts' folder, whether the tests run in this module or in the repository's root.
    static Path directory() {
        String module = Objects.requireNonNullElse(System.getProperty("basedir"), "");
        for (String candidate : List.of("lab", "interop-tests/lab")) {
            Path folder = Path.of(module, candidate).toAbsolutePath().normalize();
            if (Files.isExecutable(folder.resolve("build-guest"))) {
                return folder;
            }
        }
        throw new IllegalStateException("interop-tests/lab not found from " + Path.of(module));
    }

    /// Name of the base image; built first when its inputs changed.
    static String buildBaseImage() {
        return run("build-base-image");
    }

    /// Folder with the guest's kernel and initramfs; built first when its inputs changed.
    static Path buildGuest() {
        return Path.of(run("build-guest"));
    }

    private static String run(String script) {
        try {
            Process process =
                    new ProcessBuilder(directory().resolve(script).toString())
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
            process.getOutputStream().close();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(script + " failed; its output is above");
            }
            return output.strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted during " + script, e);
        }
    }
}
