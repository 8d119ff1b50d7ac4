package org.softverbs.junit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.softverbs.soft.host.JvmOptions;

/// The recording of a suite, from its first class to its end.
final class SuiteRecording implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SuiteRecording.class);

    private final Recording recording = new Recording();

    SuiteRecording() {
        List.of(TestRun.NAME, SuiteTally.OPENED, SuiteTally.REPORT, SuiteTally.STUCK)
                .forEach(recording::enable);
        recording.start();
    }

    /// Logs the sum.
    ///
    /// @throws AssertionError for each report that no test announced, for tests that announced one
    ///     which was not made, and when no device was opened
    @Override
    public void close() throws IOException {
        SuiteTally tally = finish();
        LOG.info("{}", tally);
        tally.notProvoked().forEach(it -> LOG.error("nobody announced: {}", it));
        if (!tally.notProvoked().isEmpty()) {
            throw new AssertionError(tally + ":\n" + String.join("\n", tally.notProvoked()));
        }
        if (JvmOptions.sanitizes() && !tally.notReported().isEmpty()) {
            throw new AssertionError(
                    "the sanitizer did not find what is provoked by " + tally.notReported());
        }
        if (tally.devices() == 0) {
            throw new AssertionError("no device was opened: nothing was watched");
        }
    }

    private SuiteTally finish() throws IOException {
        Path file = Files.createTempFile("softverbs-suite", ".jfr");
        try (recording) {
            recording.stop();
            recording.dump(file);
            return new SuiteTally(RecordingFile.readAllEvents(file));
        } finally {
            Files.delete(file);
        }
    }
}
