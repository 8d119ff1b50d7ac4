package org.softverbs.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.trace.Ladder;
import org.softverbs.soft.trace.TraceFile;
import org.softverbs.soft.trace.TraceRecord;
import org.softverbs.soft.wire.packet.CapturedRoce;
import org.softverbs.soft.wire.pcap.PcapFormatException;
import org.softverbs.soft.wire.pcap.PcapReader;
import org.softverbs.soft.wire.pcap.PcapRecord;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Draws a recorded trace, or a capture, as a ladder. */
@Command(
        name = "trace",
        description = {
            "Draw what --record wrote, or a pcap or pcapng file, as a ladder: a column for each"
                    + " node, packets as arrows."
        },
        mixinStandardHelpOptions = true,
        versionProvider = SoftverbsVersion.class,
        sortOptions = false)
final class TraceCommand implements Callable<Integer> {

    @Parameters(paramLabel = "FILE", description = "The trace or the capture.")
    private @Nullable Path file;

    @Mixin private RecordOption record = new RecordOption();

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (spec == null || file == null) {
            throw new IllegalStateException("called without a command line");
        }
        PrintWriter out = spec.commandLine().getOut();
        List<TraceRecord> records = isTrace(file) ? readTrace(file) : readCapture(file, out);
        try (RecordOption copy = record.begin()) {
            records.forEach(copy::add);
        }
        new Ladder(out, Ladder.nodesOf(records)).print(records);
        return Softverbs.SUCCESS;
    }

    private static boolean isTrace(Path from) throws IOException {
        byte[] expected = TraceFile.HEADER.getBytes(StandardCharsets.UTF_8);
        try (var in = Files.newInputStream(from)) {
            return Arrays.equals(in.readNBytes(expected.length), expected);
        }
    }

    private static List<TraceRecord> readTrace(Path from) throws IOException {
        try (BufferedReader in = Files.newBufferedReader(from)) {
            return TraceFile.read(in);
        } catch (MalformedInputException e) {
            throw new IOException(from + ": not UTF-8", e);
        } catch (IOException e) {
            throw new IOException(from + ": " + e.getMessage(), e);
        }
    }

    /** A legend says which node is which. */
    private static List<TraceRecord> readCapture(Path from, PrintWriter out) throws IOException {
        List<TraceRecord> records = new ArrayList<>();
        CaptureTrace trace = new CaptureTrace(records::add);
        try (PcapReader reader = PcapReader.open(from)) {
            for (PcapRecord next = reader.next(); next != null; next = reader.next()) {
                CapturedRoce captured = CapturedRoce.find(next);
                if (captured != null) {
                    trace.add(next.timestampNanos(), captured);
                }
            }
        } catch (PcapFormatException e) {
            throw new IOException(from + ": " + e.getMessage(), e);
        }
        trace.nodes()
                .forEach(
                        (address, number) ->
                                out.println(
                                        "n"
                                                + number
                                                + " is "
                                                + DecodedLine.address(address.toArray())));
        return records;
    }
}
