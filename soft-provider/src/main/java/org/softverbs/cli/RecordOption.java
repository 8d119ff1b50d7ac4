package org.softverbs.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.trace.TraceRecord;
import org.softverbs.soft.trace.TraceWriter;
import picocli.CommandLine.Option;

/**
 * {@code --record} of a command that opens no device: the command begins the trace, adds to it what
 * it has, and closes it.
 */
final class RecordOption implements AutoCloseable {

    @Option(
            names = "--record",
            paramLabel = "FILE",
            description =
                    "Write a trace of the packets that the command is about, if it is about any;"
                            + " 'softverbs trace' shows it.")
    private @Nullable Path file;

    private @Nullable TraceWriter writer;

    /**
     * Opens the file, if one was asked for.
     *
     * @throws IOException when it cannot be written; the message names the option
     */
    RecordOption begin() throws IOException {
        Path wanted = file;
        if (wanted != null) {
            try {
                writer = TraceWriter.create(wanted);
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
    }
}
