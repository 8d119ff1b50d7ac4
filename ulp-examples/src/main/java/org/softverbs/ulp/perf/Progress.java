package org.softverbs.ulp.perf;

import java.io.Console;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/// Says on a terminal how far a run of more than two seconds is.
final class Progress {

    private static final long FIRST_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final String ERASE = "\r" + " ".repeat(60) + "\r";

    private final PrintWriter out;
    private final boolean wanted;
    private String task = "";
    private long next = FIRST_NANOS;
    private boolean shown;

    /// @param out where to
    /// @param wanted whether there is somebody to see it
    Progress(PrintWriter out, boolean wanted) {
        this.out = out;
        this.wanted = wanted;
    }

    /// Whether standard input and output are a terminal. Without one the console is null, whatever
    /// Error Prone says.
    @SuppressWarnings("SystemConsoleNull")
    static boolean hasTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    void begin(String name) {
        task = name;
        next = FIRST_NANOS;
    }

    void show(long elapsedNanos, long done) {
        if (!wanted || elapsedNanos < next) {
            return;
        }
        next = elapsedNanos + INTERVAL_NANOS;
        shown = true;
        out.printf(
                Locale.ROOT,
                "\r %s: %d messages in %.1f s   ",
                task,
                done,
                elapsedNanos / (double) TimeUnit.SECONDS.toNanos(1));
        out.flush();
    }

    void end() {
        if (shown) {
            out.print(ERASE);
            out.flush();
            shown = false;
        }
    }
}
