package org.softverbs.soft.cm;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.soft.cm.CmBench.SECOND;

import org.junit.jupiter.api.Test;
import org.softverbs.soft.wire.mad.CmAttribute;

/// Connections as they should go.
class CmEngineTest {

    private final CmBench bench = new CmBench(5);
    private final CmNode client = bench.node("10.0.0.1");
    private final CmNode server = bench.node("10.0.0.2");

    @Test
    void shouldConnectByRequestReplyAndReadyToUse() {
        server.listen(7174);
        CmConnection connection = client.connect(server, 7174);
        bench.settle();
        assertThat(bench.attributes())
                .containsExactly(CmAttribute.REQ, CmAttribute.REP, CmAttribute.RTU);
        assertThat(connection.state()).isEqualTo(CmState.ESTABLISHED);
        assertThat(server.only().state()).isEqualTo(CmState.ESTABLISHED);
        CmRequest request = server.told(CmNotice.RequestReceived.class).getFirst().request();
        assertThat(request.privateData().from(36).startsWith("hello".getBytes(US_ASCII))).isTrue();
        assertThat(request.queuePair().guid()).isEqualTo(client.guid());
        CmReply reply = client.told(CmNotice.ReplyReceived.class).getFirst().reply();
        assertThat(reply.privateData().startsWith("welcome".getBytes(US_ASCII))).isTrue();
        assertThat(server.told(CmNotice.Established.class)).hasSize(1);
        assertThat(client.engine.nextDeadline()).isEqualTo(CmEngine.NO_DEADLINE);
        assertThat(server.engine.nextDeadline()).isEqualTo(CmEngine.NO_DEADLINE);
    }

    @Test
    void shouldDisconnectAndWaitForTwoSeconds() {
        server.listen(7174);
        CmConnection connection = client.connect(server, 7174);
        bench.settle();
        bench.sent.clear();
        int queuePair = connection.localQueuePair();
        assertThat(client.engine.disconnect(connection, bench.now)).isTrue();
        bench.settle();
        assertThat(bench.attributes()).containsExactly(CmAttribute.DREQ, CmAttribute.DREP);
        assertThat(client.told(CmNotice.Disconnected.class))
                .singleElement()
                .matches(it -> !it.byPeer());
        assertThat(server.told(CmNotice.Disconnected.class))
                .singleElement()
                .matches(CmNotice.Disconnected::byPeer);
        assertThat(client.engine.isInTimewait(queuePair)).isTrue();
        bench.advance(2 * SECOND);
        assertThat(client.engine.isInTimewait(queuePair)).isTrue();
        bench.advance(SECOND / 10);
        assertThat(client.engine.isInTimewait(queuePair)).isFalse();
        assertThat(client.told(CmNotice.TimewaitExited.class)).hasSize(1);
        assertThat(client.engine.retained()).isZero();
        assertThat(server.engine.retained()).as("the listener").isEqualTo(1);
    }

    @Test
    void shouldTellPeersAndForgetEverythingWhenTheDeviceGoes() {
        server.listen(7174);
        client.connect(server, 7174);
        bench.settle();
        server.accepts = false;
        client.connect(server, 7174);
        client.connect(server, 7175);
        bench.settle();
        server.engine.close(bench.now);
        assertThat(server.engine.retained()).isZero();
        bench.settle();
        assertThat(client.told(CmNotice.Disconnected.class)).hasSize(1);
        assertThat(client.told(CmNotice.Rejected.class)).hasSize(2);
        assertThat(server.told(CmNotice.Disconnected.class)).isEmpty();
        bench.drain();
        assertThat(client.engine.retained()).isZero();
    }
}
