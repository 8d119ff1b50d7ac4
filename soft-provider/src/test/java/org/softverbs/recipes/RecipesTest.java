package org.softverbs.recipes;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.DmaDirection;
import org.softverbs.dma.DmaMapping;
import org.softverbs.dma.PhysicalAllocation;
import org.softverbs.dma.PhysicalMemoryRequest;
import org.softverbs.junit.Fabric;
import org.softverbs.junit.FabricClock;
import org.softverbs.junit.FabricConnection;
import org.softverbs.junit.FabricEnd;
import org.softverbs.junit.FabricNodes;
import org.softverbs.junit.FabricTransport;
import org.softverbs.sim.FaultKind;
import org.softverbs.sim.World;
import org.softverbs.verbs.Cause;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.PrivilegedContext;
import org.softverbs.verbs.PrivilegedDomain;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.SharedReceiveQueue;
import org.softverbs.verbs.Wait;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// Thirteen typical tests.
@Fabric
class RecipesTest {

    private static final Set<SendFlag> SIGNALED = EnumSet.of(SendFlag.SIGNALED);

    private static SendWorkRequest write(long id, MemoryRegion source, MemoryRegion target) {
        return new SendWorkRequest.RdmaWrite(
                id, List.of(source.element()), target.address(), target.remoteKey(), SIGNALED);
    }

    @Test
    void shouldWriteIntoThePeersMemory(FabricNodes fabric) {
        FabricConnection connection = fabric.connect(1, 2);
        MemoryRegion source = connection.first().register(4096);
        MemoryRegion target = connection.second().register(4096);
        source.segment().setString(0, "hello");

        connection.first().queuePair().postSend(write(1, source, target));

        WorkCompletion done = connection.first().awaitCompletion();
        assertThat(done.status()).isEqualTo(WorkCompletionStatus.SUCCESS);
        assertThat(target.segment().getString(0)).isEqualTo("hello");
    }

    @Test
    void shouldReceiveAMessageWithItsImmediate(FabricNodes fabric) {
        FabricConnection connection = fabric.connect(1, 2);
        MemoryRegion source = connection.first().register(64);
        MemoryRegion target = connection.second().register(4096);
        source.segment().setString(0, "hello");

        connection
                .second()
                .queuePair()
                .postReceive(new ReceiveWorkRequest(7, List.of(target.element())));
        connection
                .first()
                .queuePair()
                .postSend(
                        new SendWorkRequest.SendWithImmediate(
                                1, List.of(source.element()), 42, SIGNALED));

        WorkCompletion received = connection.second().awaitCompletion();
        assertThat(received.workRequestId()).isEqualTo(7);
        assertThat(received.byteLength()).isEqualTo(64);
        assertThat(received.immediate()).hasValue(42);
        assertThat(target.segment().getString(0)).isEqualTo("hello");
        assertThat(connection.first().awaitCompletion().isSuccess()).isTrue();
    }

    @Test
    @Fabric(faults = "LOSS n1>n2 RC_WRITE_MIDDLE #2")
    void shouldRepeatAPacketThatIsLost(FabricNodes fabric, World world) {
        FabricConnection connection = fabric.connect(1, 2);
        MemoryRegion source = connection.first().register(64 * 1024);
        MemoryRegion target = connection.second().register(64 * 1024);
        source.segment().fill((byte) 0x5a);

        connection.first().queuePair().postSend(write(1, source, target));

        assertThat(connection.first().awaitCompletion().isSuccess()).isTrue();
        assertThat(target.segment().mismatch(source.segment())).isEqualTo(-1);
        assertThat(world.faults().counts()).containsEntry(FaultKind.LOSS, 1L);
    }

    @Test
    @Fabric(
            seed = 17,
            rates = {"LOSS=0.1", "REORDER=0.05", "DUPLICATE=0.05"})
    void shouldCompleteAllOnABadNetwork(FabricNodes fabric, World world) {
        FabricConnection connection = fabric.connect(1, 2);
        MemoryRegion source = connection.first().register(32 * 1024);
        MemoryRegion target = connection.second().register(32 * 1024);
        source.segment().fill((byte) 0x5a);

        for (long id = 1; id <= 20; id++) {
            connection.first().queuePair().postSend(write(id, source, target));
        }

        assertThat(connection.first().awaitCompletions(20)).allMatch(WorkCompletion::isSuccess);
        assertThat(target.segment().mismatch(source.segment())).isEqualTo(-1);
        assertThat(world.faults().counts().get(FaultKind.LOSS)).isPositive();
    }

    @Test
    void shouldWaitForAReceiverThatIsNotReady(FabricNodes fabric) {
        FabricConnection connection = fabric.connect(1, 2);
        MemoryRegion source = connection.first().register(64);
        MemoryRegion target = connection.second().register(64);

        connection
                .first()
                .queuePair()
                .postSend(new SendWorkRequest.Send(1, List.of(source.element()), SIGNALED));
        fabric.run(Duration.ofMillis(5));
        assertThat(connection.first().queuePair().waitsFor())
                .hasAtLeastOneElementOfType(Wait.ReceiverNotReady.class);

        connection
                .second()
                .queuePair()
                .postReceive(new ReceiveWorkRequest(7, List.of(target.element())));
        assertThat(connection.second().awaitCompletion().workRequestId()).isEqualTo(7);
        assertThat(connection.first().awaitCompletion().isSuccess()).isTrue();
    }

    @Test
    void shouldSayWhyTheMemoryWasRefused(FabricNodes fabric) {
        FabricConnection connection = fabric.connect(1, 2);
        MemoryRegion source = connection.first().register(8192);
        MemoryRegion target = connection.second().register(4096);

        connection.first().queuePair().postSend(write(1, source, target));

        WorkCompletion failed = connection.first().awaitCompletion();
        assertThat(failed.status()).isEqualTo(WorkCompletionStatus.REM_ACCESS_ERR);
        assertThat(failed.explain().root()).isInstanceOf(Cause.PeerRefused.class);
        // What the peer does not put into its answer it tells its own program.
        assertThat(connection.second().queuePair().firstError().orElseThrow().line())
                .contains("8192 bytes", "the range is not inside the memory");
    }

    @Test
    void shouldTouchNothingOnceTheQueuePairIsClosed(FabricNodes fabric) {
        FabricConnection connection = fabric.connect(1, 2);
        FabricEnd writer = connection.first();
        MemoryRegion source = writer.register(64 * 1024);
        MemoryRegion target = connection.second().register(64 * 1024);
        for (long id = 1; id <= 100; id++) {
            writer.queuePair().postSend(write(id, source, target));
        }
        assertThat(writer.awaitCompletion().isSuccess()).isTrue();

        connection.second().queuePair().close();
        target.segment().fill((byte) 0x55);

        List<WorkCompletion> others = writer.awaitCompletions(99);
        assertThat(others.getLast().status()).isEqualTo(WorkCompletionStatus.WR_FLUSH_ERR);
        assertThat(writer.queuePair().state()).isEqualTo(QueuePairState.ERR);
        assertThat(target.segment().toArray(ValueLayout.JAVA_BYTE)).containsOnly(0x55);
    }

    @Test
    @Fabric(privileged = true)
    void shouldSendFromPagesThatAreMappedForTheDevice(FabricNodes fabric) {
        FabricConnection connection = fabric.connect(1, 2);
        MemoryRegion target = connection.second().register(8192);
        PrivilegedContext node = fabric.privilegedNode(1);
        int key = ((PrivilegedDomain) connection.first().domain()).localDmaLkey();
        List<Sge> elements = new ArrayList<>();

        // What is not unmapped, or used beside its mapping, fails the test by the sanitizer.
        try (PhysicalAllocation pages =
                        node.physicalMemory().allocate(PhysicalMemoryRequest.scattered(8192));
                DmaMapping mapping = node.dma().map(pages, DmaDirection.TO_DEVICE)) {
            mapping.segments()
                    .forEach(it -> elements.add(new Sge(it.address(), (int) it.length(), key)));
            connection
                    .first()
                    .queuePair()
                    .postSend(
                            new SendWorkRequest.RdmaWrite(
                                    1, elements, target.address(), target.remoteKey(), SIGNALED));
            assertThat(connection.first().awaitCompletion().isSuccess()).isTrue();
        }
    }

    @Test
    @Fabric(faults = "LOSS n1>n2 #1 x1000")
    void shouldGiveUpAfterSevenRetries(FabricNodes fabric, World world) {
        FabricConnection connection = fabric.connect(1, 2);
        MemoryRegion source = connection.first().register(64);
        MemoryRegion target = connection.second().register(64);

        connection.first().queuePair().postSend(write(1, source, target));

        WorkCompletion failed = connection.first().awaitCompletion();
        assertThat(failed.status()).isEqualTo(WorkCompletionStatus.RETRY_EXC_ERR);
        assertThat(failed.explain().root()).isInstanceOf(Cause.RetriesExceeded.class);
        assertThat(world.faults().counts()).containsEntry(FaultKind.LOSS, 8L);
        // Timeouts of 67 ms and more, in no time at all.
        assertThat(fabric.elapsed()).isGreaterThan(Duration.ofMillis(8 * 67));
    }

    @Test
    @Fabric(nodes = 4, clock = FabricClock.REAL)
    void shouldSendFromEachNodeToEachOther(FabricNodes fabric) {
        for (int from = 1; from <= fabric.size(); from++) {
            for (int to = from + 1; to <= fabric.size(); to++) {
                FabricConnection connection = fabric.connect(from, to);
                MemoryRegion source = connection.first().register(4096);
                MemoryRegion target = connection.second().register(4096);
                source.segment().fill((byte) from);

                connection.first().queuePair().postSend(write(to, source, target));

                assertThat(connection.first().awaitCompletion().isSuccess()).isTrue();
                assertThat(target.segment().mismatch(source.segment())).isEqualTo(-1);
            }
        }
    }

    @Test
    @Fabric(profile = "irdma")
    void shouldNotTakeARefusalForAPeerThatIsGone(FabricNodes fabric) {
        FabricConnection connection = fabric.connect(1, 2);
        MemoryRegion source = connection.first().register(8192);
        MemoryRegion target = connection.second().register(4096);

        connection.first().queuePair().postSend(write(1, source, target));

        WorkCompletion failed = connection.first().awaitCompletion();
        assertThat(failed.status()).isEqualTo(WorkCompletionStatus.RETRY_EXC_ERR);
        // The reason tells them apart.
        assertThat(failed.explain().root()).isInstanceOf(Cause.PeerRefused.class);
    }

    @Test
    @Fabric(transport = FabricTransport.UD, faults = "LOSS n1>n2 #2")
    void shouldMissTheDatagramThatIsLost(FabricNodes fabric) {
        FabricConnection connection = fabric.connect(1, 2);
        FabricEnd sender = connection.first();
        FabricEnd receiver = connection.second();
        MemoryRegion source = sender.register(64);
        MemoryRegion target = receiver.register(128);

        for (int number = 1; number <= 3; number++) {
            receiver.queuePair().postReceive(new ReceiveWorkRequest(7, List.of(target.element())));
            sender.queuePair()
                    .postSend(
                            new SendWorkRequest.SendDatagramWithImmediate(
                                    number,
                                    List.of(source.element()),
                                    sender.destination(),
                                    number,
                                    SIGNALED));
        }

        assertThat(sender.awaitCompletions(3)).allMatch(WorkCompletion::isSuccess);
        List<WorkCompletion> received = receiver.awaitCompletions(2);
        assertThat(received).allMatch(it -> it.byteLength() == 40 + 64);
        assertThat(received.get(0).immediate()).hasValue(1);
        assertThat(received.get(1).immediate()).hasValue(3);
    }

    @Test
    @Fabric(transport = FabricTransport.XRC)
    void shouldSendToTheSharedReceiveQueueOfThePeer(FabricNodes fabric) {
        FabricConnection connection = fabric.connect(1, 2);
        MemoryRegion source = connection.first().register(64);
        MemoryRegion target = connection.second().register(64);
        SharedReceiveQueue queue = connection.second().sharedReceiveQueue();
        source.segment().setString(0, "hello");

        queue.postReceive(new ReceiveWorkRequest(7, List.of(target.element())));
        connection
                .first()
                .queuePair()
                .postSend(
                        new SendWorkRequest.ToSharedReceiveQueue(
                                new SendWorkRequest.Send(1, List.of(source.element()), SIGNALED),
                                queue.number()));

        assertThat(connection.second().awaitCompletion().workRequestId()).isEqualTo(7);
        assertThat(target.segment().getString(0)).isEqualTo("hello");
        assertThat(connection.first().awaitCompletion().isSuccess()).isTrue();
    }
}
