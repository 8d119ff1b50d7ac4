package org.softverbs.cli;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The commit of a source tree. */
final class Commit {

    private static final String UNKNOWN = "unknown";

    private Commit() {}

    /** That of the tree that the running classes lie in. */
    static String ofWorkTree() {
        try {
            return of(directory());
        } catch (IOException e) {
            return UNKNOWN;
        }
    }

    /** The hash, with {@code +} behind it when files were changed since; or {@code unknown}. */
    static String of(Path tree) {
        try {
            String hash = git(tree, "rev-parse", "HEAD");
            return git(tree, "status", "--porcelain", "--untracked-files=no").isEmpty()
                    ? hash
                    : hash + "+";
        } catch (IOException e) {
            return UNKNOWN;
        }
    }

    private static String git(Path tree, String... arguments) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("git");
        builder.command().addAll(List.of(arguments));
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.directory(tree.toFile());
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException("git failed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        return output.strip();
    }

    private static Path directory() throws IOException {
        try {
            Path classes =
                    Path.of(
                            Commit.class
                                    .getProtectionDomain()
                                    .getCodeSource()
                                    .getLocation()
                                    .toURI());
            Path parent = classes.getParent();
            return parent == null ? classes : parent;
        } catch (URISyntaxException e) {
            throw new IOException("classes of no file", e);
        }
    }
}
