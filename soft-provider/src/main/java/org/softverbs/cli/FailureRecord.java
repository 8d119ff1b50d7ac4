package org.softverbs.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.softverbs.sim.Campaign;
import org.softverbs.sim.Fault;
import org.softverbs.sim.FaultPlan;
import org.softverbs.sim.InvariantViolation;
import org.softverbs.sim.ListedPlan;
import org.softverbs.sim.Scenario;
import org.softverbs.sim.Shrinker;
import org.softverbs.sim.Simulation;
import org.softverbs.sim.WireAddresses;
import org.softverbs.soft.script.EngineScript;
import org.softverbs.soft.trace.TraceFile;
import org.softverbs.soft.trace.TraceKind;
import org.softverbs.soft.trace.TraceRecord;
import org.softverbs.soft.wire.pcap.LinkType;
import org.softverbs.soft.wire.pcap.PcapWriter;
import org.softverbs.verbs.GlobalIdentifier;

/**
 * What is kept of a failed run, so that somebody else can see it again: the faults that matter, the
 * trace, the packets, and a packet script of the queue pair that it is about.
 */
record FailureRecord(
        Path directory,
        List<Fault> plan,
        Shrinker.End end,
        Path planFile,
        Path trace,
        Path pcap,
        Script script) {

    /**
     * The packet script of the queue pair that failed: its name, and the file; or why there is
     * none.
     */
    record Script(String queuePair, Optional<Path> file, String obstacle) {}

    private static final Duration LONGEST_SHRINKING = Duration.ofSeconds(20);
    private static final int PORT = 4791;

    /** Shrinks the plan of a failed run, runs it once more and writes down what happens. */
    static FailureRecord write(Campaign.Failure failure, int nodes, Path parent)
            throws IOException {
        Scenario scenario = failure.scenario();
        long seed = failure.result().seed();
        Simulation simulation = new Simulation();
        long start = System.nanoTime();
        BooleanSupplier inTime = () -> System.nanoTime() - start < LONGEST_SHRINKING.toNanos();
        Shrinker.Shrunk shrunk =
                new Shrinker(simulation, scenario, seed, nodes, inTime).shrink(failure.result());
        List<Fault> plan = shrunk.faults();
        Path directory = parent.resolve(scenario.name() + "-" + seed);
        Files.createDirectories(directory);
        Path planFile = directory.resolve("plan.txt");
        Files.write(planFile, plan.stream().map(Fault::toString).toList());
        FaultPlan again =
                shrunk.end() == Shrinker.End.NOT_AGAIN
                        ? Simulation.drawn(scenario, seed)
                        : new ListedPlan(plan);
        Simulation.Recorded recorded = simulation.record(scenario, seed, nodes, again);
        List<TraceRecord> records = recorded.result().trace().records();
        Path trace = directory.resolve("trace.txt");
        writeTrace(trace, records);
        Path pcap = directory.resolve("packets.pcap");
        writePackets(pcap, records);
        Path rpkt = directory.resolve("engine.rpkt");
        Script script = writeScript(rpkt, scenario.name() + ", seed " + seed, recorded);
        return new FailureRecord(directory, plan, shrunk.end(), planFile, trace, pcap, script);
    }

    private static Script writeScript(Path file, String run, Simulation.Recorded recorded)
            throws IOException {
        EngineScript script = recorded.suspect().orElse(null);
        if (script == null) {
            return new Script("", Optional.empty(), "the run has no queue pair");
        }
        Optional<String> obstacle = script.obstacle();
        if (obstacle.isPresent()) {
            return new Script(script.name(), Optional.empty(), obstacle.get());
        }
        InvariantViolation violation = recorded.result().violation();
        String what = violation == null ? "nothing was wrong" : violation.getMessage();
        Files.writeString(file, script.text(script.name() + " in " + run + ": " + what));
        return new Script(script.name(), Optional.of(file), "");
    }

    static void writeTrace(Path file, List<TraceRecord> records) throws IOException {
        try (PrintWriter out =
                new PrintWriter(Files.newBufferedWriter(file, StandardCharsets.UTF_8))) {
            TraceFile.begin(out);
            records.forEach(record -> TraceFile.write(out, record));
        }
    }

    /** Packets as they left their senders, between the addresses that were in force. */
    private static void writePackets(Path file, List<TraceRecord> records) throws IOException {
        try (PcapWriter out = PcapWriter.create(file, LinkType.RAW_IP)) {
            for (TraceRecord record : records) {
                if (record.kind() == TraceKind.SENT) {
                    WireAddresses addresses = WireAddresses.of(record);
                    out.writeDatagram(
                            record.nanos(),
                            bytes(addresses.source()),
                            PORT,
                            bytes(addresses.destination()),
                            0,
                            ByteBuffer.wrap(record.packet().toArray()));
                }
            }
        }
    }

    private static byte[] bytes(GlobalIdentifier address) {
        return address.toInetAddress().getAddress();
    }
}
