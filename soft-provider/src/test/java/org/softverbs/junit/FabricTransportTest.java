package org.softverbs.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.SendWorkRequest.ToSharedReceiveQueue;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// What [Fabric#transport] and [Fabric#profile] do, with either clock.
@Fabric
class FabricTransportTest {

    private static final Set<SendFlag> SIGNALED = EnumSet.of(SendFlag.SIGNALED);

    private static SendWorkRequest send(FabricEnd from) {
        MemoryRegion source = from.register(64);
        source.segment().fill((byte) 0x55);
        return new SendWorkRequest.Send(1, List.of(source.element()), SIGNALED);
    }

    private static MemoryRegion receive(FabricEnd at) {
        MemoryRegion target = at.register(256);
        at.queuePair().postReceive(new ReceiveWorkRequest(7, target.element()));
        return target;
    }

    private static void assertReceived(FabricEnd at, MemoryRegion target, long offset) {
        WorkCompletion received = at.awaitCompletion();
        assertThat(received.status()).isEqualTo(WorkCompletionStatus.SUCCESS);
        assertThat(received.workRequestId()).isEqualTo(7);
        assertThat(target.segment().asSlice(offset, 64).toArray(ValueLayout.JAVA_BYTE))
                .containsOnly(0x55);
    }

    @Test
    void shouldConnectReliablyByItself(FabricNodes fabric) {
        FabricEnd end = fabric.connect(1, 2).first();
        assertThat(end.queuePair().type()).isEqualTo(QueuePairType.RC);
        assertThatThrownBy(end::destination)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the fabric needs @Fabric(transport = UD)");
        assertThatThrownBy(end::sharedReceiveQueue)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the fabric needs @Fabric(transport = XRC)");
    }

    private static void sendUnreliably(FabricConnection connection) {
        assertThat(connection.first().queuePair().type()).isEqualTo(QueuePairType.UC);
        MemoryRegion target = receive(connection.second());
        connection.first().queuePair().postSend(send(connection.first()));
        assertReceived(connection.second(), target, 0);
        assertThat(connection.first().awaitCompletion().isSuccess()).isTrue();
    }

    @Test
    @Fabric(transport = FabricTransport.UC)
    void shouldConnectUnreliably(FabricNodes fabric) {
        sendUnreliably(fabric.connect(1, 2));
        sendUnreliably(fabric.connect(2, 1, QueuePairAttributes.toReadyToSendUnreliable(77)));
    }

    @Test
    @Fabric(transport = FabricTransport.UC, clock = FabricClock.REAL)
    void shouldConnectUnreliablyByTheRealClock(FabricNodes fabric) {
        sendUnreliably(fabric.connect(1, 2));
    }

    private static void sendDatagram(FabricEnd from, FabricEnd to) {
        MemoryRegion target = receive(to);
        MemoryRegion source = from.register(64);
        source.segment().fill((byte) 0x55);
        from.queuePair()
                .postSend(
                        new SendWorkRequest.SendDatagram(
                                1, List.of(source.element()), from.destination(), SIGNALED));
        assertReceived(to, target, 40);
        assertThat(from.awaitCompletion().isSuccess()).isTrue();
    }

    @Test
    @Fabric(transport = FabricTransport.UD)
    void shouldKnowWhereDatagramsForTheOtherEndGo(FabricNodes fabric) {
        FabricConnection connection = fabric.connect(1, 2);
        sendDatagram(connection.first(), connection.second());
        sendDatagram(connection.second(), connection.first());
    }

    @Test
    @Fabric(transport = FabricTransport.UD, clock = FabricClock.REAL)
    void shouldSendDatagramsByTheRealClock(FabricNodes fabric) {
        FabricConnection connection = fabric.connect(1, 2);
        sendDatagram(connection.first(), connection.second());
    }

    private static void sendToQueue(FabricEnd from, FabricEnd to) {
        MemoryRegion target = to.register(256);
        to.sharedReceiveQueue().postReceive(new ReceiveWorkRequest(7, target.element()));
        from.queuePair()
                .postSend(new ToSharedReceiveQueue(send(from), to.sharedReceiveQueue().number()));
        assertReceived(to, target, 0);
        assertThat(from.awaitCompletion().isSuccess()).isTrue();
    }

    @Test
    @Fabric(transport = FabricTransport.XRC, rates = "LOSS=0.1")
    void shouldReachSharedReceiveQueuesInBothDirections(FabricNodes fabric) {
        FabricConnection connection = fabric.connect(1, 2);
        for (int i = 0; i < 10; i++) {
            sendToQueue(connection.first(), connection.second());
            sendToQueue(connection.second(), connection.first());
        }
    }

    @Test
    @Fabric(transport = FabricTransport.XRC, clock = FabricClock.REAL)
    void shouldReachThemByTheRealClock(FabricNodes fabric) {
        FabricConnection connection = fabric.connect(1, 2);
        sendToQueue(connection.first(), connection.second());
    }

    @Test
    @Fabric(transport = FabricTransport.XRC)
    void shouldCloseWhatTheTestDidNot(FabricNodes fabric) {
        FabricEnd end = fabric.connect(1, 2).first();
        end.queuePair().close();
        assertThat(end.queuePair().state()).isEqualTo(QueuePairState.RESET);
    }

    @Test
    @Fabric(profile = "irdma")
    void shouldOpenDevicesOfAProfile(FabricNodes fabric) {
        assertThat(fabric.node(2).queryExtendedDevice().profile()).isEqualTo("irdma");
        FabricConnection connection = fabric.connect(1, 2);
        assertThat(FabricTest.write(connection, 64 * 1024).isSuccess()).isTrue();
        MemoryRegion source = connection.first().register(64);
        connection
                .first()
                .queuePair()
                .postSend(
                        new SendWorkRequest.RdmaWrite(
                                2, List.of(source.element()), 0, 0x1234, SIGNALED));
        assertThat(connection.first().awaitCompletion().status())
                .isEqualTo(WorkCompletionStatus.RETRY_EXC_ERR);
    }

    @Test
    @Fabric(profile = "mlx5,IPV6_ABSENT", clock = FabricClock.REAL)
    void shouldOpenThemByTheRealClockToo(FabricNodes fabric) {
        assertThat(fabric.node(1).queryExtendedDevice().profile()).isEqualTo("mlx5,IPV6_ABSENT");
        assertThat(FabricTest.write(fabric.connect(1, 2), 64).isSuccess()).isTrue();
    }

    /// Nothing of the end that could not be made is left open, or the extension says so.
    @Test
    @Fabric(profile = "DATAGRAMS_ABSENT", transport = FabricTransport.UD)
    void shouldLeaveNothingOpenWhenTheProfileRefusesTheQueuePair(FabricNodes fabric) {
        assertThatThrownBy(() -> fabric.connect(1, 2))
                .isInstanceOfSatisfying(
                        VerbsException.class,
                        refused -> assertThat(refused.errno()).isEqualTo(Errno.EOPNOTSUPP));
    }

    @Test
    @Fabric(profile = "mlx4", privileged = true)
    void shouldOpenDevicesOfKernelCodeOfAProfile(FabricNodes fabric) {
        assertThat(fabric.privilegedNode(1).queryExtendedDevice().profile()).isEqualTo("mlx4");
        assertThat(FabricTest.write(fabric.connect(1, 2), 64).isSuccess()).isTrue();
    }
}
