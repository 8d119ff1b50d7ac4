package org.softverbs.soft.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.softverbs.junit.Fabric;
import org.softverbs.junit.FabricNodes;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.SendWorkRequest.ToSharedReceiveQueue;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.SharedReceiveQueue;
import org.softverbs.verbs.SharedReceiveQueueOptions;
import org.softverbs.verbs.WorkCompletion;
import org.softverbs.verbs.XrcDomain;

/// Extended reliable connections over a network that loses, doubles and delays packets.
class XrcLossTest {

    private static final int MESSAGES = 60;
    private static final int BUFFER = 8192;

    private static AddressVector way(TestNode to) {
        return new AddressVector(to.context.gidTable(1).getFirst().gid(), 0);
    }

    private static Sge part(TestNode node, long offset, int length) {
        return new Sge(node.region.address() + offset, length, node.region.localKey());
    }

    @Test
    @Fabric(rates = {"LOSS=0.1", "DUPLICATE=0.1", "REORDER=0.05"})
    void shouldDeliverEveryMessageOnceToItsQueueInOrder(FabricNodes fabric) {
        TestNode left = new TestNode(fabric.node(1), 4L * BUFFER);
        TestNode right = new TestNode(fabric.node(2), 4L * BUFFER);
        XrcDomain domain = right.context.openXrcDomain("");
        CompletionQueue completions = right.context.createCompletionQueue(2 * MESSAGES);
        SharedReceiveQueueOptions options = new SharedReceiveQueueOptions(MESSAGES, 1, 0);
        List<SharedReceiveQueue> queues = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            queues.add(right.domain.createXrcSharedReceiveQueue(options, domain, completions));
        }
        QueuePair target =
                right.domain.createQueuePair(QueuePairOptions.xrcTarget(domain, completions));
        QueuePair initiator = left.newQueuePair(QueuePairType.XRC_SEND);
        initiator.modify(QueuePairAttributes.toInit(Set.of()));
        target.modify(QueuePairAttributes.toInit(TestNode.ALL_ACCESS));
        target.modify(
                QueuePairAttributes.toReadyToReceive(
                        way(left), initiator.number(), 7, Mtu.MTU_1024));
        initiator.modify(
                QueuePairAttributes.toReadyToReceiveUnreliable(
                        way(right), target.number(), 8, Mtu.MTU_1024));
        initiator.modify(QueuePairAttributes.toReadyToSend(7));
        for (int i = 0; i < MESSAGES / 2; i++) {
            queues.get(0).postReceive(new ReceiveWorkRequest(2L * i, part(right, 0, BUFFER)));
            queues.get(1).postReceive(new ReceiveWorkRequest(2L * i + 1, part(right, 0, BUFFER)));
        }
        for (int i = 0; i < MESSAGES; i++) {
            initiator.postSend(
                    new ToSharedReceiveQueue(
                            new SendWorkRequest.Send(
                                    i, List.of(part(left, 0, 100 * i)), Set.of(SendFlag.SIGNALED)),
                            queues.get(i % 2).number()));
        }
        List<WorkCompletion> received = new ArrayList<>();
        fabric.await(
                () -> {
                    received.addAll(completions.poll(MESSAGES));
                    return received.size() == MESSAGES;
                });
        for (int i = 0; i < MESSAGES; i++) {
            assertThat(received.get(i).isSuccess()).isTrue();
            assertThat(received.get(i).workRequestId()).isEqualTo(i);
            assertThat(received.get(i).byteLength()).isEqualTo(100L * i);
        }
        initiator.close();
        target.close();
        queues.forEach(SharedReceiveQueue::close);
        domain.close();
        completions.close();
        for (TestNode node : List.of(left, right)) {
            node.queuePair.close();
            node.region.close();
            node.sends.close();
            node.receives.close();
            node.domain.close();
        }
    }
}
