package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.softverbs.junit.Provokes;
import org.softverbs.verbs.AddressHandle;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.DatagramDestination;
import org.softverbs.verbs.DatagramSource;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.WorkCompletionStatus;

/// Datagrams and unreliable connections through whole devices.
class DatagramTest {

    private static final int QUEUE_KEY = 0x1111_1111;
    private static final Set<SendFlag> SIGNALED = Set.of(SendFlag.SIGNALED);

    private final InProcessPair pair = new InProcessPair(8192, Mtu.MTU_1024);
    private final TestNode left = pair.left;
    private final TestNode right = pair.right;

    private static QueuePair datagrams(TestNode node) {
        QueuePair queuePair = node.newQueuePair(QueuePairType.UD);
        queuePair.modify(QueuePairAttributes.toInitDatagram(QUEUE_KEY));
        queuePair.modify(QueuePairAttributes.to(QueuePairState.RTR));
        queuePair.modify(QueuePairAttributes.toReadyToSendUnreliable(0));
        return queuePair;
    }

    private static Sge part(TestNode node, long offset, int length) {
        return new Sge(node.region.address() + offset, length, node.region.localKey());
    }

    private static AddressHandle handle(TestNode from, TestNode to) {
        GlobalIdentifier gid = to.context.gidTable(1).getFirst().gid();
        return from.domain.createAddressHandle(new AddressVector(gid, 0));
    }

    private static SendWorkRequest datagram(TestNode from, int length, DatagramDestination to) {
        return new SendWorkRequest.SendDatagram(1, List.of(part(from, 0, length)), to, SIGNALED);
    }

    @Test
    void shouldDeliverADatagramAndAnswerItByItsCompletion() {
        QueuePair sender = datagrams(left);
        QueuePair receiver = datagrams(right);
        left.fill(3);
        receiver.postReceive(new ReceiveWorkRequest(7, part(right, 0, 4096)));
        sender.postReceive(new ReceiveWorkRequest(8, part(left, 4096, 100)));
        try (AddressHandle there = handle(left, right)) {
            sender.postSend(
                    datagram(
                            left,
                            500,
                            new DatagramDestination(there, receiver.number(), QUEUE_KEY)));
            pair.settle();
        }
        assertThat(left.pollSends()).allMatch(WorkCompletion::isSuccess).hasSize(1);
        WorkCompletion received = right.pollReceives().getFirst();
        assertThat(received.byteLength()).isEqualTo(540);
        assertThat(received.source()).contains(new DatagramSource(sender.number(), true, 0, 0));
        MemorySegment memory = right.region.segment();
        assertThat(memory.asSlice(40, 500).mismatch(left.region.segment().asSlice(0, 500)))
                .isEqualTo(-1);
        try (AddressHandle back = right.domain.createAddressHandle(received, memory, 1)) {
            assertThat(back.addressVector().destinationGid())
                    .isEqualTo(left.context.gidTable(1).getFirst().gid());
            receiver.postSend(
                    new SendWorkRequest.SendDatagramWithImmediate(
                            2,
                            List.of(),
                            new DatagramDestination(back, sender.number(), QUEUE_KEY),
                            77,
                            SIGNALED));
            pair.settle();
        }
        WorkCompletion answer = left.pollReceives().getFirst();
        assertThat(answer.byteLength()).isEqualTo(40);
        assertThat(answer.immediate()).hasValue(77);
    }

    @Test
    void shouldGiveTheBufferBackWithTheCompletionThoughThePacketIsStillUnderWay() {
        QueuePair sender = datagrams(left);
        QueuePair receiver = datagrams(right);
        receiver.postReceive(new ReceiveWorkRequest(7, part(right, 0, 4096)));
        left.region.segment().fill((byte) 0x55);
        sender.postSend(
                datagram(
                        left,
                        64,
                        new DatagramDestination(
                                handle(left, right), receiver.number(), QUEUE_KEY)));
        assertThat(left.pollSends()).hasSize(1);
        left.region.segment().fill((byte) 0x66);
        pair.settle();
        assertThat(right.pollReceives()).hasSize(1);
        assertThat(right.region.segment().get(ValueLayout.JAVA_BYTE, 40)).isEqualTo((byte) 0x55);
        assertThat(right.region.segment().get(ValueLayout.JAVA_BYTE, 103)).isEqualTo((byte) 0x55);
    }

    @Test
    void shouldRefuseADatagramWithoutDestinationAndADestinationWithoutDatagram() {
        QueuePair sender = datagrams(left);
        assertThatThrownBy(() -> sender.postSend(new SendWorkRequest.Send(1, List.of(), SIGNALED)))
                .isInstanceOf(VerbsException.class)
                .hasMessageContaining("a datagram needs a destination");
        DatagramDestination there = new DatagramDestination(handle(left, right), 5, QUEUE_KEY);
        assertThatThrownBy(() -> left.queuePair.postSend(datagram(left, 4, there)))
                .isInstanceOf(VerbsException.class)
                .hasMessageContaining("of type RC takes no destination");
        assertThatThrownBy(
                        () ->
                                sender.postSend(
                                        datagram(
                                                left,
                                                4,
                                                new DatagramDestination(
                                                        there.handle(), 1 << 24, 0))))
                .hasMessageContaining("has more than 24 bits");
    }

    @Test
    void shouldFailAHandleOfAnotherDomainAndRefuseOneOfAnotherContextOrClosed() {
        QueuePair sender = datagrams(left);
        ProtectionDomain other = left.context.allocateProtectionDomain();
        GlobalIdentifier gid = right.context.gidTable(1).getFirst().gid();
        AddressHandle foreign = other.createAddressHandle(new AddressVector(gid, 0));
        sender.postSend(datagram(left, 4, new DatagramDestination(foreign, 5, QUEUE_KEY)));
        assertThat(left.pollSends().getFirst().status())
                .isEqualTo(WorkCompletionStatus.LOC_QP_OP_ERR);
        assertThat(sender.state()).isEqualTo(QueuePairState.SQE);
        AddressHandle abroad = handle(right, left);
        assertThatThrownBy(
                        () ->
                                sender.postSend(
                                        datagram(
                                                left,
                                                4,
                                                new DatagramDestination(abroad, 5, QUEUE_KEY))))
                .hasMessageContaining("another context");
        foreign.close();
        foreign.close();
        assertThatThrownBy(
                        () ->
                                sender.postSend(
                                        datagram(
                                                left,
                                                4,
                                                new DatagramDestination(foreign, 5, QUEUE_KEY))))
                .isInstanceOf(IllegalStateException.class);
        other.close();
    }

    @Test
    void shouldGoOnAfterTheSendQueueWasStopped() {
        QueuePair sender = datagrams(left);
        QueuePair receiver = datagrams(right);
        receiver.postReceive(new ReceiveWorkRequest(7, part(right, 0, 4096)));
        sender.postSend(new SendWorkRequest.RdmaRead(1, List.of(), 0, 0, SIGNALED));
        assertThat(left.pollSends().getFirst().status())
                .isEqualTo(WorkCompletionStatus.LOC_QP_OP_ERR);
        assertThat(sender.state()).isEqualTo(QueuePairState.SQE);
        assertThat(sender.firstError()).isPresent();
        sender.modify(QueuePairAttributes.to(QueuePairState.RTS));
        assertThat(sender.firstError()).isEmpty();
        sender.postSend(
                datagram(
                        left,
                        4,
                        new DatagramDestination(
                                handle(left, right), receiver.number(), QUEUE_KEY)));
        pair.settle();
        assertThat(left.pollSends()).allMatch(WorkCompletion::isSuccess).hasSize(1);
        assertThat(right.pollReceives()).hasSize(1);
    }

    @Test
    void shouldKeepTheDomainOpenWhileAHandleIs() {
        ProtectionDomain domain = left.context.allocateProtectionDomain();
        GlobalIdentifier gid = right.context.gidTable(1).getFirst().gid();
        AddressHandle handle = domain.createAddressHandle(new AddressVector(gid, 0));
        assertThatThrownBy(domain::close).hasMessageContaining("address handle");
        handle.close();
        domain.close();
    }

    @Test
    void shouldRefuseBytesThatAreNoIpHeader() {
        WorkCompletion completion = datagramCompletion();
        MemorySegment bytes = MemorySegment.ofArray(new byte[40]);
        assertThatThrownBy(() -> right.domain.createAddressHandle(completion, bytes, 1))
                .hasMessageContaining("neither an IPv4 nor an IPv6 header");
        MemorySegment few = MemorySegment.ofArray(new byte[39]);
        assertThatThrownBy(() -> right.domain.createAddressHandle(completion, few, 1))
                .hasMessageContaining("39 bytes is shorter than 40");
    }

    private WorkCompletion datagramCompletion() {
        QueuePair sender = datagrams(left);
        QueuePair receiver = datagrams(right);
        receiver.postReceive(new ReceiveWorkRequest(7, part(right, 0, 4096)));
        sender.postSend(
                datagram(
                        left,
                        4,
                        new DatagramDestination(
                                handle(left, right), receiver.number(), QUEUE_KEY)));
        pair.settle();
        return right.pollReceives().getFirst();
    }

    @Test
    void shouldCarryMessagesOverAnUnreliableConnection() {
        QueuePair sender = left.newQueuePair(QueuePairType.UC);
        QueuePair receiver = right.newQueuePair(QueuePairType.UC);
        TestNode.connectUnreliable(left, sender, right, receiver, Mtu.MTU_1024);
        left.fill(5);
        receiver.postReceive(new ReceiveWorkRequest(7, part(right, 0, 4096)));
        sender.postSend(
                List.of(
                        new SendWorkRequest.Send(1, List.of(part(left, 0, 3000)), SIGNALED),
                        new SendWorkRequest.RdmaWrite(
                                2,
                                List.of(part(left, 0, 2500)),
                                right.region.address() + 4096,
                                right.region.remoteKey(),
                                SIGNALED)));
        pair.settle();
        assertThat(left.pollSends()).allMatch(WorkCompletion::isSuccess).hasSize(2);
        assertThat(right.pollReceives().getFirst().byteLength()).isEqualTo(3000);
        MemorySegment sent = left.region.segment();
        MemorySegment there = right.region.segment();
        assertThat(there.asSlice(0, 3000).mismatch(sent.asSlice(0, 3000))).isEqualTo(-1);
        assertThat(there.asSlice(4096, 2500).mismatch(sent.asSlice(0, 2500))).isEqualTo(-1);
    }

    @Test
    @Provokes(stuck = true, because = "nobody answers")
    void shouldEndAReliableConnectionToAQueuePairForDatagrams() {
        QueuePair sender = left.newQueuePair();
        QueuePair receiver = datagrams(right);
        receiver.postReceive(new ReceiveWorkRequest(7, part(right, 0, 4096)));
        sender.modify(QueuePairAttributes.toInit(TestNode.ALL_ACCESS));
        sender.modify(
                QueuePairAttributes.toReadyToReceive(
                        new AddressVector(right.context.gidTable(1).getFirst().gid(), 0),
                        receiver.number(),
                        0,
                        Mtu.MTU_1024));
        sender.modify(QueuePairAttributes.toReadyToSend(0));
        sender.postSend(new SendWorkRequest.Send(1, List.of(part(left, 0, 4)), SIGNALED));
        for (int i = 0; i < 9; i++) {
            pair.advance(Duration.ofSeconds(1));
        }
        assertThat(left.pollSends().getFirst().status())
                .isEqualTo(WorkCompletionStatus.RETRY_EXC_ERR);
        assertThat(right.pollReceives()).isEmpty();
    }
}
