package org.softverbs.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.softverbs.soft.wire.packet.CapturedRoce;
import org.softverbs.soft.wire.packet.PacketFields;
import org.softverbs.soft.wire.packet.RocePacket;
import org.softverbs.soft.wire.pcap.PcapFormatException;
import org.softverbs.soft.wire.pcap.PcapReader;
import org.softverbs.soft.wire.pcap.PcapRecord;
import org.softverbs.soft.wire.roce.Icrc;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows the RoCEv2 packets of a capture file. */
@Command(
        name = "decode",
        description = {
            "Show the RoCEv2 packets of a pcap or pcapng file, one a line: frame, seconds since the"
                    + " first frame, addresses, destination QP, opcode, PSN, headers, payload, ICRC."
        },
        mixinStandardHelpOptions = true,
        versionProvider = SoftverbsVersion.class,
        sortOptions = false)
final class DecodeCommand implements Callable<Integer> {

    private static final double NANOS_PER_SECOND = 1e9;

    /** What to print instead of one line a packet. */
    private static final class Format {
        @Option(
                names = "--json",
                description =
                        "Print only counts, as one JSON object: packets, roce, icrcOk, icrcBad, and"
                                + " reencoded: packets with a good ICRC that were built again byte for"
                                + " byte from their field values.")
        private boolean json;

        @Option(names = "--fields", description = "Print every field of every packet.")
        private boolean fields;
    }

    @Parameters(paramLabel = "FILE", description = "The capture file.")
    private @Nullable Path file;

    @ArgGroup private Format format = new Format();

    @Mixin private RecordOption record = new RecordOption();

    @Spec private @Nullable CommandSpec spec;

    private int packets;
    private int roce;
    private int icrcOk;
    private int icrcBad;
    private int reencoded;

    @Override
    public Integer call() throws IOException {
        if (spec == null || file == null) {
            throw new IllegalStateException("called without a command line");
        }
        PrintWriter out = spec.commandLine().getOut();
        try (RecordOption trace = record.begin()) {
            decode(file, out, new CaptureTrace(trace::add));
        }
        if (format.json) {
            writeCounts(out);
        }
        return Softverbs.SUCCESS;
    }

    private void decode(Path from, PrintWriter out, CaptureTrace trace) throws IOException {
        long start = 0;
        try (PcapReader reader = PcapReader.open(from)) {
            for (PcapRecord next = reader.next(); next != null; next = reader.next()) {
                start = packets == 0 ? next.timestampNanos() : start;
                packets++;
                CapturedRoce captured = CapturedRoce.find(next);
                if (captured != null) {
                    double seconds = (next.timestampNanos() - start) / NANOS_PER_SECOND;
                    trace.add(next.timestampNanos(), captured);
                    decode(captured, seconds, out);
                }
            }
        } catch (PcapFormatException e) {
            throw new IOException(from + ": " + e.getMessage(), e);
        }
    }

    private void decode(CapturedRoce captured, double seconds, PrintWriter out) {
        RocePacket.Parsed parsed = captured.parse();
        boolean isGood = captured.isIcrcGood();
        roce++;
        icrcOk += isGood ? 1 : 0;
        icrcBad += isGood ? 0 : 1;
        if (isGood && parsed instanceof RocePacket.Accepted accepted) {
            reencoded += rebuilds(captured, accepted.packet()) ? 1 : 0;
        }
        if (format.json) {
            return;
        }
        out.println(DecodedLine.of(packets, seconds, captured, parsed));
        if (format.fields && parsed instanceof RocePacket.Accepted accepted) {
            PacketFields.of(captured, accepted.packet())
                    .forEach((name, value) -> out.println(DecodedLine.ofField(name, value)));
        }
    }

    private static boolean rebuilds(CapturedRoce captured, RocePacket packet) {
        ByteBuffer rebuilt = packet.encode();
        MemorySegment covered = MemorySegment.ofBuffer(rebuilt).asSlice(0, packet.length());
        Icrc.store(rebuilt, packet.length(), captured.icrcOf(covered));
        MemorySegment original =
                captured.ip().asSlice(captured.bthOffset(), captured.datagramLength());
        return MemorySegment.ofBuffer(rebuilt).mismatch(original) < 0;
    }

    private void writeCounts(PrintWriter out) throws IOException {
        try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
            json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            json.writeStartObject();
            json.writeNumberField("packets", packets);
            json.writeNumberField("roce", roce);
            json.writeNumberField("icrcOk", icrcOk);
            json.writeNumberField("icrcBad", icrcBad);
            json.writeNumberField("reencoded", reencoded);
            json.writeEndObject();
        }
        out.println();
    }
}
