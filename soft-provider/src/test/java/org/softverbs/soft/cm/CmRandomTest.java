package org.softverbs.soft.cm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.soft.cm.CmBench.MILLISECOND;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.softverbs.cm.PortSpace;
import org.softverbs.soft.wire.mad.CmAttribute;
import org.softverbs.soft.wire.mad.MadHeaderFlyweight;

/// Datagrams of random bytes, and right ones with random damage: nothing is thrown, and what is
/// kept is bounded.
class CmRandomTest {

    private static final int PORT = 7174;
    private static final int DATAGRAMS = 1_000_000;
    private static final int MAD_LENGTH = 256;

    @Test
    void shouldTakeAMillionDatagramsOfRandomBytes() {
        long seed = Long.getLong("softverbs.seed", 20_261_122);
        CmBench bench = new CmBench(seed);
        CmNode client = bench.node("10.0.0.1");
        CmNode server = bench.node("10.0.0.2");
        server.listen(PORT);
        server.engine.listen(PortSpace.UDP.serviceId(PORT), Optional.empty(), 64, server::onNotice);
        List<CmBench.Mad> right = session(bench, client, server);
        bench.keepsSent = false;
        server.keepsNotices = false;
        client.keepsNotices = false;
        bench.fault = _ -> 0;
        int most = 0;
        for (int i = 0; i < DATAGRAMS; i++) {
            MemorySegment mad = datagram(bench.random, right);
            try {
                server.receive(mad, client.gid);
                client.receive(mad, server.gid);
            } catch (RuntimeException e) {
                throw new AssertionError("seed %d, datagram %d".formatted(seed, i), e);
            }
            if (i % 64 == 0) {
                bench.advance(MILLISECOND);
            }
            most = Math.max(most, server.engine.connectionCount());
        }
        assertThat(most).as("seed %d", seed).isLessThanOrEqualTo(CmLimits.DEFAULT.connections());
        assertThat(server.count(CmCounter.RECEIVED_MESSAGES)).isGreaterThan(DATAGRAMS);
        for (CmNode node : List.of(client, server)) {
            node.engine.connections().forEach(it -> node.engine.abandon(it, bench.now));
        }
        bench.drain();
        assertThat(client.engine.retained()).as("seed %d", seed).isZero();
        assertThat(server.engine.retained()).as("seed %d", seed).isEqualTo(2);
    }

    /// One of every kind of message.
    private static List<CmBench.Mad> session(CmBench bench, CmNode client, CmNode server) {
        CmConnection connection = client.connect(server, PORT);
        bench.settle();
        client.engine.disconnect(connection, bench.now);
        client.connect(server, PORT + 1);
        client.engine.askForService(
                client.gid,
                server.gid,
                PortSpace.UDP.serviceId(PORT),
                CmRequest.Timing.DEFAULT,
                CmNode.ipHeader(client.gid, server.gid, ""),
                client::onNotice,
                bench.now);
        client.connect(server, PORT);
        bench.settle();
        return new ArrayList<>(bench.sent);
    }

    private static MemorySegment datagram(RandomGenerator random, List<CmBench.Mad> right) {
        byte[] bytes = new byte[MAD_LENGTH];
        MemorySegment mad = MemorySegment.ofArray(bytes);
        if (random.nextInt(4) == 0) {
            random.nextBytes(bytes);
            if (random.nextBoolean()) {
                CmAttribute[] all = CmAttribute.values();
                CmAttribute attribute = all[random.nextInt(all.length)];
                new MadHeaderFlyweight().wrap(mad, 0).initialize(attribute, random.nextLong());
            }
            return random.nextInt(8) == 0 ? mad.asSlice(0, random.nextInt(MAD_LENGTH)) : mad;
        }
        mad.copyFrom(right.get(random.nextInt(right.size())).bytes());
        int damages = random.nextInt(4);
        for (int i = 0; i < damages; i++) {
            int at = random.nextInt(8) == 0 ? random.nextInt(24) : 24 + random.nextInt(232);
            mad.set(ValueLayout.JAVA_BYTE, at, (byte) random.nextInt());
        }
        return mad;
    }
}
