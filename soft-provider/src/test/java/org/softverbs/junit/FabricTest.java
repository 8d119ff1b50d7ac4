package org.softverbs.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.sim.FaultKind;
import org.softverbs.sim.World;
import org.softverbs.soft.host.JvmOptions;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// What each attribute of [Fabric] does, with either clock.
@Fabric(nodes = 3)
class FabricTest {

    private static final long LARGE = 64 * 1024;

    /// Writes from the first end into the second, and gives the first's completion.
    static WorkCompletion write(FabricConnection connection, long bytes) {
        MemoryRegion source = connection.first().register(bytes);
        MemoryRegion target = connection.second().register(bytes);
        source.segment().fill((byte) 0x77);
        connection
                .first()
                .queuePair()
                .postSend(
                        new SendWorkRequest.RdmaWrite(
                                1,
                                List.of(source.element()),
                                target.address(),
                                target.remoteKey(),
                                EnumSet.of(SendFlag.SIGNALED)));
        WorkCompletion done = connection.first().awaitCompletion();
        if (done.isSuccess()) {
            assertThat(target.segment().mismatch(source.segment())).isEqualTo(-1);
        }
        return done;
    }

    private static void writeWell(FabricConnection connection) {
        assertThat(write(connection, LARGE).status()).isEqualTo(WorkCompletionStatus.SUCCESS);
    }

    @Test
    void shouldTakeWhatTheClassSays(FabricNodes fabric, World world) {
        assertThat(fabric.size()).isEqualTo(3);
        assertThat(world.hosts()).hasSize(3);
        writeWell(fabric.connect(3, 1));
    }

    @Test
    @Fabric(nodes = 5)
    void shouldTakeWhatTheMethodSaysInPlaceOfIt(FabricNodes fabric) {
        assertThat(fabric.size()).isEqualTo(5);
        writeWell(fabric.connect(5, 4));
    }

    @Test
    @Fabric(nodes = 1)
    void shouldConnectANodeWithItself(FabricNodes fabric) {
        writeWell(fabric.connect(1, 1));
    }

    @Test
    void shouldKnowNoNodeBesideThoseDeclared(FabricNodes fabric) {
        assertThatThrownBy(() -> fabric.node(4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("node 4 is not within 1 and 3");
        assertThatThrownBy(() -> fabric.connect(0, 1)).hasMessageContaining("node 0");
    }

    @Test
    @Fabric(seed = 99)
    void shouldStartFromItsSeed(FabricNodes fabric, World world) {
        assertThat(fabric.seed()).isEqualTo(99);
        assertThat(world.seed()).isEqualTo(99);
    }

    @Test
    @Fabric(clock = FabricClock.REAL, nodes = 3)
    void shouldRunByTheRealClock(FabricNodes fabric) {
        Duration before = fabric.elapsed();
        writeWell(fabric.connect(1, 3));
        fabric.run(Duration.ofMillis(3));
        assertThat(fabric.elapsed().minus(before)).isGreaterThanOrEqualTo(Duration.ofMillis(3));
    }

    @Test
    void shouldMoveTheVirtualClockOnlyWhenItIsToldTo(FabricNodes fabric) {
        assertThat(fabric.elapsed()).isZero();
        fabric.run(Duration.ofHours(3));
        assertThat(fabric.elapsed()).isEqualTo(Duration.ofHours(3));
    }

    @Test
    @Fabric(faults = {"LOSS n1>n2 RC_WRITE_MIDDLE #2", "DUPLICATE n2>n1 #1 =5"})
    void shouldDoTheFaultsThatAreListed(FabricNodes fabric, World world) {
        writeWell(fabric.connect(1, 2));
        assertThat(world.faults().counts())
                .containsEntry(FaultKind.LOSS, 1L)
                .containsEntry(FaultKind.DUPLICATE, 1L);
    }

    @Test
    @Fabric(rates = "LOSS=0.2", faults = "LOSS n1>n2 RC_WRITE_FIRST #1")
    void shouldDrawFaultsByTheirRateBesideThem(FabricNodes fabric, World world) {
        writeWell(fabric.connect(1, 2));
        assertThat(world.faults().done().getFirst()).hasToString("LOSS n1>n2 #1");
        assertThat(world.faults().counts().get(FaultKind.LOSS)).isGreaterThan(1);
    }

    @Test
    @Fabric(
            clock = FabricClock.REAL,
            rates = {"LOSS=0.05", "reorder = 0.1", "DUPLICATE=0.1"})
    void shouldDrawFaultsByTheRealClockToo(FabricNodes fabric) {
        FabricConnection connection =
                fabric.connect(
                        1,
                        2,
                        QueuePairAttributes.builder()
                                .state(QueuePairState.RTS)
                                .sendPacketSequenceNumber(0)
                                .timeout(9)
                                .retryCount(7)
                                .rnrRetry(7)
                                .maxReadAtomic(1)
                                .build());
        for (int i = 0; i < 10; i++) {
            writeWell(connection);
        }
        assertThat(connection.first().context().counters().get("retransmitted_packets"))
                .isPositive();
    }

    @Test
    @Fabric(latencyNanos = 1_000_000)
    void shouldTakeTheLatencyEachWay(FabricNodes fabric) {
        writeWell(fabric.connect(1, 2));
        assertThat(fabric.elapsed()).isBetween(Duration.ofMillis(2), Duration.ofMillis(3));
    }

    @Test
    @Fabric(mtu = 1500)
    void shouldGiveInterfacesTheirMtu(FabricNodes fabric) {
        assertThat(fabric.node(1).queryPort(1).interfaceMtu()).isEqualTo(1500);
        FabricConnection connection = fabric.connect(1, 2);
        assertThat(connection.first().queuePair().query().pathMtu()).isEqualTo(Mtu.MTU_1024);
        writeWell(connection);
    }

    @Test
    @Fabric(privileged = true, addressing = DmaAddressing.PHYSICAL)
    void shouldOpenDevicesOfKernelCode(FabricNodes fabric) {
        assertThat(fabric.privilegedNode(2).dma().addressing()).isEqualTo(DmaAddressing.PHYSICAL);
        assertThat(fabric.privilegedNode(2).sanitizer()).isPresent();
        writeWell(fabric.connect(1, 2));
    }

    @Test
    @Fabric(privileged = true, clock = FabricClock.REAL)
    void shouldOpenThemByTheRealClockToo(FabricNodes fabric) {
        assertThat(fabric.privilegedNode(1).dma().addressing()).isEqualTo(DmaAddressing.IOVA);
        writeWell(fabric.connect(1, 2));
    }

    @Test
    void shouldGiveUsersNoDevicesOfKernelCode(FabricNodes fabric) {
        assertThatThrownBy(() -> fabric.privilegedNode(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the fabric needs @Fabric(privileged = true)");
    }

    @Test
    @Fabric(privileged = true, sanitizer = false)
    void shouldLeaveTheSanitizerOut(FabricNodes fabric) {
        assumeFalse(JvmOptions.sanitizes(), "all hosts have one");
        assertThat(fabric.privilegedNode(1).sanitizer()).isEmpty();
        PhysicalAllocation pages =
                fabric.privilegedNode(1)
                        .physicalMemory()
                        .allocate(PhysicalMemoryRequest.contiguous(4096));
        assertThat(fabric.privilegedNode(1).dma().map(pages, DmaDirection.TO_DEVICE).segments())
                .hasSize(1);
    }

    @Test
    @Fabric(privileged = true, reportsExpected = true)
    void shouldLeaveTheReportsToTheTest(FabricNodes fabric) {
        PhysicalAllocation pages =
                fabric.privilegedNode(1)
                        .physicalMemory()
                        .allocate(PhysicalMemoryRequest.contiguous(4096));
        fabric.privilegedNode(1).dma().map(pages, DmaDirection.TO_DEVICE);
        pages.close();
        assertThat(fabric.privilegedNode(1).sanitizer().orElseThrow().reports()).hasSize(1);
    }

    @Test
    @Fabric(faults = "LOSS n1>n2 #1 x3", watchdogMillis = 60_000)
    void shouldNotHoldAShortWaitAgainstIt(FabricNodes fabric) {
        writeWell(fabric.connect(1, 2));
    }

    @Test
    void shouldLetATestRestartANode(FabricNodes fabric, World world) {
        FabricConnection connection = fabric.connect(1, 2);
        world.host(2).restart(1000);
        assertThat(write(connection, 64).status()).isEqualTo(WorkCompletionStatus.RETRY_EXC_ERR);
    }
}
