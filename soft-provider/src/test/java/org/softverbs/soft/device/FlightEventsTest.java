package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.RecordingState;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.softverbs.junit.Provokes;
import org.softverbs.sim.FaultPlan;
import org.softverbs.sim.World;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.WorkCompletionStatus;

/// What a recording of the flight recorder holds, read back from its file.
class FlightEventsTest {

    private static final int LEFT_PSN = 0xff_fff0;

    @TempDir private Path directory;

    private final InProcessPair pair = new InProcessPair(8192, Mtu.MTU_1024);
    private final Recording recording = new Recording();

    @BeforeEach
    void start() {
        recording.start();
    }

    @AfterEach
    void close() {
        recording.close();
    }

    private List<RecordedEvent> events(String name) throws IOException {
        Path file = directory.resolve("softverbs.jfr");
        if (recording.getState() == RecordingState.RUNNING) {
            recording.stop();
            recording.dump(file);
        }
        return RecordingFile.readAllEvents(file).stream()
                .filter(it -> it.getEventType().getName().equals("org.softverbs." + name))
                .toList();
    }

    private SendWorkRequest write(long address) {
        return new SendWorkRequest.RdmaWrite(
                7,
                List.of(pair.left.region.element(0, 10)),
                address,
                pair.right.region.remoteKey(),
                EnumSet.of(SendFlag.SIGNALED));
    }

    private SendWorkRequest send() {
        return new SendWorkRequest.Send(
                7, List.of(pair.left.region.element(0, 10)), EnumSet.of(SendFlag.SIGNALED));
    }

    private int leftNumber() {
        return pair.left.queuePair.number();
    }

    private int rightNumber() {
        return pair.right.queuePair.number();
    }

    @Test
    void shouldRecordChangesOfState() throws IOException {
        pair.left.queuePair.modify(QueuePairAttributes.to(QueuePairState.ERR));
        assertThat(events("QueuePairState"))
                .singleElement()
                .satisfies(
                        it -> {
                            assertThat(it.getInt("queuePair")).isEqualTo(leftNumber());
                            assertThat(it.getString("from")).isEqualTo("RTS");
                            assertThat(it.getString("to")).isEqualTo("ERR");
                        });
    }

    @Test
    void shouldRecordFailedCompletionsWithTheirExplanation() throws IOException {
        assertThat(pair.run(write(0))).containsExactly(WorkCompletionStatus.REM_ACCESS_ERR);
        assertThat(events("FailedCompletion"))
                .singleElement()
                .satisfies(
                        it -> {
                            assertThat(it.getInt("queuePair")).isEqualTo(leftNumber());
                            assertThat(it.getLong("id")).isEqualTo(7);
                            assertThat(it.getString("status")).isEqualTo("REM_ACCESS_ERR");
                            assertThat(it.getString("explanation"))
                                    .isEqualTo(
                                            pair.left.queuePair.firstError().orElseThrow().line());
                        });
    }

    @Test
    void shouldRecordMemoryThatWasRefused() throws IOException {
        assertThat(pair.run(write(0))).containsExactly(WorkCompletionStatus.REM_ACCESS_ERR);
        assertThat(events("MemoryRefusal"))
                .singleElement()
                .satisfies(
                        it -> {
                            assertThat(it.getInt("queuePair")).isEqualTo(rightNumber());
                            assertThat(it.getString("reason")).isEqualTo("OUT_OF_BOUNDS");
                            assertThat(it.getInt("key")).isEqualTo(pair.right.region.remoteKey());
                            assertThat(it.getLong("length")).isEqualTo(10);
                        });
    }

    @Test
    void shouldRecordNaksOnBothSides() throws IOException {
        assertThat(pair.run(write(0))).containsExactly(WorkCompletionStatus.REM_ACCESS_ERR);
        List<RecordedEvent> naks = events("Nak");
        assertThat(naks).extracting(it -> it.getInt("psn")).containsOnly(LEFT_PSN);
        assertThat(naks).extracting(it -> it.getString("code")).containsOnly("REMOTE_ACCESS_ERROR");
        assertThat(naks)
                .extracting(it -> it.getBoolean("sent"), it -> it.getInt("queuePair"))
                .containsExactly(tuple(true, rightNumber()), tuple(false, leftNumber()));
    }

    @Test
    void shouldRecordReceiversThatAreNotReady() throws IOException {
        assertThat(pair.run(send())).isEmpty();
        List<RecordedEvent> naks = events("RnrNak");
        assertThat(naks)
                .extracting(it -> it.getBoolean("sent"), it -> it.getLong("waitMicros"))
                .containsExactly(tuple(true, 640L), tuple(false, 640L));
    }

    @Test
    void shouldRecordRetransmissionsAndDrops() throws IOException {
        pair.right.queuePair.close();
        assertThat(pair.run(send())).isEmpty();
        pair.advance(Duration.ofSeconds(1));
        assertThat(events("Retransmission"))
                .singleElement()
                .satisfies(
                        it -> {
                            assertThat(it.getInt("queuePair")).isEqualTo(leftNumber());
                            assertThat(it.getInt("psn")).isEqualTo(LEFT_PSN);
                            assertThat(it.getString("reason")).isEqualTo("TIMEOUT");
                            assertThat(it.getInt("retriesLeft")).isEqualTo(6);
                        });
        assertThat(events("PacketDrop"))
                .hasSize(2)
                .allSatisfy(
                        it -> {
                            assertThat(it.getString("device")).isEqualTo("test2");
                            assertThat(it.getString("reason")).isEqualTo("DROPPED_UNKNOWN_QP");
                        });
    }

    @Test
    void shouldRecordOverrunsOfCompletionQueues() throws IOException {
        InProcessPair small = new InProcessPair(8192, Mtu.MTU_1024, 2);
        for (int i = 0; i < 3; i++) {
            small.left.queuePair.postSend(
                    new SendWorkRequest.RdmaWrite(
                            i,
                            List.of(small.left.region.element(0, 10)),
                            small.right.region.address(),
                            small.right.region.remoteKey(),
                            EnumSet.of(SendFlag.SIGNALED)));
        }
        small.settle();
        assertThat(events("CompletionQueueOverrun"))
                .singleElement()
                .satisfies(
                        it -> {
                            assertThat(it.getString("device")).isEqualTo("test1");
                            assertThat(it.getInt("entries")).isEqualTo(2);
                        });
        assertThat(events("AsyncEvent"))
                .filteredOn(it -> it.getString("type").equals("CQ_ERR"))
                .singleElement()
                .satisfies(
                        it -> {
                            assertThat(it.getString("device")).isEqualTo("test1");
                            assertThat(it.getString("detail")).contains("2 entries overran");
                        });
    }

    @Test
    void shouldRecordChangesOfThePort() throws IOException {
        World world = new World(1, FaultPlan.none(), true);
        SoftDevice device = world.addHost().openDevice();
        world.host(1).changeAddress(7);
        world.host(1).portDown(Duration.ofSeconds(1).toNanos());
        world.run(Duration.ofSeconds(2));
        assertThat(events("AsyncEvent"))
                .extracting(it -> it.getString("type"))
                .containsExactlyInAnyOrder("GID_CHANGE", "PORT_ERR", "PORT_ACTIVE");
        assertThat(events("AsyncEvent"))
                .allSatisfy(
                        it -> {
                            assertThat(it.getString("device")).isEqualTo(device.device().name());
                            assertThat(it.getInt("element")).isEqualTo(1);
                        });
    }

    /// Other events name queue pairs by their number alone.
    @Test
    void shouldRecordWhichDeviceAQueuePairIsOf() throws IOException {
        QueuePair created = pair.right.newQueuePair();
        assertThat(events("QueuePairCreated"))
                .singleElement()
                .satisfies(
                        it -> {
                            assertThat(it.getString("device")).isEqualTo("test2");
                            assertThat(it.getInt("queuePair")).isEqualTo(created.number());
                        });
    }

    @Test
    @Provokes(stuck = true, because = "it is to be recorded")
    void shouldRecordQueuePairsWithoutProgress() throws IOException {
        ((SoftDevice) pair.left.context).watch(Duration.ofSeconds(2));
        assertThat(pair.run(send())).isEmpty();
        for (int i = 0; i < 5; i++) {
            pair.advance(Duration.ofSeconds(1));
        }
        assertThat(events("Stuck"))
                .singleElement()
                .satisfies(
                        it -> {
                            assertThat(it.getInt("queuePair")).isEqualTo(leftNumber());
                            assertThat(it.getString("device")).isEqualTo("test1");
                            assertThat(it.getString("waitsFor")).contains("a receive at");
                            assertThat(it.getLong("waitedMillis")).isBetween(2000L, 4000L);
                        });
    }
}
