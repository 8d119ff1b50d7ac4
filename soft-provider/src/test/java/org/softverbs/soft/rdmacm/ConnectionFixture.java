package org.softverbs.soft.rdmacm;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.softverbs.cm.CmEvent;
import org.softverbs.cm.CmEventType;
import org.softverbs.cm.ConnectionId;
import org.softverbs.cm.ConnectionParameters;
import org.softverbs.cm.EventChannel;
import org.softverbs.cm.PortSpace;
import org.softverbs.cm.PrivateData;
import org.softverbs.junit.Fabric;
import org.softverbs.junit.FabricNodes;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;

/// A client and a server with real queue pairs; in the end nothing may be left.
@Fabric(nodes = 2)
abstract class ConnectionFixture {

    static final int PORT = 7471;

    static final Duration NONE = Duration.ZERO;

    static final long SECOND = 1_000_000_000L;

    final BenchDevice.Wire wire = new BenchDevice.Wire();

    Side client;

    Side server;

    /// A device with its manager, a channel, and what queue pairs need.
    final class Side {
        final BenchDevice device;
        final SoftConnectionManager manager;
        final EventChannel channel;
        final ProtectionDomain domain;
        final CompletionQueue completions;
        final List<ConnectionId> ids = new ArrayList<>();
        final List<AutoCloseable> others = new ArrayList<>();

        Side(FabricNodes fabric, int node) {
            device = wire.join(fabric.node(node));
            manager = new SoftConnectionManager(List.of(device));
            channel = manager.createEventChannel();
            domain = device.context().allocateProtectionDomain();
            completions = device.context().createCompletionQueue(64);
        }

        ConnectionId newId(PortSpace space) {
            ConnectionId id = manager.createId(channel, space);
            ids.add(id);
            return id;
        }

        QueuePairOptions options() {
            return QueuePairOptions.reliableConnection(completions, QueuePairCapabilities.small());
        }

        InetSocketAddress address(int port) {
            return new InetSocketAddress(device.gid.toInetAddress(), port);
        }

        ConnectionId listen(PortSpace space) {
            ConnectionId id = newId(space);
            id.bind(address(PORT));
            id.listen(8);
            return id;
        }

        CmEvent next(CmEventType type) {
            try {
                CmEvent event = channel.await(NONE).orElseThrow();
                event.acknowledge();
                assertThat(event.type()).as("%s", event).isEqualTo(type);
                return event;
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        ConnectionId nextRequest() {
            ConnectionId id = next(CmEventType.CONNECT_REQUEST).id();
            ids.add(id);
            return id;
        }

        void expectNothing() {
            try {
                assertThat(channel.await(NONE)).isEmpty();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        MemoryRegion region() {
            MemoryRegion region =
                    domain.registerMemory(
                            Arena.ofAuto().allocate(64), EnumSet.of(AccessFlag.LOCAL_WRITE));
            others.add(region);
            return region;
        }

        void close() throws Exception {
            ids.forEach(ConnectionId::close);
            for (AutoCloseable other : others) {
                other.close();
            }
            completions.close();
            domain.close();
            channel.close();
            manager.close();
            assertThat(device.ports().size()).isZero();
        }
    }

    @BeforeEach
    void open(FabricNodes fabric) {
        client = new Side(fabric, 1);
        server = new Side(fabric, 2);
    }

    @AfterEach
    void closeAndExpectNothingLeft() throws Exception {
        client.close();
        server.close();
        wire.advance(100 * SECOND);
        assertThat(client.device.engine.retained()).isZero();
        assertThat(server.device.engine.retained()).isZero();
    }

    static PrivateData data(String text) {
        return PrivateData.of(text.getBytes(US_ASCII));
    }

    ConnectionId resolved(PortSpace space) {
        ConnectionId id = client.newId(space);
        id.resolveAddress(server.address(PORT), Duration.ofSeconds(2));
        client.next(CmEventType.ADDR_RESOLVED);
        id.resolveRoute(Duration.ofSeconds(2));
        client.next(CmEventType.ROUTE_RESOLVED);
        return id;
    }

    ConnectionId connecting(ConnectionParameters parameters) {
        ConnectionId id = resolved(PortSpace.TCP);
        id.createQueuePair(client.domain, client.options());
        id.connect(parameters);
        return id;
    }

    record Pair(ConnectionId client, ConnectionId server) {}

    Pair connected() {
        server.listen(PortSpace.TCP);
        ConnectionId asking = connecting(ConnectionParameters.DEFAULT);
        ConnectionId asked = server.nextRequest();
        asked.createQueuePair(server.domain, server.options());
        asked.accept(ConnectionParameters.DEFAULT);
        client.next(CmEventType.ESTABLISHED);
        server.next(CmEventType.ESTABLISHED);
        return new Pair(asking, asked);
    }
}
