package org.softverbs.ulp.perf;

import java.io.PrintWriter;
import java.io.StringWriter;

/// Runs the tool and keeps what it prints.
final class Console {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    /// How a run ended.
    record Result(int exitCode, String out, String err) {}

    static Result perf(String... arguments) {
        Console console = new Console();
        int code =
                new PerfTool()
                        .run(
                                new PrintWriter(console.out, true),
                                new PrintWriter(console.err, true),
                                arguments);
        return new Result(code, console.out.toString(), console.err.toString());
    }
}
