package org.softverbs.soft.cm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.softverbs.soft.cm.CmBench.MILLISECOND;
import static org.softverbs.soft.cm.CmBench.SECOND;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.softverbs.verbs.VerbsException;

/// Many connections, one after the other and under random faults: nothing is left.
class CmChurnTest {

    private static final int PORT = 7174;
    private static final int CONNECTIONS = 10_000;
    private static final int RUNS = 300;

    @Test
    void shouldLeaveNothingOfTenThousandConnectionsAndReuseNoNumberInTimewait() {
        CmBench bench = new CmBench(1);
        bench.keepsSent = false;
        CmNode client = bench.node("10.0.0.1");
        CmNode server = bench.node("10.0.0.2");
        client.keepsNotices = false;
        server.keepsNotices = false;
        server.listen(PORT);
        Map<Integer, Long> endOfTimewait = new HashMap<>();
        Set<Integer> ids = new HashSet<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            // Few numbers: every one is used again as soon as it may be.
            int number = 2 + i % 100;
            while (client.engine.isTaken(number)) {
                bench.advance(10 * MILLISECOND);
            }
            assertThat(bench.now).isGreaterThanOrEqualTo(endOfTimewait.getOrDefault(number, 0L));
            CmConnection connection =
                    client.engine.connect(
                            client.request(server, PORT, number, CmRequest.Timing.DEFAULT),
                            client::onNotice,
                            bench.now);
            bench.settle();
            assertThat(connection.state()).isEqualTo(CmState.ESTABLISHED);
            ids.add(connection.communicationId());
            client.engine.disconnect(connection, bench.now);
            bench.settle();
            endOfTimewait.put(number, bench.now + 2_048 * MILLISECOND - 2 * CmBench.DELAY);
        }
        assertThat(ids).hasSize(CONNECTIONS);
        assertThat(server.count(CmCounter.ESTABLISHED_CONNECTIONS)).isEqualTo(CONNECTIONS);
        bench.advance(3 * SECOND);
        assertThat(client.engine.retained()).isZero();
        assertThat(server.engine.retained()).as("the listener").isEqualTo(1);
    }

    @Test
    void shouldRefuseAQueuePairWhoseConnectionIsNotOver() {
        CmBench bench = new CmBench(2);
        CmNode client = bench.node("10.0.0.1");
        CmNode server = bench.node("10.0.0.2");
        server.listen(PORT);
        CmConnection connection = client.connect(server, PORT);
        bench.settle();
        CmRequest again =
                client.request(server, PORT, connection.localQueuePair(), CmRequest.Timing.DEFAULT);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> client.engine.connect(again, client::onNotice, bench.now))
                    .isInstanceOf(VerbsException.class)
                    .hasMessageContaining("EBUSY");
            client.engine.disconnect(connection, bench.now);
            bench.settle();
        }
        bench.advance(3 * SECOND);
        client.engine.connect(again, client::onNotice, bench.now);
        bench.settle();
        assertThat(client.only().state()).isEqualTo(CmState.ESTABLISHED);
    }

    /// Random verbs at random times over a wire that loses, doubles and reorders a third of all
    /// datagrams. In the end both sides agree that all is over, and nothing is left.
    @Test
    void shouldLeaveNothingWhateverHappens() {
        long first = Long.getLong("softverbs.seed", 4_711);
        for (long seed = first; seed < first + RUNS; seed++) {
            run(seed);
        }
    }

    private static void run(long seed) {
        String name = "seed " + seed;
        CmBench bench = new CmBench(seed);
        bench.keepsSent = false;
        CmNode one = bench.node("10.0.0.1");
        CmNode two = bench.node("10.0.0.2");
        one.listen(PORT);
        two.listen(PORT);
        bench.fault =
                mad ->
                        switch (bench.random.nextInt(6)) {
                            case 0 -> 0;
                            case 1 -> 2 + bench.random.nextInt(3);
                            default -> 1;
                        };
        for (int i = 0; i < 60; i++) {
            CmNode node = bench.random.nextBoolean() ? one : two;
            CmNode peer = node.equals(one) ? two : one;
            act(bench, node, peer);
            bench.advance(bench.random.nextInt(1_000) * MILLISECOND);
        }
        for (CmNode node : new CmNode[] {one, two}) {
            node.engine.connections().forEach(it -> node.engine.abandon(it, bench.now));
        }
        bench.drain();
        for (CmNode node : new CmNode[] {one, two}) {
            node.engine.connections().forEach(it -> node.engine.abandon(it, bench.now));
        }
        bench.drain();
        assertThat(one.engine.retained()).as(name).isEqualTo(1);
        assertThat(two.engine.retained()).as(name).isEqualTo(1);
        assertThat(endings(one)).as(name).isLessThanOrEqualTo(60);
    }

    private static void act(CmBench bench, CmNode node, CmNode peer) {
        CmConnection[] all = node.engine.connections().toArray(CmConnection[]::new);
        CmConnection any = all.length == 0 ? null : all[bench.random.nextInt(all.length)];
        switch (bench.random.nextInt(5)) {
            case 0 -> node.accepts = bench.random.nextInt(4) != 0;
            case 1 -> {
                if (any != null) {
                    node.engine.disconnect(any, bench.now);
                }
            }
            case 2 -> {
                if (any != null && bench.random.nextInt(3) == 0) {
                    node.engine.abandon(any, bench.now);
                }
            }
            case 3 -> {
                if (any != null) {
                    node.engine.communicationEstablished(any, bench.now);
                }
            }
            default -> node.connect(peer, PORT);
        }
    }

    private static long endings(CmNode node) {
        return node.told(CmNotice.TimewaitExited.class).stream()
                .map(CmNotice.TimewaitExited::connection)
                .distinct()
                .count();
    }
}
