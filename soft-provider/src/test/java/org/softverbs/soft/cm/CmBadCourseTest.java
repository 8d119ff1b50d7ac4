package org.softverbs.soft.cm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.softverbs.soft.cm.CmBench.MILLISECOND;
import static org.softverbs.soft.cm.CmBench.SECOND;

import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.cm.PortSpace;
import org.softverbs.cm.PrivateData;
import org.softverbs.cm.RejectReason;
import org.softverbs.soft.wire.mad.CmAttribute;
import org.softverbs.soft.wire.mad.IpCmHeaderFlyweight;
import org.softverbs.soft.wire.mad.MadHeaderFlyweight;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.VerbsException;

/// What may go wrong in the course of connections; the number of a test is its row in
/// `docs/bad-input.md`.
class CmBadCourseTest extends BadInputBench {

    @Test
    void n11ShouldNotBeGuessed() {
        CmConnection connection = connected();
        int guesses = 200_000;
        for (int i = 0; i < guesses; i++) {
            MemorySegment mad = disconnect(bench.random.nextInt(), bench.random.nextInt(), 0x101);
            new MadHeaderFlyweight()
                    .wrap(mad, 0)
                    .attributeId(CmAttribute.REQ.wireValue() + 1 + bench.random.nextInt(10));
            bench.keepsSent = false;
            bench.fault = _ -> 0;
            server.receive(mad, client.gid);
        }
        assertThat(connection.state()).isEqualTo(CmState.ESTABLISHED);
        assertThat(server.only().state()).isEqualTo(CmState.ESTABLISHED);
        assertThat(server.engine.connectionCount()).isEqualTo(1);
    }

    @Test
    void n11ShouldGiveEveryConnectionAnIdOfItsOwnThoughChanceRepeatsItself() {
        Set<Integer> ids = new HashSet<>();
        CmTables tables =
                new CmTables(
                        new CmIdentity() {
                            @Override
                            public long guid() {
                                return 1;
                            }

                            @Override
                            public boolean hasGid(GlobalIdentifier gid) {
                                return true;
                            }

                            @Override
                            public int maxPathMtu() {
                                return 5;
                            }

                            @Override
                            public int randomBits(int bits) {
                                return 0;
                            }
                        });
        for (int i = 0; i < 1_000; i++) {
            CmConnection connection =
                    new CmConnection(
                            true,
                            tables.newLocalId(),
                            client.gid,
                            server.gid,
                            1,
                            CmRequest.Timing.DEFAULT,
                            new CmConnection.Origin(CmState.REQ_SENT, CmCore.NOBODY, 1));
            tables.add(connection);
            ids.add(connection.communicationId());
        }
        assertThat(ids).hasSize(1_000).doesNotContain(0);
    }

    @Test
    void n13ShouldForgetRequestsWhosePeersStaySilent() {
        bench.fault = mad -> mad.attribute() == CmAttribute.REQ ? 1 : 0;
        for (int i = 0; i < 2_000; i++) {
            client.connect(server, PORT);
        }
        bench.settle();
        assertThat(server.engine.connectionCount()).isEqualTo(CmLimits.DEFAULT.halfOpenPerSource());
        client.engine.connections().forEach(it -> client.engine.abandon(it, bench.now));
        bench.advance(70 * SECOND);
        assertThat(server.engine.retained()).isEqualTo(1);
    }

    @Test
    void n14ShouldRefuseAnAcceptWhenThePeerIsGoneAndASecondAnswer() {
        server.accepts = false;
        CmConnection first = client.connect(server, PORT);
        bench.settle();
        CmConnection asked = server.only();
        client.engine.abandon(first, bench.now);
        bench.settle();
        assertThatThrownBy(() -> server.engine.accept(asked, server.reply(), bench.now))
                .isInstanceOf(VerbsException.class)
                .hasMessageContaining("CLOSED");
        client.connect(server, PORT);
        bench.settle();
        CmConnection second = server.only();
        server.engine.accept(second, server.reply(), bench.now);
        assertThatThrownBy(() -> server.engine.accept(second, server.reply(), bench.now))
                .hasMessageContaining("EINVAL");
        assertThatThrownBy(() -> rejectNow(second)).hasMessageContaining("EINVAL");
    }

    private void rejectNow(CmConnection connection) {
        server.engine.reject(
                connection,
                RejectReason.CONSUMER_DEFINED,
                PrivateData.EMPTY,
                PrivateData.EMPTY,
                bench.now);
    }

    @Test
    void n15ShouldRejectWhatNobodyTookWhenTheListenerGoes() {
        server.accepts = false;
        CmListener other =
                server.engine.listen(
                        PortSpace.TCP.serviceId(99), Optional.empty(), 8, server::onNotice);
        client.connect(server, 99);
        client.connect(server, 99);
        bench.settle();
        server.engine.taken(server.told(CmNotice.RequestReceived.class).getFirst().connection());
        server.engine.stopListening(other, bench.now);
        bench.settle();
        assertThat(client.told(CmNotice.Rejected.class)).hasSize(1);
        server.engine.accept(
                server.told(CmNotice.RequestReceived.class).getFirst().connection(),
                server.reply(),
                bench.now);
        bench.settle();
        assertThat(server.told(CmNotice.Established.class)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7})
    void n16ShouldKeepNoMoreRequestsThanTheBacklog(int backlog) {
        server.accepts = false;
        server.engine.listen(
                PortSpace.TCP.serviceId(99), Optional.empty(), backlog, server::onNotice);
        for (int i = 0; i < 10; i++) {
            client.connect(server, 99);
        }
        bench.settle();
        assertThat(server.told(CmNotice.RequestReceived.class)).hasSize(backlog);
        assertThat(server.count(CmCounter.REFUSED_BACKLOG)).isEqualTo(10 - backlog);
        assertThat(client.told(CmNotice.Rejected.class))
                .hasSize(10 - backlog)
                .allMatch(it -> it.reject().reason() == RejectReason.NO_RESOURCES.code());
    }

    @Test
    void n17ShouldCheckTheHeaderOfIpAddressing() {
        MemorySegment good = heldRequest();
        header(good, it -> it.majorVersion(1));
        header(good, it -> it.minorVersion(1));
        header(good, it -> it.ipVersion(0));
        header(good, it -> it.ipVersion(6));
        header(good, it -> it.sourceAddress(stranger.gid.toBytes()));
        header(good, it -> it.destinationAddress(stranger.gid.toBytes()));
        header(good, it -> it.sourceAddress(client.gid.toBytes()));
    }

    private void header(MemorySegment good, Consumer<IpCmHeaderFlyweight> change) {
        MemorySegment mad = copy(last(good));
        change.accept(new IpCmHeaderFlyweight().wrap(req(mad).privateData(), 0));
        expectReject(mad, RejectReason.CONSUMER_DEFINED);
    }

    @Test
    void n17ShouldRefusePrivateDataThatIsTooLong() {
        CmRequest request = client.request(server, PORT);
        CmRequest longer =
                new CmRequest(
                        request.localGid(),
                        request.remoteGid(),
                        request.serviceId(),
                        request.service(),
                        request.queuePair(),
                        request.options(),
                        request.timing(),
                        PrivateData.of(new byte[93]));
        assertThatThrownBy(() -> client.engine.connect(longer, client::onNotice, bench.now))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("92");
        assertThat(client.engine.connectionCount()).isZero();
    }

    @Test
    void n18ShouldNotTakeARequestOfAnotherPortSpace() {
        MemorySegment mad = heldRequest();
        for (PortSpace space : new PortSpace[] {PortSpace.UDP, PortSpace.IB}) {
            req(mad).serviceId(space.serviceId(PORT));
            expectReject(mad, RejectReason.INVALID_SERVICE_ID);
        }
        req(mad).serviceId(PORT);
        expectReject(mad, RejectReason.INVALID_SERVICE_ID);
    }

    @Test
    void n19ShouldConnectToItself() {
        server.connect(server, PORT);
        bench.settle();
        assertThat(server.engine.connections())
                .hasSize(2)
                .allMatch(it -> it.state() == CmState.ESTABLISHED);
        server.engine.disconnect(server.engine.connections().getFirst(), bench.now);
        bench.advance(3 * SECOND);
        assertThat(server.engine.retained()).isEqualTo(1);
    }

    @Test
    void n19ShouldConnectAndDisconnectBothWaysAtOnce() {
        client.listen(PORT);
        client.connect(server, PORT);
        server.connect(client, PORT);
        bench.settle();
        for (CmNode node : List.of(client, server)) {
            assertThat(node.engine.connections())
                    .hasSize(2)
                    .allMatch(it -> it.state() == CmState.ESTABLISHED);
        }
        for (CmNode node : List.of(client, server)) {
            node.engine.connections().forEach(it -> node.engine.disconnect(it, bench.now));
        }
        bench.settle();
        for (CmNode node : List.of(client, server)) {
            assertThat(node.told(CmNotice.Disconnected.class)).hasSize(2);
        }
        bench.advance(3 * SECOND);
        assertThat(client.engine.retained()).isEqualTo(1);
        assertThat(server.engine.retained()).isEqualTo(1);
    }

    @Test
    void n20ShouldFailInTimeWhenTheLinkTakesNothing() {
        client.hasRoom = false;
        client.connect(server, PORT);
        bench.advance(99 * SECOND);
        assertThat(client.told(CmNotice.TimedOut.class)).hasSize(1);
        assertThat(client.count(CmCounter.DROPPED_NO_ROOM)).isGreaterThanOrEqualTo(16);
        bench.drain();
        assertThat(client.engine.retained()).isZero();
    }

    @Test
    void n21ShouldRefuseARequestOfAConnectionInTimewait() {
        CmConnection connection = connected();
        MemorySegment request = copy(last(CmAttribute.REQ));
        client.engine.disconnect(connection, bench.now);
        bench.settle();
        bench.sent.clear();
        server.receive(request, client.gid);
        assertThat(bench.attributes()).containsExactly(CmAttribute.REJ);
        assertThat(server.told(CmNotice.RequestReceived.class)).hasSize(1);
    }

    @Test
    void n22ShouldMakeNothingOfAnOldSession() {
        connected();
        client.engine.disconnect(client.only(), bench.now);
        bench.settle();
        List<CmBench.Mad> session =
                bench.sent.stream().filter(it -> it.to().equals(server.gid)).toList();
        CmNode restarted = bench.node("10.0.0.2");
        restarted.listen(PORT);
        bench.fault = _ -> 0;
        session.forEach(it -> restarted.receive(it.bytes(), it.from()));
        assertThat(restarted.told(CmNotice.Established.class)).isEmpty();
        bench.drain();
        assertThat(restarted.engine.retained()).isEqualTo(1);
    }

    @Test
    void n23ShouldDropSegmentsOfReliableTransactions() {
        MemorySegment rmpp = MemorySegment.ofArray(new byte[256]);
        // A data segment of subnet administration.
        new MadHeaderFlyweight().wrap(rmpp, 0).baseVersion(1).managementClass(3).classVersion(2);
        new MadHeaderFlyweight().wrap(rmpp, 0).method(0x92).attributeId(0x35);
        expectDropped(rmpp, client, CmCounter.DROPPED_HEADER);
    }

    /// The Q_Key and the P_Key of the packet are checked by queue pair 1.
    @Test
    void n25ShouldRefuseAnotherPartition() {
        MemorySegment mad = heldRequest();
        req(mad).partitionKey(0x1234);
        expectReject(mad, RejectReason.UNSUPPORTED);
        req(mad).partitionKey(0x7fff);
        server.receive(mad, client.gid);
        assertThat(server.told(CmNotice.RequestReceived.class)).hasSize(1);
    }

    @Test
    void n26ShouldSendOnceWhenTheClockJumps() {
        bench.fault = _ -> 0;
        client.connect(server, PORT);
        bench.sent.clear();
        bench.now += 3_600 * SECOND;
        client.engine.onTimer(bench.now);
        assertThat(bench.attributes()).containsExactly(CmAttribute.REQ);
        assertThat(client.engine.nextDeadline()).isGreaterThan(bench.now);
        bench.sent.clear();
        client.engine.onTimer(bench.now - 1_800 * SECOND);
        assertThat(bench.sent).isEmpty();
        bench.fault = _ -> 1;
        bench.advance(7 * SECOND);
        assertThat(client.only().state()).isEqualTo(CmState.ESTABLISHED);
        assertThat(bench.now % MILLISECOND).isZero();
    }

    /// Its own side may use a queue pair again before ours is out of timewait.
    @Test
    void n21ShouldTakeTheQueuePairOfAConnectionInTimewaitForAnother() {
        CmConnection connection = connected();
        MemorySegment request = copy(last(CmAttribute.REQ));
        client.engine.disconnect(connection, bench.now);
        bench.settle();
        req(request).localCommunicationId(0x1234_5678);
        server.receive(request, client.gid);
        assertThat(server.told(CmNotice.RequestReceived.class)).hasSize(2);
    }

    @Test
    void n16ShouldCountRequestsThatAreOverNoMore() {
        server.accepts = false;
        server.engine.listen(PortSpace.TCP.serviceId(99), Optional.empty(), 1, server::onNotice);
        for (int i = 0; i < 3; i++) {
            CmConnection connection = client.connect(server, 99);
            bench.settle();
            client.engine.abandon(connection, bench.now);
            bench.settle();
        }
        assertThat(server.told(CmNotice.RequestReceived.class)).hasSize(3);
        assertThat(server.count(CmCounter.REFUSED_BACKLOG)).isZero();
    }
}
