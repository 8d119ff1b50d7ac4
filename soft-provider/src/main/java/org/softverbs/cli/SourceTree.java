package org.softverbs.cli;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Another softverbs tree, perhaps with a planted bug: its main sources are compiled against the
 * libraries of this one and run in a JVM of their own.
 */
final class SourceTree {

    private static final List<String> SOURCES =
            List.of("verbs-api/src/main/java", "soft-provider/src/main/java");

    /** The system property that tells the other JVM which tree its classes are of. */
    static final String PROPERTY = "softverbs.source";

    /** Needs JUnit, which only those bring along who test. */
    private static final String FOR_TESTS = "junit";

    private SourceTree() {}

    /** Compiles and runs; returns the exit code of the other JVM. */
    static int run(Path tree, List<String> arguments, PrintWriter err)
            throws IOException, InterruptedException {
        Path classes = Files.createTempDirectory("softverbs-source");
        try {
            compile(tree, classes);
            err.flush();
            return new ProcessBuilder(command(tree, classes, arguments))
                    .inheritIO()
                    .start()
                    .waitFor();
        } finally {
            delete(classes);
        }
    }

    static List<String> command(Path tree, Path classes, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-D" + PROPERTY + "=" + tree);
        command.add("-cp");
        command.add(classes + File.pathSeparator + libraries());
        command.add(Softverbs.class.getName());
        command.add("simulate");
        command.addAll(withoutSource(arguments));
        return command;
    }

    private static String libraries() {
        return System.getProperty("java.class.path");
    }

    private static List<String> withoutSource(List<String> arguments) {
        List<String> rest = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (i == 0 && argument.equals("simulate")) {
                continue;
            }
            if (argument.equals("--source")) {
                i++;
            } else if (!argument.startsWith("--source=")) {
                rest.add(argument);
            }
        }
        return rest;
    }

    private static void compile(Path tree, Path classes) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        if (compiler == null) {
            throw new IOException("this Java has no compiler; --source needs a JDK");
        }
        List<Path> files = sources(tree);
        StringWriter messages = new StringWriter();
        List<String> options =
                List.of("-nowarn", "-proc:none", "-d", classes.toString(), "-cp", libraries());
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            boolean done =
                    compiler.getTask(
                                    messages,
                                    manager,
                                    null,
                                    options,
                                    null,
                                    manager.getJavaFileObjectsFromPaths(files))
                            .call();
            if (!done) {
                throw new IOException(tree + " does not compile:\n" + messages);
            }
        }
        copyResources(tree, classes);
    }

    private static List<Path> sources(Path tree) throws IOException {
        List<Path> files = new ArrayList<>();
        for (String part : SOURCES) {
            Path root = tree.resolve(part);
            if (!Files.isDirectory(root)) {
                throw new IOException(tree + " is no softverbs tree: " + part + " is missing");
            }
            try (Stream<Path> all = Files.walk(root)) {
                all.filter(SourceTree::isCompiled).forEach(files::add);
            }
        }
        return files;
    }

    private static boolean isCompiled(Path file) {
        String name = file.getFileName().toString();
        Path parent = file.getParent();
        return name.endsWith(".java")
                && !name.equals("module-info.java")
                && (parent == null || !parent.endsWith(FOR_TESTS));
    }

    private static void copyResources(Path tree, Path classes) throws IOException {
        Path root = tree.resolve("soft-provider/src/main/resources");
        if (!Files.isDirectory(root)) {
            return;
        }
        try (Stream<Path> all = Files.walk(root)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                Path target = classes.resolve(root.relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            Path[] deepestFirst = all.sorted(Comparator.reverseOrder()).toArray(Path[]::new);
            Arrays.stream(deepestFirst).map(Path::toFile).forEach(File::delete);
        }
    }
}
