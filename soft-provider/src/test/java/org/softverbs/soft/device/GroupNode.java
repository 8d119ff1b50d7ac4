package org.softverbs.soft.device;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.softverbs.verbs.AddressHandle;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.DatagramDestination;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.WorkCompletion;

/// A node with datagram queue pairs that send to groups and receive from them.
final class GroupNode {

    static final int QUEUE_KEY = 0x1111_1111;

    private static final int RECEIVE = 128;

    final TestNode node;
    private int receives;

    GroupNode(TestNode node) {
        this.node = node;
    }

    GroupNode(DeviceContext context) {
        this(new TestNode(context, 1 << 16));
    }

    QueuePair newQueuePair() {
        return newQueuePair(QUEUE_KEY);
    }

    QueuePair newQueuePair(int queueKey) {
        QueuePair queuePair = node.newQueuePair(QueuePairType.UD);
        queuePair.modify(QueuePairAttributes.toInitDatagram(queueKey));
        queuePair.modify(QueuePairAttributes.to(QueuePairState.RTR));
        queuePair.modify(QueuePairAttributes.toReadyToSendUnreliable(0));
        return queuePair;
    }

    /// A queue pair in a group, with so many receives.
    QueuePair member(GlobalIdentifier group, int count) {
        QueuePair queuePair = newQueuePair();
        queuePair.attachMulticast(group);
        for (int i = 0; i < count; i++) {
            receive(queuePair);
        }
        return queuePair;
    }

    void receive(QueuePair queuePair) {
        long at = node.region.address() + (long) receives * RECEIVE;
        queuePair.postReceive(
                new ReceiveWorkRequest(receives++, new Sge(at, RECEIVE, node.region.localKey())));
    }

    AddressHandle way(GlobalIdentifier to) {
        return node.domain.createAddressHandle(new AddressVector(to, 0));
    }

    void send(QueuePair from, AddressHandle way, int number, int length) {
        from.postSend(
                new SendWorkRequest.SendDatagram(
                        1,
                        List.of(new Sge(node.region.address(), length, node.region.localKey())),
                        new DatagramDestination(way, number, QUEUE_KEY),
                        Set.of(SendFlag.SIGNALED)));
    }

    /// Sends to a group.
    void send(QueuePair from, GlobalIdentifier group, int length) {
        try (AddressHandle way = way(group)) {
            send(from, way, DatagramDestination.MULTICAST_QUEUE_PAIR, length);
        }
    }

    /// Which queue pairs received since the last time, in order.
    List<Integer> received() {
        return node.pollReceives().stream().map(WorkCompletion::queuePairNumber).toList();
    }

    SoftDevice device() {
        return (SoftDevice) node.context;
    }

    long count(String counter) {
        return Objects.requireNonNull(node.context.counters().get(counter));
    }
}
