package org.softverbs.conformance;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.conformance.Requests.SIGNALED;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.softverbs.cm.AddressInfo;
import org.softverbs.cm.CmEvent;
import org.softverbs.cm.CmEventType;
import org.softverbs.cm.ConnectionId;
import org.softverbs.cm.ConnectionManager;
import org.softverbs.cm.ConnectionOptions;
import org.softverbs.cm.ConnectionParameters;
import org.softverbs.cm.EventChannel;
import org.softverbs.cm.PortSpace;
import org.softverbs.cm.PrivateData;
import org.softverbs.cm.RejectReason;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.Sge;
import org.softverbs.verbs.WorkCompletion;

/// Rows PYV-RDMACM of IDs with an event channel.
@Conformance
class ManagedConnectionTest {

    private static final int PORT = 7471;
    private static final int SIZE = 100;
    private static final int ACK_TIMEOUT = 12;
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private Side active;
    private Side passive;

    /// A machine with a manager and a channel.
    private static final class Side {
        final Rig rig;
        final Node node;
        final ConnectionManager manager;
        final EventChannel channel;
        final CompletionQueue completions;

        Side(Rig rig, Node node) {
            this.rig = rig;
            this.node = node;
            manager = node.keep(ConnectionManager.open(node.context()));
            channel = node.keep(manager.createEventChannel());
            completions = node.queue(16);
        }

        ConnectionId id() {
            return manager.createId(channel, PortSpace.TCP);
        }

        InetSocketAddress address() {
            InetAddress own = node.context().gidTable(1).getFirst().gid().toInetAddress();
            return new InetSocketAddress(own, PORT);
        }

        QueuePair queuePair(ConnectionId id) {
            return id.createQueuePair(
                    node.domain(),
                    QueuePairOptions.reliableConnection(
                            completions, QueuePairCapabilities.small()));
        }

        /// The next event, which must be of a type. It is not acknowledged.
        CmEvent next(CmEventType type) {
            rig.rest();
            try {
                CmEvent event = channel.await(Duration.ZERO).orElseThrow();
                assertThat(event.type()).isEqualTo(type);
                return event;
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        void expect(CmEventType type) {
            next(type).acknowledge();
        }

        WorkCompletion completed() {
            rig.rest();
            List<WorkCompletion> done = completions.poll(16);
            assertThat(done).hasSize(1).allMatch(WorkCompletion::isSuccess);
            return done.getFirst();
        }
    }

    @BeforeEach
    void open(Rig rig) {
        active = new Side(rig, rig.left());
        passive = new Side(rig, rig.right());
    }

    @AfterEach
    void expectNoEventLeft(Rig rig) throws InterruptedException {
        rig.rest();
        for (Side side : List.of(active, passive)) {
            assertThat(side.channel.await(Duration.ZERO)).isEmpty();
        }
    }

    private static ConnectionParameters saying(String text) {
        return ConnectionParameters.with(PrivateData.of(text.getBytes(US_ASCII)));
    }

    private static boolean says(CmEvent event, String text) {
        return event.privateData().startsWith(text.getBytes(US_ASCII));
    }

    private void resolve(ConnectionId id, InetSocketAddress to) {
        id.resolveAddress(to, TIMEOUT);
        active.expect(CmEventType.ADDR_RESOLVED);
        id.resolveRoute(TIMEOUT);
        active.expect(CmEventType.ROUTE_RESOLVED);
    }

    private void send(Side from, QueuePair sender, Side to, QueuePair receiver, int seed) {
        Buffer own = from.node.buffer(SIZE).fill(seed);
        Buffer other = to.node.buffer(SIZE);
        Sge all = other.all();
        receiver.postReceive(new ReceiveWorkRequest(1, all));
        sender.postSend(SIGNALED.send(1, own.all()));
        from.completed();
        to.completed();
        assertThat(other.equalsBytes(own)).isTrue();
    }

    @Test
    @Tag("PYV-RDMACM-002")
    void shouldConnectByEventsInTheirOrder() {
        ConnectionId listener = passive.id();
        listener.bind(passive.address());
        listener.listen(1);
        ConnectionId client = active.id();
        client.options(ConnectionOptions.builder().ackTimeout(ACK_TIMEOUT).build());
        resolve(client, passive.address());
        QueuePair ours = active.queuePair(client);
        client.connect(saying("hello"));
        CmEvent request = passive.next(CmEventType.CONNECT_REQUEST);
        assertThat(says(request, "hello")).isTrue();
        ConnectionId server = request.id();
        request.acknowledge();
        QueuePair theirs = passive.queuePair(server);
        server.accept(saying("welcome"));
        CmEvent answer = active.next(CmEventType.ESTABLISHED);
        assertThat(says(answer, "welcome")).isTrue();
        answer.acknowledge();
        passive.expect(CmEventType.ESTABLISHED);
        QueuePairAttributes attributes = ours.query();
        assertThat(attributes.timeout()).isEqualTo(ACK_TIMEOUT);
        send(active, ours, passive, theirs, 3);
        send(passive, theirs, active, ours, 4);
        client.disconnect();
        passive.expect(CmEventType.DISCONNECTED);
        server.disconnect();
        active.expect(CmEventType.DISCONNECTED);
        List.of(client, server, listener).forEach(ConnectionId::close);
    }

    @Test
    @Tag("PYV-RDMACM-003")
    void shouldTellOfARefusal() {
        ConnectionId listener = passive.id();
        listener.bind(passive.address());
        listener.listen(1);
        ConnectionId client = active.id();
        resolve(client, passive.address());
        active.queuePair(client);
        client.connect(ConnectionParameters.DEFAULT);
        CmEvent request = passive.next(CmEventType.CONNECT_REQUEST);
        ConnectionId server = request.id();
        request.acknowledge();
        server.reject(
                RejectReason.CONSUMER_DEFINED, PrivateData.of("not today".getBytes(US_ASCII)));
        CmEvent refusal = active.next(CmEventType.REJECTED);
        assertThat(refusal.rejectReason()).contains(RejectReason.CONSUMER_DEFINED);
        assertThat(says(refusal, "not today")).isTrue();
        refusal.acknowledge();
        List.of(client, server, listener).forEach(ConnectionId::close);
    }

    @Test
    @Tag("PYV-RDMACM-011")
    void shouldResolveTheAddressesOfAName() {
        ConnectionId client = active.id();
        assertThat(client.addressInfo()).isEmpty();
        InetSocketAddress to = passive.address();
        client.resolveAddressInfo(to.getAddress().getHostAddress(), PORT);
        active.expect(CmEventType.ADDRINFO_RESOLVED);
        List<AddressInfo> found = client.addressInfo();
        assertThat(found).hasSize(1);
        assertThat(found.getFirst().portSpace()).isEqualTo(PortSpace.TCP);
        assertThat(found.getFirst().destination()).contains(to);
        resolve(client, found.getFirst().destination().orElseThrow());
        client.resolveAddressInfo("no name has a space in it", PORT);
        CmEvent unknown = active.next(CmEventType.ADDRINFO_ERROR);
        assertThat(unknown.status()).isNegative();
        assertThat(unknown.explanation().orElseThrow().line()).contains("has no address");
        unknown.acknowledge();
        assertThat(client.addressInfo()).isEmpty();
        client.close();
    }
}
