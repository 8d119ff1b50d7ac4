package org.softverbs.soft.rdmacm;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.softverbs.cm.CmEvent;
import org.softverbs.cm.CmEventType;
import org.softverbs.cm.ConnectionId;
import org.softverbs.cm.ConnectionIdState;
import org.softverbs.cm.ConnectionParameters;
import org.softverbs.cm.EventChannel;
import org.softverbs.cm.PortSpace;
import org.softverbs.cm.PrivateData;
import org.softverbs.cm.RejectReason;
import org.softverbs.junit.Fabric;
import org.softverbs.junit.FabricNodes;
import org.softverbs.verbs.CompletionQueue;
import org.softverbs.verbs.ProtectionDomain;
import org.softverbs.verbs.QueuePairCapabilities;
import org.softverbs.verbs.QueuePairOptions;
import org.softverbs.verbs.VerbsException;

/// Random verbs on random IDs over a wire that loses and doubles: verbs are refused or carried out,
/// each ID sees events that make sense, and nothing is left when all are closed.
@Fabric(nodes = 2)
class ConnectionIdChurnTest {

    private static final int RUNS = 40;
    private static final int STEPS = 120;
    private static final int PORT = 7471;
    private static final long MILLISECOND = 1_000_000L;

    /// One side, and all its IDs.
    private static final class Side {
        private final BenchDevice device;
        private final SoftConnectionManager manager;
        private final EventChannel channel;
        private final ProtectionDomain domain;
        private final CompletionQueue completions;
        private final List<ConnectionId> ids = new ArrayList<>();

        private Side(BenchDevice device) {
            this.device = device;
            this.manager = new SoftConnectionManager(List.of(device));
            this.channel = manager.createEventChannel();
            this.domain = device.context().allocateProtectionDomain();
            this.completions = device.context().createCompletionQueue(16);
        }

        private InetSocketAddress address() {
            return new InetSocketAddress(device.gid.toInetAddress(), PORT);
        }

        private void listen() {
            ConnectionId id = manager.createId(channel, PortSpace.TCP);
            id.bind(address());
            id.listen(4);
            ids.add(id);
        }

        /// Takes an event, if there is one, and adds the ID that comes with it.
        private void take(List<ConnectionId> established) throws InterruptedException {
            Optional<CmEvent> next = channel.await(Duration.ZERO);
            if (next.isEmpty()) {
                return;
            }
            try (CmEvent event = next.get()) {
                assertThat(ids.contains(event.id()))
                        .as("%s", event)
                        .isEqualTo(event.type() != CmEventType.CONNECT_REQUEST);
                if (event.type() == CmEventType.CONNECT_REQUEST) {
                    ids.add(event.id());
                }
                if (event.type() == CmEventType.ESTABLISHED) {
                    assertThat(established).doesNotContain(event.id());
                    established.add(event.id());
                }
            }
        }

        private void close() throws InterruptedException {
            while (!ids.isEmpty()) {
                take(new ArrayList<>());
                ids.removeLast().close();
            }
            completions.close();
            domain.close();
            channel.close();
            manager.close();
            assertThat(device.ports().size()).isZero();
        }
    }

    @Test
    void shouldLeaveNothingWhateverProgramsDo(FabricNodes fabric) throws InterruptedException {
        long first = Long.getLong("softverbs.seed", 31);
        int[] states = new int[ConnectionIdState.values().length];
        for (long seed = first; seed < first + RUNS; seed++) {
            try {
                run(fabric, seed, states);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        assertThat(states[ConnectionIdState.ESTABLISHED.ordinal()]).isPositive();
        assertThat(states[ConnectionIdState.DISCONNECTED.ordinal()]).isPositive();
        assertThat(states[ConnectionIdState.REQUESTED.ordinal()]).isPositive();
    }

    private static void run(FabricNodes fabric, long seed, int[] states)
            throws InterruptedException {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        BenchDevice.Wire wire = new BenchDevice.Wire();
        Side one = new Side(wire.join(fabric.node(1)));
        Side two = new Side(wire.join(fabric.node(2)));
        one.listen();
        two.listen();
        wire.copies = () -> random.nextInt(5) == 0 ? 2 * random.nextInt(2) : 1;
        List<ConnectionId> established = new ArrayList<>();
        for (int step = 0; step < STEPS; step++) {
            Side side = random.nextBoolean() ? one : two;
            Side peer = side.equals(one) ? two : one;
            side.take(established);
            ConnectionId id = side.ids.get(random.nextInt(side.ids.size()));
            states[id.state().ordinal()]++;
            try {
                act(random, side, peer, id);
            } catch (VerbsException refused) {
                assertThat(refused.explain().toString()).isNotEmpty();
            }
            wire.advance(random.nextInt(400) * MILLISECOND);
        }
        one.close();
        two.close();
        wire.advance(1_000_000 * MILLISECOND);
        assertThat(one.device.engine.retained()).isZero();
        assertThat(two.device.engine.retained()).isZero();
    }

    private static void act(RandomGenerator random, Side side, Side peer, ConnectionId id) {
        switch (random.nextInt(9)) {
            case 0, 1 -> {
                ConnectionId made = side.manager.createId(side.channel, PortSpace.TCP);
                side.ids.add(made);
                made.resolveAddress(peer.address(), Duration.ZERO);
                made.resolveRoute(Duration.ZERO);
                equip(side, made);
                made.connect(ConnectionParameters.DEFAULT);
            }
            case 2, 3, 4 -> {
                if (id.state() == ConnectionIdState.REQUESTED) {
                    equip(side, id);
                }
                id.accept(ConnectionParameters.DEFAULT);
            }
            case 5 -> id.disconnect();
            case 6 -> id.reject(RejectReason.CONSUMER_DEFINED, PrivateData.EMPTY);
            case 7 -> {
                if (id.state() != ConnectionIdState.LISTENING) {
                    side.ids.remove(id);
                    id.close();
                }
            }
            default -> id.establish();
        }
    }

    private static void equip(Side side, ConnectionId id) {
        if (id.queuePair().isEmpty()) {
            id.createQueuePair(
                    side.domain,
                    QueuePairOptions.reliableConnection(
                            side.completions, QueuePairCapabilities.small()));
        }
    }
}
