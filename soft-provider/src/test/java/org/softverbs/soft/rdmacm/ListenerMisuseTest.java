package org.softverbs.soft.rdmacm;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.cm.CmEvent;
import org.softverbs.cm.CmEventListener;
import org.softverbs.cm.CmEventType;
import org.softverbs.cm.ConnectionId;
import org.softverbs.cm.ConnectionIdState;
import org.softverbs.cm.ConnectionManager;
import org.softverbs.cm.ConnectionParameters;
import org.softverbs.cm.EventChannel;
import org.softverbs.cm.PortSpace;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.RdmaDevices;

/// Listeners of an event channel that throw, destroy what the event is about, or block.
class ListenerMisuseTest extends ConnectionFixture {

    private final List<CmEventType> seen = new ArrayList<>();

    private ConnectionId listenBy(CmEventListener called) {
        EventChannel channel = server.manager.createEventChannel();
        server.others.add(channel);
        channel.deliverTo(called);
        ConnectionId listener = server.manager.createId(channel, PortSpace.TCP);
        server.ids.add(listener);
        listener.bind(server.address(PORT));
        listener.listen(8);
        return listener;
    }

    private void accept(CmEvent event) {
        server.ids.add(event.id());
        event.id().createQueuePair(server.domain, server.options());
        event.id().accept(ConnectionParameters.DEFAULT);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a22ShouldGoOnWhenAListenerThrows(boolean error) {
        listenBy(
                event -> {
                    seen.add(event.type());
                    if (event.type() == CmEventType.CONNECT_REQUEST) {
                        accept(event);
                    }
                    if (error) {
                        throw new AssertionError("made to fail");
                    }
                    throw new IllegalStateException("made to fail");
                });
        for (int i = 0; i < 2; i++) {
            seen.clear();
            ConnectionId asking = connecting(ConnectionParameters.DEFAULT);
            client.next(CmEventType.ESTABLISHED);
            asking.disconnect();
            client.next(CmEventType.DISCONNECTED);
            assertThat(seen)
                    .containsExactly(
                            CmEventType.CONNECT_REQUEST,
                            CmEventType.ESTABLISHED,
                            CmEventType.DISCONNECTED);
        }
    }

    /// A request that it did not answer is its program's still.
    @Test
    void a22ShouldKeepTheRequestThatAListenerThrewOn() {
        List<ConnectionId> asked = new ArrayList<>();
        listenBy(
                event -> {
                    seen.add(event.type());
                    if (event.type() == CmEventType.CONNECT_REQUEST) {
                        asked.add(event.id());
                        server.ids.add(event.id());
                        throw new IllegalStateException("made to fail");
                    }
                });
        connecting(ConnectionParameters.DEFAULT);
        client.expectNothing();
        asked.getFirst().createQueuePair(server.domain, server.options());
        asked.getFirst().accept(ConnectionParameters.DEFAULT);
        client.next(CmEventType.ESTABLISHED);
        assertThat(seen).containsExactly(CmEventType.CONNECT_REQUEST, CmEventType.ESTABLISHED);
    }

    @ParameterizedTest
    @EnumSource(
            value = CmEventType.class,
            names = {"CONNECT_REQUEST", "ESTABLISHED", "DISCONNECTED"})
    void a22ShouldLetAListenerCloseTheIdOfItsEvent(CmEventType when) {
        List<ConnectionId> asked = new ArrayList<>();
        listenBy(
                event -> {
                    seen.add(event.type());
                    if (event.type() == CmEventType.CONNECT_REQUEST) {
                        asked.add(event.id());
                        accept(event);
                    }
                    if (event.type() == when) {
                        event.id().close();
                    }
                });
        ConnectionId asking = connecting(ConnectionParameters.DEFAULT);
        client.next(CmEventType.ESTABLISHED);
        if (when == CmEventType.DISCONNECTED) {
            asking.disconnect();
        }
        client.next(CmEventType.DISCONNECTED);
        assertThat(asked.getFirst().state()).isEqualTo(ConnectionIdState.CLOSED);
        assertThat(seen).endsWith(when);
        // The listening ID is well.
        asked.clear();
        seen.clear();
        connecting(ConnectionParameters.DEFAULT);
        assertThat(seen).startsWith(CmEventType.CONNECT_REQUEST);
    }

    @ParameterizedTest
    @EnumSource(
            value = CmEventType.class,
            names = {"ESTABLISHED", "DISCONNECTED"})
    void a22ShouldLetAListenerDestroyTheQueuePairOfItsEvent(CmEventType when) {
        List<QueuePair> own = new ArrayList<>();
        listenBy(
                event -> {
                    seen.add(event.type());
                    if (event.type() == CmEventType.CONNECT_REQUEST) {
                        accept(event);
                        own.add(event.id().queuePair().orElseThrow());
                    } else if (event.type() == when) {
                        own.getLast().close();
                    }
                });
        for (int i = 0; i < 2; i++) {
            ConnectionId asking = connecting(ConnectionParameters.DEFAULT);
            client.next(CmEventType.ESTABLISHED);
            asking.disconnect();
            client.next(CmEventType.DISCONNECTED);
            assertThat(asking.queuePair().orElseThrow().state()).isEqualTo(QueuePairState.ERR);
        }
        assertThat(seen).filteredOn(when::equals).hasSize(2);
    }

    @Test
    void a22ShouldLetAListenerCloseTheListeningId() {
        List<ConnectionId> listening = new ArrayList<>();
        listening.add(
                listenBy(
                        event -> {
                            seen.add(event.type());
                            if (event.type() == CmEventType.CONNECT_REQUEST) {
                                listening.getFirst().close();
                                accept(event);
                            }
                        }));
        connecting(ConnectionParameters.DEFAULT);
        client.next(CmEventType.ESTABLISHED);
        assertThat(seen).containsExactly(CmEventType.CONNECT_REQUEST, CmEventType.ESTABLISHED);
        connecting(ConnectionParameters.DEFAULT);
        client.next(CmEventType.REJECTED);
    }

    /// A real end: a device whose owner calls the listener.
    private record End(DeviceContext context, ConnectionManager manager, EventChannel channel)
            implements AutoCloseable {

        static End open(String address) {
            DeviceContext context = RdmaDevices.open("rxe@" + address, Map.of("progress", "loop"));
            ConnectionManager manager = ConnectionManager.open(context);
            return new End(context, manager, manager.createEventChannel());
        }

        ConnectionId listen(String address) {
            ConnectionId id = manager.createId(channel, PortSpace.UDP);
            id.bind(new InetSocketAddress(address, PORT));
            id.listen(8);
            return id;
        }

        /// Asks for a datagram service, which refuses.
        ConnectionId ask(String address) throws InterruptedException {
            ConnectionId id = manager.createId(channel, PortSpace.UDP);
            id.resolveAddress(new InetSocketAddress(address, PORT), Duration.ofSeconds(2));
            next(CmEventType.ADDR_RESOLVED);
            id.resolveRoute(Duration.ofSeconds(2));
            next(CmEventType.ROUTE_RESOLVED);
            id.connect(ConnectionParameters.DEFAULT);
            return id;
        }

        void next(CmEventType type) throws InterruptedException {
            CmEvent event = channel.await(Duration.ofSeconds(30)).orElseThrow();
            event.acknowledge();
            assertThat(event.type()).isEqualTo(type);
        }

        @Override
        public void close() {
            channel.close();
            manager.close();
            context.close();
        }
    }

    /// The owner of its device waits with it: the device is at rest, and no other is.
    @Test
    void a22ShouldHoldOnlyItsOwnDeviceWhenAListenerBlocks() throws InterruptedException {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch mayLeave = new CountDownLatch(1);
        try (End held = End.open("127.4.2.1");
                End free = End.open("127.4.2.2");
                End asking = End.open("127.4.2.3")) {
            held.channel()
                    .deliverTo(
                            event -> {
                                entered.countDown();
                                try {
                                    mayLeave.await();
                                } catch (InterruptedException e) {
                                    Thread.currentThread().interrupt();
                                }
                                event.id().close();
                            });
            ConnectionId holding = held.listen("127.4.2.1");
            ConnectionId first = asking.ask("127.4.2.1");
            try {
                assertThat(entered.await(30, TimeUnit.SECONDS)).isTrue();
                free.channel().deliverTo(event -> event.id().close());
                ConnectionId listening = free.listen("127.4.2.2");
                ConnectionId second = asking.ask("127.4.2.2");
                asking.next(CmEventType.UNREACHABLE);
                second.close();
                listening.close();
                assertThat(first.state()).isEqualTo(ConnectionIdState.CONNECTING);
            } finally {
                mayLeave.countDown();
            }
            asking.next(CmEventType.UNREACHABLE);
            first.close();
            holding.close();
        }
    }
}
