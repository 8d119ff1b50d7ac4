package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.softverbs.dma.DmaAddressing;
import org.softverbs.verbs.AddressHandle;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.DatagramDestination;
import org.softverbs.verbs.DatagramSource;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.Mtu;
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

/// Queue pairs of type GSI of kernel code.
class GeneralServicesTest {

    private static final int QUEUE_KEY = 0x8001_0000;
    private static final int DATAGRAM = 256;
    private static final byte PERFORMANCE_MANAGEMENT = 4;
    private static final byte COMMUNICATION_MANAGEMENT = 7;

    private final InProcessPair pair =
            new InProcessPair(1 << 14, Mtu.MTU_1024, DmaAddressing.PHYSICAL);
    private final TestNode left = pair.left;
    private final TestNode right = pair.right;

    private static QueuePair generalServices(TestNode node) {
        QueuePair queuePair = node.newQueuePair(QueuePairType.GSI);
        queuePair.modify(
                QueuePairAttributes.builder()
                        .state(QueuePairState.INIT)
                        .partitionKeyIndex(0)
                        .queueKey(QUEUE_KEY)
                        .build());
        queuePair.modify(QueuePairAttributes.to(QueuePairState.RTR));
        queuePair.modify(QueuePairAttributes.toReadyToSendUnreliable(0));
        return queuePair;
    }

    private void send(QueuePair from, byte managementClass) {
        left.region.segment().asSlice(0, DATAGRAM).fill((byte) 1);
        left.region.segment().set(ValueLayout.JAVA_BYTE, 1, managementClass);
        GlobalIdentifier gid = right.context.gidTable(1).getFirst().gid();
        try (AddressHandle way = left.domain.createAddressHandle(new AddressVector(gid, 0))) {
            from.postSend(
                    new SendWorkRequest.SendDatagram(
                            1,
                            List.of(
                                    new Sge(
                                            left.region.address(),
                                            DATAGRAM,
                                            left.region.localKey())),
                            new DatagramDestination(way, ManagementPort.NUMBER, QUEUE_KEY),
                            Set.of(SendFlag.SIGNALED)));
            pair.settle();
        }
        assertThat(left.pollSends()).hasSize(1).allMatch(WorkCompletion::isSuccess);
    }

    private long count(String counter) {
        return Objects.requireNonNullElse(right.context.counters().get(counter), 0L);
    }

    @Test
    void shouldReceiveTheClassesThatTheConnectionManagerDoesNotTake() {
        QueuePair sender = generalServices(left);
        QueuePair receiver = generalServices(right);
        assertThat(receiver.number()).isEqualTo(1);
        for (int i = 0; i < 2; i++) {
            receiver.postReceive(
                    new ReceiveWorkRequest(
                            i, new Sge(right.region.address(), 512, right.region.localKey())));
        }
        send(sender, PERFORMANCE_MANAGEMENT);
        WorkCompletion received = right.pollReceives().getFirst();
        assertThat(received.isSuccess()).isTrue();
        assertThat(received.byteLength()).isEqualTo(DATAGRAM + 40);
        assertThat(received.source()).contains(new DatagramSource(1, true, 0, 0));
        assertThat(right.region.segment().get(ValueLayout.JAVA_BYTE, 41))
                .isEqualTo(PERFORMANCE_MANAGEMENT);
        assertThat(count("cm_received_messages")).isZero();
        send(sender, COMMUNICATION_MANAGEMENT);
        assertThat(right.pollReceives()).isEmpty();
        assertThat(count("cm_received_messages")).isEqualTo(1);
    }

    @Test
    void shouldLeaveOtherClassesToTheConnectionManagerWhenThereIsNone() {
        send(generalServices(left), PERFORMANCE_MANAGEMENT);
        assertThat(count("cm_dropped_header")).isEqualTo(1);
    }

    @Test
    void shouldBeOneOfADevice() {
        QueuePair first = generalServices(left);
        assertThatThrownBy(() -> left.newQueuePair(QueuePairType.GSI))
                .isInstanceOfSatisfying(
                        VerbsException.class, it -> assertThat(it.errno()).isEqualTo(Errno.EBUSY));
        first.close();
        assertThat(generalServices(left).number()).isEqualTo(1);
    }

    @Test
    void shouldBeKernelCodes() {
        TestNode user = new InProcessPair(4096, Mtu.MTU_1024).left;
        assertThatThrownBy(() -> user.newQueuePair(QueuePairType.GSI))
                .isInstanceOfSatisfying(
                        VerbsException.class, it -> assertThat(it.errno()).isEqualTo(Errno.EINVAL))
                .hasMessageContaining("domain of kernel code");
    }
}
