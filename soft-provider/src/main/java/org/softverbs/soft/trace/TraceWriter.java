package org.softverbs.soft.trace;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes a trace to a file, line by line through a buffer.
///
/// When the file cannot be written any more the trace ends there, and what is recorded goes on. Any
/// thread.
public final class TraceWriter implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TraceWriter.class);

    private final BufferedWriter out;
    private boolean ended;

    private TraceWriter(BufferedWriter out) throws IOException {
        this.out = out;
        out.write(TraceFile.HEADER);
        out.newLine();
    }

    /// Creates or replaces a file.
    ///
    /// @throws IOException when it cannot be written
    public static TraceWriter create(Path file) throws IOException {
        return new TraceWriter(Files.newBufferedWriter(file, StandardCharsets.UTF_8));
    }

    /// Adds a record; after [#close()] nothing is written.
    public synchronized void write(TraceRecord record) {
        if (ended) {
            return;
        }
        try {
            out.write(TraceFile.line(record));
            out.newLine();
        } catch (IOException e) {
            ended = true;
            LOG.warn("the trace ends here: {}", e.getMessage());
        }
    }

    /// Writes what is in the buffer. A second time it does nothing.
    @Override
    public synchronized void close() {
        ended = true;
        try {
            out.close();
        } catch (IOException e) {
            LOG.warn("the trace may lack its end: {}", e.getMessage());
        }
    }
}
