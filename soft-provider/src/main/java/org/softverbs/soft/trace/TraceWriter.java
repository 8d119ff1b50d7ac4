package org.softverbs.soft.trace;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.softverbs.soft.wire.packet.Octets;

/// Writes a trace to a file, line by line through a buffer.
///
/// When the file cannot be written any more, or has grown to [#MOST_CHARACTERS], the trace ends
/// there, and what is recorded goes on. Any thread.
public final class TraceWriter implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TraceWriter.class);

    /// Length at which a trace ends, so that a flood cannot fill a disk: some millions of short
    /// packets.
    public static final long MOST_CHARACTERS = 1L << 30;

    private final BufferedWriter out;
    private final long mostCharacters;
    private long characters;
    private boolean ended;

    private TraceWriter(BufferedWriter out, long mostCharacters) throws IOException {
        this.out = out;
        this.mostCharacters = mostCharacters;
        line(TraceFile.HEADER);
    }

    /// Creates or replaces a file.
    ///
    /// @throws IOException when it cannot be written
    public static TraceWriter create(Path file) throws IOException {
        return create(file, MOST_CHARACTERS);
    }

    static TraceWriter create(Path file, long mostCharacters) throws IOException {
        return new TraceWriter(
                Files.newBufferedWriter(file, StandardCharsets.UTF_8), mostCharacters);
    }

    /// Adds a record; after [#close()] nothing is written.
    public synchronized void write(TraceRecord record) {
        if (ended) {
            return;
        }
        try {
            if (characters >= mostCharacters) {
                end(record.nanos());
            } else {
                line(TraceFile.line(record));
            }
        } catch (IOException e) {
            ended = true;
            LOG.warn("the trace ends here: {}", e.getMessage());
        }
    }

    private void line(String text) throws IOException {
        out.write(text);
        out.newLine();
        characters += text.length() + 1;
    }

    private void end(long nanos) throws IOException {
        ended = true;
        String why = "the trace ends here, at its limit of " + mostCharacters + " characters";
        line(
                TraceFile.line(
                        new TraceRecord(
                                nanos, TraceKind.NOTE, TraceRecorder.OWN, 0, why, Octets.of())));
        LOG.warn(why);
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
