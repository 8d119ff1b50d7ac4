package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.soft.device.Refusals.refused;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.softverbs.soft.trace.TraceFile;
import org.softverbs.soft.trace.TraceKind;
import org.softverbs.soft.trace.TraceRecord;
import org.softverbs.soft.wire.packet.CapturedRoce;
import org.softverbs.soft.wire.packet.Octets;
import org.softverbs.soft.wire.pcap.PcapReader;
import org.softverbs.soft.wire.pcap.PcapRecord;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.RdmaDevices;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest.RdmaWrite;
import org.softverbs.verbs.WorkCompletion;

/// The option `record` of a device: a trace of a real run.
class RecordTest {

    private static final int LENGTH = 20_000;

    @TempDir private Path folder;

    /// Writes from one device to another, with a wrong key in the end.
    private List<TraceRecord> run(String left, String right, String faults) throws Exception {
        Path trace = folder.resolve("x.trace");
        Map<String, String> options =
                Map.of(
                        "record",
                        trace.toString(),
                        "pcap",
                        folder.resolve("x.pcap").toString(),
                        "faults",
                        faults,
                        "seed",
                        "11");
        try (TestNode near = new TestNode(RdmaDevices.open("rxe@" + left, options), LENGTH);
                TestNode far = new TestNode(RdmaDevices.open("rxe@" + right), LENGTH)) {
            TestNode.connect(
                    near.queuePair, near.context, far.queuePair, far.context, Mtu.MTU_1024);
            write(near, far, 7, far.region.remoteKey());
            assertThat(await(near, far).isSuccess()).isTrue();
            write(near, far, 8, far.region.remoteKey() ^ 0x5500);
            assertThat(await(near, far).isSuccess()).isFalse();
        }
        try (BufferedReader in = Files.newBufferedReader(trace)) {
            return TraceFile.read(in);
        }
    }

    private static void write(TestNode near, TestNode far, long id, int key) {
        near.queuePair.postSend(
                new RdmaWrite(
                        id,
                        List.of(near.region.element()),
                        far.region.address(),
                        key,
                        EnumSet.of(SendFlag.SIGNALED)));
    }

    private static WorkCompletion await(TestNode near, TestNode far) {
        long end = System.nanoTime() + 20_000_000_000L;
        while (System.nanoTime() < end) {
            far.receives.poll(1);
            List<WorkCompletion> done = near.sends.poll(1);
            if (!done.isEmpty()) {
                return done.getFirst();
            }
        }
        throw new AssertionError("no completion within 20 s");
    }

    private List<Octets> captured() throws IOException {
        List<Octets> packets = new ArrayList<>();
        try (PcapReader reader = PcapReader.open(folder.resolve("x.pcap"))) {
            for (PcapRecord next = reader.next(); next != null; next = reader.next()) {
                CapturedRoce captured = CapturedRoce.find(next);
                if (captured != null) {
                    packets.add(Octets.of(captured.datagram()));
                }
            }
        }
        return packets;
    }

    @Test
    void shouldHaveThePacketsOfTheCaptureAndAllThatTheProgramMet() throws Exception {
        List<TraceRecord> records = run("127.4.7.1", "127.4.7.2", "drop=0");
        assertThat(
                        records.stream()
                                .map(TraceRecord::packet)
                                .filter(packet -> packet.length() > 0)
                                .toList())
                .isEqualTo(captured())
                .hasSizeGreaterThan(20);
        assertThat(records).extracting(TraceRecord::nanos).isSorted();
        assertThat(records.getFirst().nanos()).isNotNegative();
        assertThat(texts(records, TraceKind.NOTE))
                .contains("n1 is rxe@127.4.7.1")
                .anyMatch(text -> text.endsWith("n2 is ::ffff:127.4.7.2"))
                .anyMatch(text -> text.matches("qp 0x[0-9a-f]+ is in RTS"));
        assertThat(texts(records, TraceKind.POSTED))
                .hasSize(2)
                .first()
                .asString()
                .endsWith("request 7 RDMA_WRITE of 20000");
        List<String> completed = texts(records, TraceKind.COMPLETED);
        assertThat(completed.getFirst()).endsWith("request 7 RDMA_WRITE SUCCESS");
        assertThat(completed.getLast()).contains("request 8 REM_ACCESS_ERR: ");
    }

    private static List<String> texts(List<TraceRecord> records, TraceKind kind) {
        return records.stream()
                .filter(record -> record.kind() == kind)
                .map(TraceRecord::text)
                .toList();
    }

    @Test
    void shouldHavePacketsInBothDirections() throws Exception {
        List<TraceRecord> records = run("127.4.7.3", "127.4.7.4", "drop=0");
        for (TraceKind kind : List.of(TraceKind.SENT, TraceKind.ARRIVED)) {
            assertThat(records.stream().filter(record -> record.kind() == kind))
                    .isNotEmpty()
                    .allMatch(record -> record.node() == 1 && record.peer() == 2);
        }
    }

    @Test
    void shouldRecordHarmAsItLeaves() throws Exception {
        List<TraceRecord> records = run("127.4.7.5", "127.4.7.6", "corrupt=0.2");
        List<Octets> sent =
                records.stream()
                        .filter(record -> record.kind() == TraceKind.SENT)
                        .map(TraceRecord::packet)
                        .toList();
        assertThat(
                        records.stream()
                                .map(TraceRecord::packet)
                                .filter(packet -> packet.length() > 0)
                                .toList())
                .isEqualTo(captured());
        assertThat(sent.stream().distinct().count()).isGreaterThan(20);
    }

    @Test
    void shouldLetGoOfTheAddressWhenTheTraceCannotBeWritten() {
        String name = "rxe@127.4.7.7";
        String file = folder.resolve("missing").resolve("x.trace").toString();
        refused(
                Errno.EIO,
                () -> RdmaDevices.open(name, Map.of("record", file)),
                "record file " + file,
                "cannot be written");
        RdmaDevices.open(name).close();
    }

    @Test
    void shouldRefuseATraceThatIsNoFileName() {
        refused(
                Errno.EINVAL,
                () -> RdmaDevices.open("rxe@127.4.7.8", Map.of("record", "a\0b")),
                "record");
    }
}
