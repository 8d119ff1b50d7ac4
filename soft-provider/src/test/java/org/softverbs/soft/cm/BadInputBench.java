package org.softverbs.soft.cm;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.BeforeEach;
import org.softverbs.cm.RejectReason;
import org.softverbs.soft.wire.mad.CmAttribute;
import org.softverbs.soft.wire.mad.CmDisconnectRequestFlyweight;
import org.softverbs.soft.wire.mad.CmRejectFlyweight;
import org.softverbs.soft.wire.mad.CmRequestFlyweight;
import org.softverbs.soft.wire.mad.MadHeaderFlyweight;

/// A server that listens, a client and a stranger, and messages made by hand.
abstract class BadInputBench {

    static final int PORT = 7174;

    final CmBench bench = new CmBench(99);

    final CmNode client = bench.node("10.0.0.1");

    final CmNode server = bench.node("10.0.0.2");

    final CmNode stranger = bench.node("10.0.0.3");

    @BeforeEach
    void listen() {
        server.listen(PORT);
    }

    CmConnection connected() {
        CmConnection connection = client.connect(server, PORT);
        bench.settle();
        assertThat(connection.state()).isEqualTo(CmState.ESTABLISHED);
        return connection;
    }

    /// The last datagram of a kind that was sent.
    CmBench.Mad last(CmAttribute attribute) {
        return bench.sent.stream()
                .filter(it -> it.attribute() == attribute)
                .reduce((_, later) -> later)
                .orElseThrow();
    }

    static MemorySegment copy(CmBench.Mad mad) {
        return MemorySegment.ofArray(mad.bytes().toArray(ValueLayout.JAVA_BYTE));
    }

    /// A request of the client that did not arrive, to be changed and sent by hand.
    MemorySegment heldRequest() {
        bench.fault = _ -> 0;
        client.connect(server, PORT);
        bench.fault = _ -> 1;
        return copy(last(CmAttribute.REQ));
    }

    static CmRequestFlyweight req(MemorySegment mad) {
        return new CmRequestFlyweight().wrap(mad, MadHeaderFlyweight.LENGTH);
    }

    void expectDropped(MemorySegment mad, CmNode from, CmCounter counter) {
        long before = server.count(counter);
        bench.sent.clear();
        server.receive(mad, from.gid);
        assertThat(bench.sent).isEmpty();
        assertThat(server.count(counter)).isEqualTo(before + 1);
    }

    CmBench.Mad last(MemorySegment mad) {
        return new CmBench.Mad(client.gid, server.gid, mad, 0, 0);
    }

    static MemorySegment disconnect(int from, int to, int queuePair) {
        MemorySegment dreq = MemorySegment.ofArray(new byte[256]);
        new MadHeaderFlyweight().wrap(dreq, 0).initialize(CmAttribute.DREQ, 5);
        new CmDisconnectRequestFlyweight()
                .wrap(dreq, 24)
                .localCommunicationId(from)
                .remoteCommunicationId(to)
                .remoteQpn(queuePair);
        return dreq;
    }

    static MemorySegment reject(int from, int to, int reason, CmReject.Message message) {
        MemorySegment rej = MemorySegment.ofArray(new byte[256]);
        new MadHeaderFlyweight().wrap(rej, 0).initialize(CmAttribute.REJ, 5);
        new CmRejectFlyweight()
                .wrap(rej, 24)
                .localCommunicationId(from)
                .remoteCommunicationId(to)
                .messageRejected(message.ordinal())
                .infoLength(127)
                .reason(reason);
        return rej;
    }

    void expectReject(MemorySegment mad, RejectReason reason) {
        bench.sent.clear();
        server.receive(mad, client.gid);
        assertThat(bench.attributes()).containsExactly(CmAttribute.REJ);
        CmRejectFlyweight rej = new CmRejectFlyweight().wrap(last(CmAttribute.REJ).message(), 0);
        assertThat(rej.reason()).isEqualTo(reason.code());
        assertThat(rej.remoteCommunicationId()).isEqualTo(req(mad).localCommunicationId());
        assertThat(server.engine.connectionCount()).isZero();
    }
}
