package org.softverbs.interop;

import com.github.dockerjava.api.model.Bind;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// A container that runs our own command line, on the network with the kernel guests. It sees the
/// JDK that runs the tests and the class path of the tests, both read-only.
final class NodeContainer extends LabHost {

    private static final String PROGRAM_MOUNT = "/opt/softverbs";
    private static final String MAIN_CLASS = "org.softverbs.cli.Softverbs";

    /// The same options as the launcher `./softverbs`, with assertions.
    private static final List<String> JVM_OPTIONS =
            List.of(
                    "-ea",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow");

    private final Path javaHome = realPath(Path.of(System.getProperty("java.home", "")));
    private final Path program;

    NodeContainer(LabNetwork network, String name) {
        super(network, name, "node");
        this.program = stageClassPath(network.scratchFor(name + "-program"));
    }

    @Override
    List<Bind> mounts() {
        List<Bind> mounts = new ArrayList<>();
        mounts.add(readOnly(javaHome, javaHome.toString()));
        mounts.add(readOnly(program, PROGRAM_MOUNT));
        // Debian's own JDKs keep their configuration there, behind links.
        Path configuration = Path.of("/etc/java-" + Runtime.version().feature() + "-openjdk");
        if (Files.isDirectory(configuration)) {
            mounts.add(readOnly(configuration, configuration.toString()));
        }
        return mounts;
    }

    @Override
    String sharedPath() {
        return "/run/lab/share";
    }

    /// The command that `./softverbs ARGUMENTS` is, for [#start] and [#exec]. The one place that
    /// knows how our program is started.
    String[] softverbs(String... arguments) {
        return java(concat(MAIN_CLASS, arguments));
    }

    /// A Java program of the tests' class path: main class or JVM options first.
    String[] java(String... arguments) {
        List<String> command = new ArrayList<>(List.of(javaHome + "/bin/java"));
        command.addAll(JVM_OPTIONS);
        command.addAll(List.of("-cp", PROGRAM_MOUNT + "/*:" + PROGRAM_MOUNT + "/classes"));
        command.addAll(List.of(arguments));
        return command.toArray(String[]::new);
    }

    private static String[] concat(String first, String... rest) {
        return Stream.concat(Stream.of(first), Stream.of(rest)).toArray(String[]::new);
    }

    /// Starts our program with `--device rxe@ADDRESS` of this container.
    LabCommand startSoftverbs(String tool, String... arguments) {
        return startSoftverbsOn("rxe", tool, arguments);
    }

    /// Starts our program with `--device KIND@ADDRESS` of this container.
    LabCommand startSoftverbsOn(String kind, String tool, String... arguments) {
        return startSoftverbsAt(kind + "@" + address(), tool, arguments);
    }

    /// Starts our program with `--device DEVICE`.
    LabCommand startSoftverbsAt(String device, String tool, String... arguments) {
        List<String> all = new ArrayList<>(List.of(tool, "--device", device));
        all.addAll(List.of(arguments));
        return start(softverbs(all.toArray(String[]::new)));
    }

    @Override
    void reset() {
        super.reset();
        mtu(KernelGuest.DEFAULT_MTU);
    }

    /// The class path of the tests as one folder: jars by their names, folders of classes merged.
    private static Path stageClassPath(Path target) {
        String classPath =
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path", ""));
        for (String entry : classPath.split(File.pathSeparator, -1)) {
            Path source = Path.of(entry);
            if (Files.isDirectory(source)) {
                copyTree(source, target.resolve("classes"));
            } else if (Files.isRegularFile(source)) {
                copy(source, target.resolve(source.getFileName()));
            }
        }
        return target;
    }

    private static void copyTree(Path source, Path target) {
        try (Stream<Path> files = Files.walk(source)) {
            files.filter(Files::isRegularFile)
                    .forEach(it -> copy(it, target.resolve(source.relativize(it))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void copy(Path source, Path target) {
        try {
            Files.createDirectories(target.getParent());
            // Merged folders may hold the same service file; the first counts, as on the class
            // path.
            if (Files.notExists(target)) {
                Files.copy(source, target);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path realPath(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
