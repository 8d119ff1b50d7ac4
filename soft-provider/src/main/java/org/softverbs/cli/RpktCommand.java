package org.softverbs.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.script.RpktException;
import org.softverbs.soft.script.RpktOutcome;
import org.softverbs.soft.script.RpktRunner;
import org.softverbs.soft.script.RpktScript;
import org.softverbs.soft.script.ScriptTrace;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs packet scripts. */
@Command(
        name = "rpkt",
        description = {
            "Run packet scripts: text that posts requests to one engine, gives it packets and time,"
                    + " and says what it must send and complete. Prints 'ok NAME', or what came"
                    + " otherwise, with the line."
        },
        mixinStandardHelpOptions = true,
        versionProvider = SoftverbsVersion.class,
        sortOptions = false)
final class RpktCommand implements Callable<Integer> {

    private static final String SUFFIX = ".rpkt";

    @Parameters(
            paramLabel = "FILE",
            arity = "1..*",
            description = "Scripts, and folders: all .rpkt files in them.")
    private List<Path> files = List.of();

    @Mixin private RecordOption record = new RecordOption();

    @Spec private @Nullable CommandSpec spec;

    private int failures;

    @Override
    public Integer call() throws IOException {
        if (spec == null) {
            throw new IllegalStateException("called without a command line");
        }
        PrintWriter out = spec.commandLine().getOut();
        List<Path> scripts = new ArrayList<>();
        for (Path file : files) {
            scripts.addAll(scriptsIn(file));
        }
        try (RecordOption trace = record.begin()) {
            for (Path script : scripts) {
                run(script, out, trace);
            }
        }
        if (failures > 0) {
            spec.commandLine()
                    .getErr()
                    .println(
                            spec.qualifiedName()
                                    + ": "
                                    + failures
                                    + " of "
                                    + scripts.size()
                                    + (scripts.size() == 1 ? " script failed" : " scripts failed"));
        }
        return failures == 0 ? Softverbs.SUCCESS : Softverbs.FAILURE;
    }

    private static List<Path> scriptsIn(Path file) throws IOException {
        if (!Files.isDirectory(file)) {
            return List.of(file);
        }
        try (Stream<Path> all = Files.walk(file)) {
            List<Path> found =
                    all.filter(each -> each.toString().endsWith(SUFFIX)).sorted().toList();
            if (found.isEmpty()) {
                throw new IOException(file + ": no " + SUFFIX + " file in it");
            }
            return found;
        }
    }

    private void run(Path file, PrintWriter out, RecordOption trace) throws IOException {
        try {
            RpktScript script = RpktScript.parse(file.toString(), Files.readString(file));
            RpktOutcome outcome =
                    trace.isOn()
                            ? RpktRunner.run(script, new ScriptTrace(script.name(), trace::add))
                            : RpktRunner.run(script);
            switch (outcome) {
                case RpktOutcome.Passed passed -> out.println("ok " + file);
                case RpktOutcome.Failed failed -> fail(failed.message(), out);
            }
        } catch (RpktException wrong) {
            fail(String.valueOf(wrong.getMessage()), out);
        } catch (MalformedInputException e) {
            throw new IOException(file + ": no UTF-8 text", e);
        }
    }

    private void fail(String message, PrintWriter out) {
        failures++;
        out.println(message);
    }
}
