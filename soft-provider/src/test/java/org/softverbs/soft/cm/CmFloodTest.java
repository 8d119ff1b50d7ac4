package org.softverbs.soft.cm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.soft.cm.CmBench.MILLISECOND;
import static org.softverbs.soft.cm.CmBench.SECOND;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.cm.PortSpace;
import org.softverbs.soft.wire.mad.CmAttribute;
import org.softverbs.soft.wire.mad.CmPathFlyweight;
import org.softverbs.soft.wire.mad.CmRequestFlyweight;
import org.softverbs.soft.wire.mad.IpCmHeaderFlyweight;
import org.softverbs.soft.wire.mad.MadHeaderFlyweight;
import org.softverbs.verbs.GlobalIdentifier;

/// Requests as fast as they come, from one source and from many: what is kept is bounded, and an
/// honest client connects.
class CmFloodTest {

    private static final int PORT = 7174;
    private static final int REQUESTS = 1_000_000;

    /// A request comes every ten microseconds.
    private static final long PACE = 10_000;

    private static final long CONNECT_LIMIT = 2 * SECOND;

    private final CmBench bench = new CmBench(12);
    private final CmNode client = bench.node("10.0.0.1");
    private final CmNode server = bench.node("10.0.0.2");

    /// Requests of sources that do not exist, written into one datagram.
    private final class Flood {
        private final MemorySegment mad = MemorySegment.ofArray(new byte[256]);
        private final CmRequestFlyweight req = new CmRequestFlyweight();
        private final CmPathFlyweight path = new CmPathFlyweight();
        private final IpCmHeaderFlyweight ip = new IpCmHeaderFlyweight();

        private void send(GlobalIdentifier source, int number) {
            new MadHeaderFlyweight().wrap(mad, 0).initialize(CmAttribute.REQ, number);
            req.wrap(mad, MadHeaderFlyweight.LENGTH)
                    .localCommunicationId(number)
                    .serviceId(PortSpace.TCP.serviceId(PORT))
                    .localCaGuid(source.low())
                    .localQpn(2 + (number & 0xff_fff0) / 16)
                    .remoteResponseTimeout(20)
                    .localResponseTimeout(20)
                    .partitionKey(0xffff)
                    .pathMtu(3)
                    .maxCmRetries(15)
                    .primaryPath(path);
            path.localGid(source.toBytes()).remoteGid(server.gid.toBytes()).localAckTimeout(19);
            byte[] from = source.toBytes();
            byte[] to = server.gid.toBytes();
            for (int i = 10; i < 12; i++) {
                from[i] = 0;
                to[i] = 0;
            }
            ip.wrap(req.privateData(), 0).ipVersion(4).sourceAddress(from).destinationAddress(to);
            server.receive(mad, source);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10_000})
    void shouldStayBoundedAndServeAnHonestClientUnderAFloodOfRequests(int sources) {
        bench.keepsSent = false;
        server.keepsNotices = false;
        server.listen(PORT);
        Flood flood = new Flood();
        int connected = 0;
        int attempts = 0;
        int mostKept = 0;
        long start = 0;
        CmConnection honest = null;
        for (int i = 0; i < REQUESTS; i++) {
            int source = i % sources;
            flood.send(new GlobalIdentifier(0, 0xffff_0b00_0000L | source), i + 1);
            bench.advance(PACE);
            if (honest == null && i % 20_000 == 1_000) {
                honest = client.connect(server, PORT);
                start = bench.now;
                attempts++;
            }
            if (honest != null && honest.state() == CmState.ESTABLISHED) {
                assertThat(bench.now - start).isLessThan(CONNECT_LIMIT);
                connected++;
                client.engine.disconnect(honest, bench.now);
                honest = null;
            }
            mostKept = Math.max(mostKept, server.engine.connectionCount());
        }
        assertThat(attempts).isEqualTo(50);
        assertThat(connected).isEqualTo(attempts);
        CmLimits limits = CmLimits.DEFAULT;
        int most = sources == 1 ? limits.halfOpenPerSource() : limits.halfOpen();
        assertThat(mostKept).isLessThanOrEqualTo(most + attempts);
        bench.drain();
        assertThat(server.engine.retained()).as("the listener").isEqualTo(1);
        assertThat(client.engine.retained()).isZero();
        assertThat(server.count(CmCounter.REFUSED_SOURCE_LIMIT) > 0).isEqualTo(sources == 1);
        assertThat(server.count(CmCounter.EVICTED_CONNECTIONS) > 0).isEqualTo(sources > 1);
    }

    /// Who never answered may not have asked: there are three replies and a REJ for him.
    @Test
    void shouldSendFewRepliesToASourceThatDoesNotAnswer() {
        server.listen(PORT);
        new Flood().send(CmBench.gid("10.0.0.77"), 1);
        bench.drain();
        assertThat(bench.attributes())
                .containsExactly(
                        CmAttribute.REP, CmAttribute.REP, CmAttribute.REP, CmAttribute.REJ);
    }

    @Test
    void shouldSendAllRepliesToASourceThatHasAnsweredBefore() {
        server.listen(PORT);
        client.connect(server, PORT);
        bench.settle();
        bench.sent.clear();
        client.connect(server, PORT);
        bench.fault = mad -> mad.attribute() == CmAttribute.RTU ? 0 : 1;
        bench.drain();
        assertThat(bench.attributes()).filteredOn(CmAttribute.REP::equals).hasSize(16);
    }

    @Test
    void shouldKeepNoMoreConnectionsThanItsLimit() {
        CmNode small = bench.node("10.0.0.3", new CmLimits(8, 4, 4, 3, 15, 300 * SECOND, 21));
        small.listen(PORT);
        for (int i = 0; i < 20; i++) {
            client.connect(small, PORT);
            bench.settle();
        }
        assertThat(small.engine.connectionCount()).isEqualTo(8);
        assertThat(small.count(CmCounter.REFUSED_CONNECTION_LIMIT)).isEqualTo(12);
        assertThat(client.told(CmNotice.Rejected.class)).hasSize(12);
    }

    @Test
    void shouldWaitNoLongerThanItsLimitForAPeerThatAsksForPatience() {
        server.accepts = false;
        server.listen(PORT);
        client.connect(server, PORT);
        // Each REQ that comes again is answered with an MRA.
        bench.advance(10 * 60 * SECOND);
        assertThat(client.told(CmNotice.TimedOut.class)).hasSize(1);
        bench.advance(MILLISECOND);
        assertThat(client.engine.retained()).isZero();
    }
}
