package org.softverbs.soft.cm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.softverbs.soft.cm.CmBench.SECOND;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.softverbs.cm.PortSpace;
import org.softverbs.cm.RejectReason;
import org.softverbs.soft.wire.mad.CmAttribute;
import org.softverbs.soft.wire.mad.CmLoadAlternatePathFlyweight;
import org.softverbs.soft.wire.mad.CmMessageReceiptFlyweight;
import org.softverbs.soft.wire.mad.CmPathFlyweight;
import org.softverbs.soft.wire.mad.CmReadyToUseFlyweight;
import org.softverbs.soft.wire.mad.CmRejectFlyweight;
import org.softverbs.soft.wire.mad.CmReplyFlyweight;
import org.softverbs.soft.wire.mad.CmRequestFlyweight;
import org.softverbs.soft.wire.mad.IpCmHeaderFlyweight;
import org.softverbs.soft.wire.mad.MadHeaderFlyweight;

/// What a broken or hostile peer may say to the connection manager; the number of a test is its row
/// in `docs/bad-input.md`.
class CmBadInputTest extends BadInputBench {

    @Test
    void n01ShouldDropDatagramsThatAreNoMessages() {
        MemorySegment request = heldRequest();
        for (int length : new int[] {0, 1, 23, 24, 200, 255}) {
            expectDropped(request.asSlice(0, length), client, CmCounter.DROPPED_LENGTH);
        }
        expectDropped(MemorySegment.ofArray(new byte[257]), client, CmCounter.DROPPED_LENGTH);
        // Base version, class, class version, method.
        for (int field = 0; field < 4; field++) {
            for (int value = 0; value < 256; value++) {
                MemorySegment mad = copy(last(request));
                byte right = mad.get(ValueLayout.JAVA_BYTE, field);
                if (right != (byte) value) {
                    mad.set(ValueLayout.JAVA_BYTE, field, (byte) value);
                    expectDropped(mad, client, CmCounter.DROPPED_HEADER);
                }
            }
        }
        for (int attribute : new int[] {0, 1, 0x0f, 0x1b, 0x10 << 8, 0xffff}) {
            MemorySegment mad = copy(last(request));
            new MadHeaderFlyweight().wrap(mad, 0).attributeId(attribute);
            expectDropped(mad, client, CmCounter.DROPPED_ATTRIBUTE);
        }
        assertThat(server.engine.connectionCount()).isZero();
    }

    @Test
    void n02ShouldRefuseRequestsWhoseFieldsCannotBeMeant() {
        MemorySegment good = heldRequest();
        refuse(good, it -> it.localQpn(0), RejectReason.UNSUPPORTED);
        refuse(good, it -> it.localQpn(1), RejectReason.UNSUPPORTED);
        for (int mtu : new int[] {0, 4, 5, 6, 7, 15}) {
            refuse(good, it -> it.pathMtu(mtu), RejectReason.INVALID_MTU);
        }
        refuse(good, it -> it.transportService(2), RejectReason.INVALID_TRANSPORT_TYPE);
        refuse(good, it -> it.transportService(3), RejectReason.INVALID_TRANSPORT_TYPE);
        refuse(good, it -> it.extendedTransport(1), RejectReason.INVALID_TRANSPORT_TYPE);
        CmPathFlyweight path = new CmPathFlyweight();
        refuse(
                good,
                it -> it.primaryPath(path).remoteGid(stranger.gid.toBytes()),
                RejectReason.INVALID_GID);
        refuse(good, it -> it.primaryPath(path).remoteGid(new byte[16]), RejectReason.INVALID_GID);
        refuse(
                good,
                it -> it.primaryPath(path).localGid(stranger.gid.toBytes()),
                RejectReason.INVALID_GID);
    }

    private void refuse(
            MemorySegment good, Consumer<CmRequestFlyweight> change, RejectReason reason) {
        MemorySegment mad = copy(last(good));
        CmRequestFlyweight req = req(mad);
        req.primaryPath(new CmPathFlyweight());
        change.accept(req);
        expectReject(mad, reason);
    }

    @Test
    void n02ShouldTakeAnyPsnRetryCountAndResources() {
        MemorySegment mad = heldRequest();
        req(mad).startingPsn(0xff_ffff)
                .retryCount(7)
                .rnrRetryCount(0)
                .responderResources(0)
                .initiatorDepth(255)
                .maxCmRetries(0)
                .localResponseTimeout(31)
                .remoteResponseTimeout(0);
        bench.fault = _ -> 0;
        server.receive(mad, client.gid);
        assertThat(server.told(CmNotice.RequestReceived.class)).hasSize(1);
        bench.advance(9 * SECOND);
        assertThat(server.engine.connectionCount()).as("a REP waits 8 s at most").isZero();
    }

    @Test
    void n03ShouldRefuseItsOwnRequestThatComesBack() {
        client.listen(PORT);
        MemorySegment own = heldRequest();
        client.receive(own, server.gid);
        assertThat(client.told(CmNotice.RequestReceived.class)).isEmpty();
        assertThat(client.only().state()).isEqualTo(CmState.REQ_SENT);
        client.receive(own, client.gid);
        assertThat(client.told(CmNotice.RequestReceived.class)).isEmpty();
    }

    @Test
    void n04ShouldTakeARequestOnceAndNoOtherUnderItsId() {
        server.accepts = false;
        client.connect(server, PORT);
        bench.settle();
        MemorySegment again = copy(last(CmAttribute.REQ));
        bench.sent.clear();
        server.receive(again, client.gid);
        assertThat(bench.attributes()).containsExactly(CmAttribute.MRA);
        MemorySegment other = copy(last(again));
        req(other).localQpn(0x999);
        expectDropped(other, client, CmCounter.DROPPED_WRONG_FIELD);
        MemorySegment elsewhere = copy(last(again));
        req(elsewhere).serviceId(PortSpace.TCP.serviceId(PORT + 1));
        expectDropped(elsewhere, client, CmCounter.DROPPED_WRONG_FIELD);
        assertThat(server.told(CmNotice.RequestReceived.class)).hasSize(1);
    }

    @Test
    void n04ShouldRefuseAQueuePairThatHasAConnectionAndEndThatOne() {
        connected();
        MemorySegment mad = copy(last(CmAttribute.REQ));
        req(mad).localCommunicationId(0x1234_5678);
        bench.sent.clear();
        server.receive(mad, client.gid);
        assertThat(bench.attributes()).containsExactly(CmAttribute.REJ, CmAttribute.DREQ);
        assertThat(new CmRejectFlyweight().wrap(bench.sent.getFirst().message(), 0).reason())
                .isEqualTo(RejectReason.STALE_CONNECTION.code());
        assertThat(server.count(CmCounter.STALE_CONNECTIONS)).isEqualTo(1);
        bench.settle();
        assertThat(server.told(CmNotice.Disconnected.class)).hasSize(1);
    }

    /// The queue pair numbers of one peer say nothing of another's.
    @Test
    void n04ShouldNotEndAConnectionForAStrangerWhoNamesItsQueuePair() {
        CmConnection connection = connected();
        MemorySegment mad = copy(last(CmAttribute.REQ));
        req(mad).localCommunicationId(0x1234_5678).primaryPath(new CmPathFlyweight());
        CmPathFlyweight path = new CmPathFlyweight();
        req(mad).primaryPath(path);
        path.localGid(stranger.gid.toBytes());
        new IpCmHeaderFlyweight()
                .wrap(req(mad).privateData(), 0)
                .sourceAddress(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 3});
        server.receive(mad, stranger.gid);
        assertThat(server.count(CmCounter.STALE_CONNECTIONS)).isZero();
        assertThat(connection.state()).isEqualTo(CmState.ESTABLISHED);
    }

    @Test
    void n05ShouldRefuseAReplyToNothing() {
        connected();
        CmBench.Mad reply = last(CmAttribute.REP);
        MemorySegment unknown = copy(reply);
        new CmReplyFlyweight().wrap(unknown, 24).remoteCommunicationId(0x7777);
        bench.sent.clear();
        client.receive(unknown, server.gid);
        assertThat(bench.attributes()).containsExactly(CmAttribute.REJ);
        assertThat(client.count(CmCounter.DROPPED_UNKNOWN_CONNECTION)).isEqualTo(1);
        assertThat(client.only().state()).isEqualTo(CmState.ESTABLISHED);
    }

    @Test
    void n05ShouldTakeAReplyOnceAndFromItsPeerOnly() {
        client.takesReplies = false;
        server.accepts = false;
        CmConnection connection = client.connect(server, PORT);
        bench.settle();
        bench.fault = _ -> 0;
        server.engine.accept(server.only(), server.reply(), bench.now);
        CmBench.Mad reply = last(CmAttribute.REP);
        client.receive(reply.bytes(), stranger.gid);
        assertThat(client.count(CmCounter.DROPPED_WRONG_PEER)).isEqualTo(1);
        MemorySegment special = copy(reply);
        new CmReplyFlyweight().wrap(special, 24).localQpn(1);
        client.receive(special, server.gid);
        assertThat(client.count(CmCounter.DROPPED_WRONG_FIELD)).isEqualTo(1);
        assertThat(connection.state()).isEqualTo(CmState.REQ_SENT);
        client.receive(reply.bytes(), server.gid);
        client.receive(reply.bytes(), server.gid);
        MemorySegment other = copy(reply);
        new CmReplyFlyweight().wrap(other, 24).localCommunicationId(0x4242);
        client.receive(other, server.gid);
        assertThat(client.told(CmNotice.ReplyReceived.class)).hasSize(1);
        assertThat(client.count(CmCounter.DROPPED_WRONG_STATE)).isEqualTo(1);
    }

    @Test
    void n06ShouldTakeAReadyToUseForAReplyOnly() {
        server.accepts = false;
        CmConnection connection = client.connect(server, PORT);
        bench.settle();
        MemorySegment rtu = MemorySegment.ofArray(new byte[256]);
        new MadHeaderFlyweight().wrap(rtu, 0).initialize(CmAttribute.RTU, 1);
        new CmReadyToUseFlyweight()
                .wrap(rtu, 24)
                .localCommunicationId(connection.communicationId())
                .remoteCommunicationId(server.only().communicationId());
        expectDropped(rtu, client, CmCounter.DROPPED_WRONG_STATE);
        assertThat(server.only().state()).isEqualTo(CmState.REQ_RECEIVED);
        new CmReadyToUseFlyweight().wrap(rtu, 24).remoteCommunicationId(3);
        expectDropped(rtu, client, CmCounter.DROPPED_UNKNOWN_CONNECTION);
    }

    @Test
    void n07ShouldNotEndWhatIsNotThereYet() {
        server.accepts = false;
        CmConnection connection = client.connect(server, PORT);
        bench.settle();
        CmConnection asked = server.only();
        MemorySegment dreq = disconnect(connection.communicationId(), asked.communicationId(), 0);
        expectDropped(dreq, client, CmCounter.DROPPED_WRONG_STATE);
        new MadHeaderFlyweight().wrap(dreq, 0).attributeId(CmAttribute.DREP.wireValue());
        expectDropped(dreq, client, CmCounter.DROPPED_WRONG_STATE);
        assertThat(asked.state()).isEqualTo(CmState.REQ_RECEIVED);
    }

    @Test
    void n07ShouldEndForTheRightPeerAndQueuePairAndOnce() {
        CmConnection connection = connected();
        CmConnection asked = server.only();
        int from = connection.communicationId();
        int to = asked.communicationId();
        int queuePair = asked.localQueuePair();
        expectDropped(disconnect(from, to, queuePair + 1), client, CmCounter.DROPPED_WRONG_FIELD);
        expectDropped(disconnect(from, to, queuePair), stranger, CmCounter.DROPPED_WRONG_PEER);
        assertThat(asked.state()).isEqualTo(CmState.ESTABLISHED);
        bench.sent.clear();
        for (int i = 0; i < 3; i++) {
            server.receive(disconnect(from, to, queuePair), client.gid);
        }
        assertThat(bench.attributes()).hasSize(3).containsOnly(CmAttribute.DREP);
        assertThat(server.told(CmNotice.Disconnected.class)).hasSize(1);
        // It is over here, says the answer to who asks for the end of what is not known.
        server.receive(disconnect(from, to + 1, queuePair), client.gid);
        assertThat(bench.sent.getLast().attribute()).isEqualTo(CmAttribute.DREP);
    }

    @Test
    void n08ShouldTakeEveryReasonAndClipTheAdditionalInformation() {
        for (int reason : new int[] {0, 1, 8, 28, 33, 34, 35, 36, 100, 0xffff}) {
            bench.fault = _ -> 0;
            CmConnection connection = client.connect(server, PORT);
            int id = connection.communicationId();
            client.receive(reject(0, id, reason, CmReject.Message.REQ), server.gid);
            CmReject reject = client.told(CmNotice.Rejected.class).getLast().reject();
            assertThat(reject.reason()).isEqualTo(reason);
            assertThat(reject.additionalInfo().length()).isEqualTo(72);
            assertThat(connection.state()).isEqualTo(CmState.CLOSED);
        }
        bench.drain();
        assertThat(client.engine.retained()).isZero();
    }

    @ParameterizedTest
    @EnumSource(names = {"REQ_SENT", "REP_RECEIVED", "ESTABLISHED", "DREQ_SENT", "TIMEWAIT"})
    void n08ShouldEndByARejectAtEveryStateOfTheSideThatAsked(CmState state) {
        CmConnection connection = inState(state);
        CmNotice[] before = client.notices.toArray(CmNotice[]::new);
        int remote = server.engine.connections().isEmpty() ? 0 : server.only().communicationId();
        int id = connection.communicationId();
        client.receive(reject(remote, id, 28, CmReject.Message.OTHER), stranger.gid);
        assertThat(connection.state()).as("from a stranger").isEqualTo(state);
        client.receive(reject(remote, id, 28, CmReject.Message.OTHER), server.gid);
        int told = state == CmState.TIMEWAIT ? 0 : 1;
        assertThat(client.notices).hasSize(before.length + told);
        assertThat(connection.state()).isIn(CmState.CLOSED, CmState.TIMEWAIT);
        bench.fault = _ -> 1;
        server.engine.connections().forEach(it -> server.engine.abandon(it, bench.now));
        bench.drain();
        assertThat(client.engine.retained()).isZero();
        assertThat(server.engine.retained()).isEqualTo(1);
    }

    private CmConnection inState(CmState state) {
        Set<CmState> silent = EnumSet.of(CmState.REQ_SENT);
        client.takesReplies = state != CmState.REP_RECEIVED;
        bench.fault = _ -> silent.contains(state) ? 0 : 1;
        CmConnection connection = client.connect(server, PORT);
        bench.settle();
        bench.fault = _ -> state == CmState.DREQ_SENT ? 0 : 1;
        if (state == CmState.DREQ_SENT || state == CmState.TIMEWAIT) {
            client.engine.disconnect(connection, bench.now);
            bench.settle();
        }
        assertThat(connection.state()).isEqualTo(state);
        return connection;
    }

    @Test
    void n08ShouldEndByARejectWhileTheRequestIsOpen() {
        server.accepts = false;
        CmConnection connection = client.connect(server, PORT);
        bench.settle();
        client.engine.abandon(connection, bench.now);
        bench.settle();
        assertThat(server.told(CmNotice.Rejected.class))
                .singleElement()
                .matches(it -> it.reject().reason() == RejectReason.TIMEOUT.code());
        assertThat(server.engine.retained()).isEqualTo(1);
    }

    @Test
    void n09ShouldHeedABoundedNumberOfReceipts() {
        bench.fault = _ -> 0;
        CmConnection connection = client.connect(server, PORT);
        MemorySegment mra = MemorySegment.ofArray(new byte[256]);
        new MadHeaderFlyweight().wrap(mra, 0).initialize(CmAttribute.MRA, 5);
        new CmMessageReceiptFlyweight()
                .wrap(mra, 24)
                .localCommunicationId(1)
                .remoteCommunicationId(connection.communicationId())
                .serviceTimeout(31);
        long start = bench.now;
        while (client.engine.connectionCount() > 0) {
            client.receive(mra, server.gid);
            bench.advance(SECOND);
        }
        assertThat(bench.now - start)
                .isLessThanOrEqualTo(CmLimits.DEFAULT.setupNanos() + 7 * SECOND);
        assertThat(client.count(CmCounter.DROPPED_MRA_LIMIT)).isPositive();
        assertThat(client.told(CmNotice.TimedOut.class)).hasSize(1);
    }

    @Test
    void n10ShouldRefuseAlternatePathsAndUnknownServices() {
        CmConnection connection = connected();
        MemorySegment lap = MemorySegment.ofArray(new byte[256]);
        new MadHeaderFlyweight().wrap(lap, 0).initialize(CmAttribute.LAP, 5);
        new CmLoadAlternatePathFlyweight()
                .wrap(lap, 24)
                .localCommunicationId(connection.communicationId())
                .remoteCommunicationId(server.only().communicationId());
        bench.sent.clear();
        server.receive(lap, client.gid);
        assertThat(bench.attributes()).containsExactly(CmAttribute.APR);
        new MadHeaderFlyweight().wrap(lap, 0).attributeId(CmAttribute.APR.wireValue());
        expectDropped(lap, client, CmCounter.DROPPED_WRONG_STATE);
        client.engine.askForService(
                client.gid,
                server.gid,
                PortSpace.UDP.serviceId(PORT),
                CmRequest.Timing.DEFAULT,
                CmNode.ipHeader(client.gid, server.gid, ""),
                client::onNotice,
                bench.now);
        bench.settle();
        assertThat(client.told(CmNotice.ServiceReplied.class))
                .singleElement()
                .matches(it -> it.reply().status() == CmServiceReply.UNSUPPORTED);
    }
}
