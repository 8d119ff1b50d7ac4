package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.softverbs.cm.CmEvent;
import org.softverbs.cm.CmEventType;
import org.softverbs.cm.ConnectionId;
import org.softverbs.cm.ConnectionManager;
import org.softverbs.cm.DatagramPeer;
import org.softverbs.cm.EventChannel;
import org.softverbs.cm.PortSpace;
import org.softverbs.verbs.AddressHandle;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.DatagramDestination;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.WorkCompletion;

/// Rows with multicast groups that the connection manager joins.
@Conformance
class MulticastTest {

    private static final int SIZE = 200;

    /// A member: an ID with a datagram queue pair.
    private static final class Member implements AutoCloseable {
        final ConnectionManager manager;
        final EventChannel channel;
        final ConnectionId id;
        final CompletionQueue completions;
        final QueuePair queuePair;
        final Buffer buffer;

        Member(Node node) {
            manager = ConnectionManager.open(node.context());
            channel = manager.createEventChannel();
            id = manager.createId(channel, PortSpace.UDP);
            id.bind(
                    new InetSocketAddress(
                            node.context().gidTable(1).getFirst().gid().toInetAddress(), 0));
            completions = node.queue(64);
            queuePair =
                    id.createQueuePair(
                            node.domain(),
                            new QueuePairOptions(
                                    QueuePairType.UD,
                                    completions,
                                    completions,
                                    QueuePairCapabilities.small(),
                                    false));
            buffer = node.buffer(SIZE + Datagrams.HEADER);
        }

        DatagramPeer join(Rig rig, InetAddress group) throws InterruptedException {
            id.joinMulticast(group);
            rig.rest();
            Optional<CmEvent> event = channel.await(Duration.ZERO);
            try (CmEvent told = event.orElseThrow()) {
                assertThat(told.type()).isEqualTo(CmEventType.MULTICAST_JOIN);
                return told.datagramPeer().orElseThrow();
            }
        }

        @Override
        public void close() {
            id.close();
            channel.close();
            manager.close();
        }
    }

    private static InetAddress group() {
        try {
            return InetAddress.getByName("239.1.2.3");
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    @Tag("PYV-RDMACM-005")
    void shouldCarryTrafficInAGroup(Rig rig) throws InterruptedException {
        try (Member sender = new Member(rig.left());
                Member receiver = new Member(rig.right())) {
            DatagramPeer there = sender.join(rig, group());
            receiver.join(rig, group());
            AddressHandle handle =
                    rig.left().keep(rig.left().domain().createAddressHandle(there.addressVector()));
            for (int i = 0; i < 10; i++) {
                sender.buffer.fill(i);
                receiver.queuePair.postReceive(new ReceiveWorkRequest(i, receiver.buffer.all()));
                sender.queuePair.postSend(
                        new SendWorkRequest.SendDatagram(
                                i,
                                List.of(sender.buffer.part(0, SIZE)),
                                new DatagramDestination(
                                        handle, there.queuePairNumber(), there.queueKey()),
                                Set.of(SendFlag.SIGNALED)));
                rig.rest();
                assertThat(sender.completions.poll(4))
                        .hasSize(1)
                        .allMatch(WorkCompletion::isSuccess);
                WorkCompletion received = receiver.completions.poll(4).getFirst();
                assertThat(received.isSuccess()).isTrue();
                assertThat(received.byteLength()).isEqualTo(SIZE + Datagrams.HEADER);
                assertThat(
                                receiver.buffer
                                        .bytes()
                                        .asSlice(Datagrams.HEADER, SIZE)
                                        .mismatch(sender.buffer.bytes().asSlice(0, SIZE)))
                        .isEqualTo(-1);
            }
            sender.id.leaveMulticast(group());
            receiver.id.leaveMulticast(group());
        }
    }
}
