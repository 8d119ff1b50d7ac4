package org.softverbs.soft.cm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.soft.cm.CmBench.SECOND;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.softverbs.cm.PortSpace;
import org.softverbs.cm.PrivateData;
import org.softverbs.cm.RejectReason;
import org.softverbs.soft.wire.mad.CmAttribute;

/// Every message of a connection's life lost once, doubled once, late once, and lost for ever: the
/// connection is made, or both sides get a clean error in time; nothing is left at the end.
class CmLossTest {

    private static final int PORT = 7174;

    /// Sixteen REQs, 6.144 s apart.
    private static final long CONNECT_LIMIT = 98_304 * CmBench.MILLISECOND;

    /// Sixteen waits of 4.096 s for an RTU, behind a connect.
    private static final long SETUP_LIMIT = CONNECT_LIMIT + 65_536 * CmBench.MILLISECOND;

    /// Sixteen DREQs, 2.048 s apart.
    private static final long DISCONNECT_LIMIT = 32_768 * CmBench.MILLISECOND;

    private final CmBench bench = new CmBench(7);
    private final CmNode client = bench.node("10.0.0.1");
    private final CmNode server = bench.node("10.0.0.2");

    /// The first message of a kind meets a fault, or all of them do.
    private void onFirst(CmAttribute attribute, int copies) {
        boolean[] isDone = new boolean[1];
        bench.fault =
                mad -> {
                    if (mad.attribute() != attribute || isDone[0]) {
                        return 1;
                    }
                    isDone[0] = true;
                    return copies;
                };
    }

    private void onAll(CmAttribute attribute, int copies) {
        bench.fault = mad -> mad.attribute() == attribute ? copies : 1;
    }

    private CmConnection connect() {
        server.listen(PORT);
        CmConnection connection = client.connect(server, PORT);
        bench.advance(SETUP_LIMIT);
        return connection;
    }

    private void expectEstablishedOnce() {
        assertThat(client.only().state()).isEqualTo(CmState.ESTABLISHED);
        assertThat(server.only().state()).isEqualTo(CmState.ESTABLISHED);
        assertThat(client.told(CmNotice.ReplyReceived.class)).hasSize(1);
        assertThat(server.told(CmNotice.RequestReceived.class)).hasSize(1);
        assertThat(server.told(CmNotice.Established.class)).hasSize(1);
    }

    private void expectNothingLeft() {
        bench.drain();
        assertThat(client.engine.retained()).isZero();
        assertThat(server.engine.retained()).as("the listener").isEqualTo(1);
    }

    private void disconnectAndExpectNothingLeft(CmNode asking) {
        CmNode other = asking.equals(client) ? server : client;
        asking.engine.disconnect(asking.only(), bench.now);
        bench.advance(DISCONNECT_LIMIT + SECOND);
        assertThat(asking.told(CmNotice.Disconnected.class)).hasSize(1);
        assertThat(other.told(CmNotice.Disconnected.class)).hasSize(1);
        expectNothingLeft();
        assertThat(asking.told(CmNotice.TimewaitExited.class)).hasSize(1);
        assertThat(other.told(CmNotice.TimewaitExited.class)).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(names = {"REQ", "REP", "RTU"})
    void shouldConnectWhenAMessageIsLostOnce(CmAttribute attribute) {
        onFirst(attribute, 0);
        connect();
        expectEstablishedOnce();
        disconnectAndExpectNothingLeft(client);
    }

    @ParameterizedTest
    @EnumSource(names = {"REQ", "REP", "RTU"})
    void shouldConnectOnceWhenAMessageIsDoubled(CmAttribute attribute) {
        onAll(attribute, 2);
        connect();
        expectEstablishedOnce();
        disconnectAndExpectNothingLeft(server);
    }

    @ParameterizedTest
    @EnumSource(names = {"DREQ", "DREP"})
    void shouldDisconnectWhenAMessageIsLostOnce(CmAttribute attribute) {
        onFirst(attribute, 0);
        connect();
        disconnectAndExpectNothingLeft(client);
    }

    @ParameterizedTest
    @EnumSource(names = {"DREQ", "DREP"})
    void shouldDisconnectOnceWhenAMessageIsDoubled(CmAttribute attribute) {
        onAll(attribute, 2);
        connect();
        disconnectAndExpectNothingLeft(server);
    }

    @Test
    void shouldTellTheClientWhenNoRequestArrives() {
        onAll(CmAttribute.REQ, 0);
        server.listen(PORT);
        client.connect(server, PORT);
        bench.advance(CONNECT_LIMIT - SECOND);
        assertThat(client.notices).isEmpty();
        bench.advance(SECOND);
        assertThat(client.told(CmNotice.TimedOut.class))
                .singleElement()
                .matches(it -> it.message() == CmAttribute.REQ && it.tries() == 16);
        assertThat(server.notices).isEmpty();
        expectNothingLeft();
    }

    @Test
    void shouldTellBothWhenNoReplyArrives() {
        onAll(CmAttribute.REP, 0);
        connect();
        assertThat(failures(client)).hasSize(1);
        assertThat(failures(server)).hasSize(1);
        expectNothingLeft();
    }

    @Test
    void shouldTellBothWhenNoReadyToUseArrives() {
        onAll(CmAttribute.RTU, 0);
        connect();
        assertThat(server.told(CmNotice.TimedOut.class))
                .singleElement()
                .matches(it -> it.message() == CmAttribute.REP);
        assertThat(client.told(CmNotice.Rejected.class))
                .singleElement()
                .matches(it -> it.reject().reason() == RejectReason.TIMEOUT.code())
                .matches(it -> it.before() == CmState.ESTABLISHED);
        expectNothingLeft();
    }

    @Test
    void shouldAnswerARequestThatComesAgainAtOnce() {
        onFirst(CmAttribute.REP, 0);
        server.listen(PORT);
        client.connect(server, PORT);
        bench.settle();
        CmBench.Mad request = bench.sent.getFirst();
        bench.sent.clear();
        server.receive(request.bytes(), client.gid);
        assertThat(bench.attributes()).containsExactly(CmAttribute.REP);
        bench.settle();
        expectEstablishedOnce();
        disconnectAndExpectNothingLeft(client);
    }

    /// A side that gives up says so: the other need not wait for its own limit.
    @Test
    void shouldTellTheServerWhenTheClientGivesUp() {
        server.accepts = false;
        onAll(CmAttribute.MRA, 0);
        server.listen(PORT);
        client.connect(server, PORT);
        bench.advance(CONNECT_LIMIT + SECOND);
        assertThat(client.told(CmNotice.TimedOut.class)).hasSize(1);
        assertThat(server.told(CmNotice.Rejected.class))
                .singleElement()
                .matches(it -> it.reject().reason() == RejectReason.TIMEOUT.code());
        expectNothingLeft();
    }

    @Test
    void shouldTakeDataForAReadyToUse() {
        onAll(CmAttribute.RTU, 0);
        server.listen(PORT);
        client.connect(server, PORT);
        bench.settle();
        server.engine.communicationEstablished(server.only(), bench.now);
        bench.settle();
        expectEstablishedOnce();
        bench.advance(SETUP_LIMIT);
        disconnectAndExpectNothingLeft(client);
    }

    @Test
    void shouldTellBothWhenNoDisconnectRequestArrives() {
        onAll(CmAttribute.DREQ, 0);
        connect();
        client.engine.disconnect(client.only(), bench.now);
        bench.advance(DISCONNECT_LIMIT + SECOND);
        assertThat(client.told(CmNotice.TimedOut.class))
                .singleElement()
                .matches(it -> it.message() == CmAttribute.DREQ && it.tries() == 16);
        // The other side hears nothing: its data does, as the queue pair there is gone.
        assertThat(server.only().state()).isEqualTo(CmState.ESTABLISHED);
        server.engine.disconnect(server.only(), bench.now);
        bench.advance(DISCONNECT_LIMIT + SECOND);
        assertThat(server.told(CmNotice.TimedOut.class)).hasSize(1);
        expectNothingLeft();
    }

    @Test
    void shouldTellBothWhenNoDisconnectReplyArrives() {
        onAll(CmAttribute.DREP, 0);
        connect();
        client.engine.disconnect(client.only(), bench.now);
        bench.advance(DISCONNECT_LIMIT + SECOND);
        assertThat(client.told(CmNotice.TimedOut.class)).hasSize(1);
        assertThat(server.told(CmNotice.Disconnected.class)).hasSize(1);
        expectNothingLeft();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void shouldRejectOnceWhenTheRejectIsLostOrDoubled(int copies) {
        server.accepts = false;
        onFirst(CmAttribute.REJ, copies);
        server.listen(PORT);
        client.connect(server, PORT);
        bench.settle();
        server.engine.reject(
                server.only(),
                RejectReason.CONSUMER_DEFINED,
                PrivateData.EMPTY,
                PrivateData.of((byte) 42),
                bench.now);
        bench.advance(CONNECT_LIMIT);
        assertThat(client.told(CmNotice.Rejected.class))
                .singleElement()
                .matches(it -> it.reject().reason() == RejectReason.CONSUMER_DEFINED.code())
                .matches(it -> it.reject().privateData().startsWith((byte) 42));
        assertThat(server.told(CmNotice.RequestReceived.class)).hasSize(1);
        expectNothingLeft();
    }

    @Test
    void shouldTellBothWhenNoRejectArrives() {
        server.accepts = false;
        onAll(CmAttribute.REJ, 0);
        server.listen(PORT);
        client.connect(server, PORT);
        bench.settle();
        server.engine.reject(
                server.only(),
                RejectReason.CONSUMER_DEFINED,
                PrivateData.EMPTY,
                PrivateData.EMPTY,
                bench.now);
        bench.advance(CONNECT_LIMIT);
        assertThat(client.told(CmNotice.TimedOut.class)).hasSize(1);
        expectNothingLeft();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void shouldWaitForASlowAcceptWhateverBecomesOfItsReceipts(int copies) {
        server.accepts = false;
        onAll(CmAttribute.MRA, copies);
        server.listen(PORT);
        client.connect(server, PORT);
        bench.advance(60 * SECOND);
        assertThat(bench.attributes()).contains(CmAttribute.MRA);
        server.engine.accept(server.only(), server.reply(), bench.now);
        bench.settle();
        expectEstablishedOnce();
        disconnectAndExpectNothingLeft(client);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void shouldWaitForASlowTakerOfRepliesWhateverBecomesOfItsReceipts(int copies) {
        client.takesReplies = false;
        onAll(CmAttribute.MRA, copies);
        server.listen(PORT);
        client.connect(server, PORT);
        bench.advance(50 * SECOND);
        assertThat(bench.attributes()).contains(CmAttribute.MRA);
        client.engine.readyToUse(client.only(), PrivateData.EMPTY, bench.now);
        bench.settle();
        expectEstablishedOnce();
        disconnectAndExpectNothingLeft(client);
    }

    @Test
    void shouldTellBothWhenNobodyTakesTheReply() {
        client.takesReplies = false;
        server.listen(PORT);
        client.connect(server, PORT);
        bench.advance(600 * SECOND);
        assertThat(failures(client)).hasSize(1);
        assertThat(failures(server)).hasSize(1);
        expectNothingLeft();
    }

    @Test
    void shouldTellBothWhenNobodyAccepts() {
        server.accepts = false;
        server.listen(PORT);
        client.connect(server, PORT);
        bench.advance(600 * SECOND);
        assertThat(failures(client)).hasSize(1);
        assertThat(failures(server)).hasSize(1);
        expectNothingLeft();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void shouldTellAServiceOnceWhenAMessageIsLostOrDoubled(int copies) {
        for (CmAttribute attribute : List.of(CmAttribute.SIDR_REQ, CmAttribute.SIDR_REP)) {
            client.notices.clear();
            server.notices.clear();
            onFirst(attribute, copies);
            CmListener listener = askForService();
            bench.advance(10 * SECOND);
            assertThat(client.told(CmNotice.ServiceReplied.class))
                    .singleElement()
                    .matches(it -> it.reply().queuePair() == 0x77);
            assertThat(server.told(CmNotice.ServiceRequested.class)).hasSize(1);
            expectNothingLeft();
            server.engine.stopListening(listener, bench.now);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SIDR_REQ", "SIDR_REP"})
    void shouldTellTheClientWhenAServiceNeverAnswers(CmAttribute attribute) {
        onAll(attribute, 0);
        askForService();
        bench.advance(16 * 4_096 * CmBench.MILLISECOND);
        assertThat(client.told(CmNotice.TimedOut.class))
                .singleElement()
                .matches(it -> it.message() == CmAttribute.SIDR_REQ && it.tries() == 16);
        expectNothingLeft();
    }

    private CmListener askForService() {
        long service = PortSpace.UDP.serviceId(PORT);
        CmListener listener = server.engine.listen(service, Optional.empty(), 8, server::onNotice);
        client.engine.askForService(
                client.gid,
                server.gid,
                service,
                CmRequest.Timing.DEFAULT,
                CmNode.ipHeader(client.gid, server.gid, "udp"),
                client::onNotice,
                bench.now);
        return listener;
    }

    /// Both sides give up a connection at every state that they can be in, with every message lost
    /// from then on, and with none.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldLeaveNothingWhenEitherSideGoesAwayAtAnyState(boolean isSilent) {
        Set<CmState> seen = EnumSet.noneOf(CmState.class);
        for (int datagrams = 0; datagrams < 6; datagrams++) {
            for (boolean clientGoes : new boolean[] {true, false}) {
                CmBench own = new CmBench(datagrams);
                CmNode one = own.node("10.0.0.1");
                CmNode two = own.node("10.0.0.2");
                two.listen(PORT);
                int passing = datagrams;
                own.fault = mad -> own.sent.size() <= passing ? 1 : 0;
                one.connect(two, PORT);
                own.settle();
                CmNode leaving = clientGoes ? one : two;
                for (CmConnection connection : leaving.engine.connections()) {
                    seen.add(connection.state());
                    leaving.engine.abandon(connection, own.now);
                }
                own.fault = mad -> isSilent ? 0 : 1;
                own.advance(SETUP_LIMIT);
                for (CmNode node : List.of(one, two)) {
                    node.engine.connections().forEach(it -> node.engine.abandon(it, own.now));
                }
                own.drain();
                assertThat(one.engine.retained()).isZero();
                assertThat(two.engine.retained()).isEqualTo(1);
            }
        }
        assertThat(seen).contains(CmState.REQ_SENT, CmState.REP_SENT, CmState.ESTABLISHED);
    }

    private static List<CmNotice> failures(CmNode node) {
        return node.notices.stream()
                .filter(
                        it ->
                                it instanceof CmNotice.TimedOut
                                        || it instanceof CmNotice.Rejected
                                        || it instanceof CmNotice.Ended)
                .toList();
    }
}
