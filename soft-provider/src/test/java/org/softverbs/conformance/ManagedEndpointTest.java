package org.softverbs.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.softverbs.cm.AddressInfo;
import org.softverbs.cm.ConnectionEndpoint;
import org.softverbs.cm.ConnectionManager;
import org.softverbs.cm.ConnectionParameters;
import org.softverbs.cm.PortSpace;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.WorkCompletion;

/// Row PYV-RDMACM of IDs without an event channel: their verbs wait, each in a thread of its own.
@Conformance
@RealClock
class ManagedEndpointTest {

    private static final int PORT = 7471;
    private static final int SIZE = 100;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static String addressOf(Node node) {
        InetAddress own = node.context().gidTable(1).getFirst().gid().toInetAddress();
        return own.getHostAddress();
    }

    /// Takes a request and a message; ends when its peer does.
    private static Optional<WorkCompletion> serve(
            ConnectionEndpoint listener, Node node, Buffer to) {
        try (ConnectionEndpoint end = listener.awaitRequest(PATIENCE).orElseThrow()) {
            end.createQueuePair(Optional.of(node.domain()), QueuePairCapabilities.small());
            end.postReceive(1, to.all());
            end.accept(ConnectionParameters.DEFAULT);
            Optional<WorkCompletion> received = end.awaitReceive(PATIENCE);
            assertThat(end.awaitDisconnect(PATIENCE)).isTrue();
            end.disconnect();
            return received;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    @Tag("PYV-RDMACM-001")
    void shouldConnectWithoutAnEventChannel(Rig rig)
            throws InterruptedException, ExecutionException {
        Buffer own = rig.left().buffer(SIZE).fill(7);
        Buffer to = rig.right().buffer(SIZE);
        ConnectionManager here = rig.left().keep(ConnectionManager.open(rig.left().context()));
        ConnectionManager there = rig.right().keep(ConnectionManager.open(rig.right().context()));
        String address = addressOf(rig.right());
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                ConnectionEndpoint listener =
                        ConnectionEndpoint.open(
                                there, AddressInfo.passive(PortSpace.TCP, address, PORT))) {
            listener.listen(1);
            CompletableFuture<Optional<WorkCompletion>> received =
                    CompletableFuture.supplyAsync(() -> serve(listener, rig.right(), to), threads);
            try (ConnectionEndpoint client =
                    ConnectionEndpoint.open(
                            here, AddressInfo.of(PortSpace.TCP, address, PORT).getFirst())) {
                client.createQueuePair(
                        Optional.of(rig.left().domain()), QueuePairCapabilities.small());
                client.connect(ConnectionParameters.DEFAULT);
                client.postSend(1, own.all());
                assertThat(client.awaitSend(PATIENCE)).get().matches(WorkCompletion::isSuccess);
                client.disconnect();
            }
            assertThat(received.get()).get().matches(WorkCompletion::isSuccess);
        }
        assertThat(to.equalsBytes(own)).isTrue();
    }
}
