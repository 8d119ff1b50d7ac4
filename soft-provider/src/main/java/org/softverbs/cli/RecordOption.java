package org.softverbs.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.softverbs.soft.trace.TraceRecord;
import org.softverbs.soft.trace.TraceWriter;
import picocli.CommandLine.Option;

/**
 * {@code --record} of a command that opens no device: the command begins the trace, adds to it what
 * it has, and closes it.
 */
final class RecordOption implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RecordOption.class);

    @Option(
            names = "--record",
            paramLabel = "FILE",
            description =
                    "Write a trace of the packets that the command is about, if it is about any;"
                            + " 'softverbs trace' shows it.")
    private @Nullable Path file;

    private @Nullable TraceWriter writer;

    /** Closes the file when the command is interrupted. */
    private @Nullable Thread hook;

    /**
     * Opens the file, if one was asked for.
     *
     * @throws IOException when it cannot be written; the message names the option
     */
    RecordOption begin() throws IOException {
        Path wanted = file;
        if (wanted != null) {
            try {
                TraceWriter created = TraceWriter.create(wanted);
                writer = created;
                hook = Thread.ofPlatform().name("softverbs-exit").unstarted(created::close);
                Runtime.getRuntime().addShutdownHook(hook);
            } catch (IOException e) {
                throw new IOException("--record " + Failure.describe(e), e);
            }
        }
        return this;
    }

    /** Whether somebody wants the records. */
    boolean isOn() {
        return writer != null;
    }

    /** Adds a record, if somebody wants it. */
    void add(TraceRecord record) {
        if (writer != null) {
            writer.write(record);
        }
    }

    @Override
    public void close() {
        if (writer != null) {
            writer.close();
        }
        try {
            if (hook != null) {
                Runtime.getRuntime().removeShutdownHook(hook);
            }
        } catch (IllegalStateException ending) {
            LOG.debug("the JVM ends: the hook closes the trace, too", ending);
        }
    }
}
