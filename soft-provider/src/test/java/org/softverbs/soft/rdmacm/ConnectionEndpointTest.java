package org.softverbs.soft.rdmacm;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.softverbs.cm.AddressInfo;
import org.softverbs.cm.ConnectionEndpoint;
import org.softverbs.cm.ConnectionParameters;
import org.softverbs.cm.PortSpace;
import org.softverbs.cm.PrivateData;
import org.softverbs.junit.Fabric;
import org.softverbs.junit.FabricClock;
import org.softverbs.junit.FabricNodes;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.VerbsException;
import org.softverbs.verbs.WorkCompletion;

/// Endpoints, each used by a virtual thread that waits.
@Fabric(nodes = 2, clock = FabricClock.REAL)
@Timeout(60)
class ConnectionEndpointTest {

    private static final int PORT = 7471;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final BenchDevice.Wire wire = new BenchDevice.Wire();
    private BenchDevice clientDevice;
    private BenchDevice serverDevice;
    private SoftConnectionManager clientManager;
    private SoftConnectionManager serverManager;

    @BeforeEach
    void open(FabricNodes fabric) {
        clientDevice = wire.join(fabric.node(1));
        serverDevice = wire.join(fabric.node(2));
        clientManager = new SoftConnectionManager(List.of(clientDevice));
        serverManager = new SoftConnectionManager(List.of(serverDevice));
    }

    @AfterEach
    void closeAndExpectNothingLeft() {
        clientManager.close();
        serverManager.close();
        wire.advance(100_000_000_000L);
        assertThat(clientDevice.engine.retained()).isZero();
        assertThat(serverDevice.engine.retained()).isZero();
    }

    private String serverAddress() {
        return serverDevice.gid.toInetAddress().getHostAddress();
    }

    private static ConnectionParameters saying(String text) {
        return ConnectionParameters.with(PrivateData.of(text.getBytes(US_ASCII)));
    }

    private ConnectionEndpoint listening() throws InterruptedException {
        ConnectionEndpoint listener =
                ConnectionEndpoint.open(
                        serverManager, AddressInfo.passive(PortSpace.TCP, serverAddress(), PORT));
        listener.listen(4);
        return listener;
    }

    private ConnectionEndpoint resolved() throws InterruptedException {
        return ConnectionEndpoint.open(
                clientManager, AddressInfo.of(PortSpace.TCP, serverAddress(), PORT).getFirst());
    }

    /// Takes one request, one message, and answers it with the same bytes.
    private static String echoOnce(ConnectionEndpoint listener) {
        try (ConnectionEndpoint endpoint = listener.awaitRequest(PATIENCE).orElseThrow()) {
            endpoint.createQueuePair(Optional.empty(), QueuePairCapabilities.small());
            MemorySegment memory = Arena.ofAuto().allocate(16);
            try (MemoryRegion region = endpoint.registerMessages(memory)) {
                endpoint.postReceive(1, region.element());
                endpoint.accept(saying("welcome"));
                assertThat(endpoint.awaitReceive(PATIENCE)).isPresent();
                endpoint.postSend(2, region.element());
                assertThat(endpoint.awaitSend(PATIENCE)).isPresent();
                assertThat(endpoint.awaitDisconnect(PATIENCE)).isTrue();
                return memory.getString(0, US_ASCII);
            } finally {
                endpoint.id().disconnect();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void shouldExchangeMessagesOfThreadsThatWait() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                ConnectionEndpoint listener = listening()) {
            CompletableFuture<String> server =
                    CompletableFuture.supplyAsync(() -> echoOnce(listener), threads);
            try (ConnectionEndpoint client = resolved()) {
                client.createQueuePair(Optional.empty(), QueuePairCapabilities.small());
                MemorySegment memory = Arena.ofAuto().allocate(16);
                memory.setString(0, "ping", US_ASCII);
                try (MemoryRegion region = client.registerMessages(memory)) {
                    ConnectionParameters told = client.connect(saying("hello"));
                    assertThat(told.privateData().startsWith("welcome".getBytes(US_ASCII)))
                            .isTrue();
                    client.postReceive(1, region.element());
                    client.postSend(2, region.element());
                    assertThat(client.awaitSend(PATIENCE)).get().matches(WorkCompletion::isSuccess);
                    assertThat(client.awaitReceive(PATIENCE))
                            .get()
                            .matches(WorkCompletion::isSuccess);
                    client.disconnect();
                }
            }
            assertThat(server.get(30, TimeUnit.SECONDS)).isEqualTo("ping");
        }
    }

    @Test
    void shouldThrowWithTheReasonOfTheRefusal() throws InterruptedException {
        try (ConnectionEndpoint client = resolved()) {
            client.createQueuePair(Optional.empty(), QueuePairCapabilities.small());
            assertThatThrownBy(() -> client.connect(ConnectionParameters.DEFAULT))
                    .isInstanceOfSatisfying(
                            VerbsException.class,
                            it -> {
                                assertThat(it.errno()).isEqualTo(Errno.ECONNREFUSED);
                                assertThat(it.explain().hint()).contains("nobody listens");
                            });
        }
    }

    @Test
    void shouldGiveNothingWhenNobodyAsksInTime() throws InterruptedException {
        try (ConnectionEndpoint listener = listening()) {
            assertThat(listener.awaitRequest(Duration.ofMillis(1))).isEmpty();
        }
    }

    @Test
    void shouldLeaveNothingOfAQueuePairThatIsRefused() throws InterruptedException {
        try (ConnectionEndpoint client = resolved()) {
            QueuePairCapabilities tooMany = new QueuePairCapabilities(64, 64, 100_000, 1, 0);
            assertThatThrownBy(() -> client.createQueuePair(Optional.empty(), tooMany))
                    .isInstanceOf(VerbsException.class);
            assertThat(client.id().queuePair()).isEmpty();
            client.createQueuePair(Optional.empty(), QueuePairCapabilities.small());
        }
    }
}
