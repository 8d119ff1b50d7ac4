package org.softverbs.soft.rdmacm;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.softverbs.cm.CmEvent;
import org.softverbs.cm.CmEventType;
import org.softverbs.cm.ConnectionId;
import org.softverbs.cm.ConnectionIdState;
import org.softverbs.cm.ConnectionOptions;
import org.softverbs.cm.ConnectionParameters;
import org.softverbs.cm.DatagramPeer;
import org.softverbs.cm.EventChannel;
import org.softverbs.cm.PortSpace;
import org.softverbs.cm.PrivateData;
import org.softverbs.cm.RejectReason;
import org.softverbs.junit.FabricNodes;
import org.softverbs.soft.wire.mad.CmAttribute;
import org.softverbs.verbs.AsyncEventType;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.MemoryRegion;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.ReceiveWorkRequest;
import org.softverbs.verbs.SendFlag;
import org.softverbs.verbs.SendWorkRequest;
import org.softverbs.verbs.WorkCompletion;

/// IDs from their first verb to their last event, with real queue pairs.
class ConnectionIdTest extends ConnectionFixture {

    @Test
    void shouldConnectAndTellPrivateDataAndAddresses() {
        server.listen(PortSpace.TCP);
        ConnectionId asking =
                connecting(
                        ConnectionParameters.builder()
                                .privateData(data("ping"))
                                .responderResources(2)
                                .initiatorDepth(1)
                                .build());
        CmEvent request = server.next(CmEventType.CONNECT_REQUEST);
        ConnectionId asked = request.id();
        server.ids.add(asked);
        assertThat(request.listener()).contains(server.ids.getFirst());
        assertThat(request.privateData().length()).isEqualTo(56);
        assertThat(request.privateData().startsWith("ping".getBytes(US_ASCII))).isTrue();
        assertThat(request.parameters().responderResources()).isEqualTo(1);
        assertThat(request.parameters().initiatorDepth()).isEqualTo(2);
        assertThat(asked.peerAddress()).isEqualTo(asking.localAddress());
        assertThat(asked.localAddress()).isEqualTo(asking.peerAddress());
        asked.createQueuePair(server.domain, server.options());
        asked.accept(ConnectionParameters.with(data("pong")));
        CmEvent established = client.next(CmEventType.ESTABLISHED);
        assertThat(established.privateData().startsWith("pong".getBytes(US_ASCII))).isTrue();
        server.next(CmEventType.ESTABLISHED);
        assertThat(asking.state()).isEqualTo(ConnectionIdState.ESTABLISHED);
        QueuePair queuePair = asking.queuePair().orElseThrow();
        assertThat(queuePair.state()).isEqualTo(QueuePairState.RTS);
        assertThat(queuePair.query().maxDestinationReadAtomic()).isEqualTo(2);
        assertThat(queuePair.query().maxReadAtomic()).isEqualTo(1);
        assertThat(queuePair.query().timeout()).isEqualTo(19);
    }

    @Test
    void shouldCarryMessagesBothWays(FabricNodes fabric) {
        Pair pair = connected();
        for (boolean fromClient : new boolean[] {true, false}) {
            Side from = fromClient ? client : server;
            Side to = fromClient ? server : client;
            ConnectionId sender = fromClient ? pair.client() : pair.server();
            ConnectionId receiver = fromClient ? pair.server() : pair.client();
            MemoryRegion source = from.region();
            MemoryRegion target = to.region();
            source.segment().fill((byte) 0x5a);
            receiver.queuePair()
                    .orElseThrow()
                    .postReceive(new ReceiveWorkRequest(7, target.element()));
            sender.queuePair()
                    .orElseThrow()
                    .postSend(
                            new SendWorkRequest.Send(
                                    9, List.of(source.element()), EnumSet.of(SendFlag.SIGNALED)));
            List<WorkCompletion> done = new ArrayList<>();
            fabric.await(() -> done.addAll(to.completions.poll(1)));
            fabric.await(() -> done.addAll(from.completions.poll(1)));
            assertThat(done).hasSize(2).allMatch(WorkCompletion::isSuccess);
            assertThat(target.segment().mismatch(source.segment())).isEqualTo(-1);
        }
    }

    /// As Linux has it: in the capture of ib_write_bw the active side's first packet has the
    /// starting PSN of the REP.
    @Test
    void shouldBeginWithTheStartingPsnOfThePeersMessage() {
        Pair pair = connected();
        int inRequest = startingPsn(CmAttribute.REQ, 44);
        int inReply = startingPsn(CmAttribute.REP, 20);
        QueuePairAttributes asking = pair.client().queuePair().orElseThrow().query();
        QueuePairAttributes asked = pair.server().queuePair().orElseThrow().query();
        assertThat(asking.sendPacketSequenceNumber()).isEqualTo(inReply);
        assertThat(asking.receivePacketSequenceNumber()).isEqualTo(inRequest);
        assertThat(asked.sendPacketSequenceNumber()).isEqualTo(inRequest);
        assertThat(asked.receivePacketSequenceNumber()).isEqualTo(inReply);
    }

    /// The 24 bits at an offset behind the header of the only message of its kind.
    private int startingPsn(CmAttribute attribute, long offset) {
        ValueLayout.OfShort u16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
        ValueLayout.OfInt u32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
        List<MemorySegment> found =
                wire.delivered.stream()
                        .filter(it -> it.get(u16, 16) == attribute.wireValue())
                        .toList();
        assertThat(found).hasSize(1);
        return found.getFirst().get(u32, 24 + offset) >>> 8;
    }

    @Test
    void shouldEndQueuePairsOfBothSidesByOneDisconnect() {
        Pair pair = connected();
        pair.client().disconnect();
        assertThat(client.next(CmEventType.DISCONNECTED).status()).isZero();
        assertThat(server.next(CmEventType.DISCONNECTED).explanation())
                .get()
                .asString()
                .contains("ended the connection");
        assertThat(pair.client().queuePair().orElseThrow().state()).isEqualTo(QueuePairState.ERR);
        assertThat(pair.server().queuePair().orElseThrow().state()).isEqualTo(QueuePairState.ERR);
        pair.server().disconnect();
        server.expectNothing();
        int number = pair.client().queuePair().orElseThrow().number();
        assertThat(client.device.engine.isInTimewait(number)).isTrue();
        wire.advance(3 * SECOND);
        client.next(CmEventType.TIMEWAIT_EXIT);
        server.next(CmEventType.TIMEWAIT_EXIT);
        assertThat(client.device.engine.isTaken(number)).isFalse();
    }

    @Test
    void shouldTellTheReasonAndDataOfAReject() {
        server.listen(PortSpace.TCP);
        ConnectionId asking = connecting(ConnectionParameters.DEFAULT);
        server.nextRequest().reject(RejectReason.CONSUMER_DEFINED, data("no"));
        CmEvent rejected = client.next(CmEventType.REJECTED);
        assertThat(rejected.rejectReason()).contains(RejectReason.CONSUMER_DEFINED);
        assertThat(rejected.privateData().startsWith("no".getBytes(US_ASCII))).isTrue();
        assertThat(asking.state()).isEqualTo(ConnectionIdState.DISCONNECTED);
    }

    @Test
    void shouldSayThatNobodyListens() {
        connecting(ConnectionParameters.DEFAULT);
        CmEvent rejected = client.next(CmEventType.REJECTED);
        assertThat(rejected.status()).isEqualTo(8);
        assertThat(rejected.explanation()).get().asString().contains("nobody listens");
    }

    @Test
    void shouldSayThatThePeerDoesNotAnswer() {
        server.listen(PortSpace.TCP);
        wire.isCut = true;
        ConnectionId id = resolved(PortSpace.TCP);
        id.createQueuePair(client.domain, client.options());
        id.options(ConnectionOptions.builder().maxRetries(1).responseTimeout(10).build());
        id.connect(ConnectionParameters.DEFAULT);
        wire.advance(10 * SECOND);
        CmEvent event = client.next(CmEventType.UNREACHABLE);
        assertThat(event.status()).isEqualTo(-Errno.ETIMEDOUT.number());
        assertThat(event.explanation()).get().asString().contains("sent 2 times");
    }

    @Test
    void shouldConnectAQueuePairThatTheProgramMadeItself() {
        server.listen(PortSpace.TCP);
        ConnectionId asking = resolved(PortSpace.TCP);
        QueuePair own = client.domain.createQueuePair(client.options());
        client.others.add(own);
        asking.connect(ConnectionParameters.builder().queuePairNumber(own.number()).build());
        ConnectionId asked = server.nextRequest();
        asked.createQueuePair(server.domain, server.options());
        asked.accept(ConnectionParameters.DEFAULT);
        CmEvent response = client.next(CmEventType.CONNECT_RESPONSE);
        assertThat(response.parameters().queuePairNumber())
                .hasValue(asked.queuePair().orElseThrow().number());
        for (QueuePairState state :
                List.of(QueuePairState.INIT, QueuePairState.RTR, QueuePairState.RTS)) {
            own.modify(asking.queuePairAttributes(state));
        }
        server.expectNothing();
        asking.establish();
        server.next(CmEventType.ESTABLISHED);
        assertThat(own.state()).isEqualTo(QueuePairState.RTS);
        assertThat(own.query().destinationQueuePairNumber())
                .isEqualTo(asked.queuePair().orElseThrow().number());
    }

    @Test
    void shouldTakeDataForTheLastMessage() {
        server.listen(PortSpace.TCP);
        ConnectionId asking = resolved(PortSpace.TCP);
        QueuePair own = client.domain.createQueuePair(client.options());
        client.others.add(own);
        asking.connect(ConnectionParameters.builder().queuePairNumber(own.number()).build());
        ConnectionId asked = server.nextRequest();
        asked.createQueuePair(server.domain, server.options());
        asked.accept(ConnectionParameters.DEFAULT);
        asked.notifyOf(AsyncEventType.SQ_DRAINED);
        server.expectNothing();
        asked.notifyOf(AsyncEventType.COMM_EST);
        server.next(CmEventType.ESTABLISHED);
        client.next(CmEventType.CONNECT_RESPONSE);
    }

    @Test
    void shouldTellTheQueuePairOfADatagramService() {
        server.listen(PortSpace.UDP);
        ConnectionId asking = resolved(PortSpace.UDP);
        asking.connect(ConnectionParameters.with(data("who")));
        CmEvent request = server.next(CmEventType.CONNECT_REQUEST);
        server.ids.add(request.id());
        assertThat(request.privateData().startsWith("who".getBytes(US_ASCII))).isTrue();
        request.id()
                .accept(
                        ConnectionParameters.builder()
                                .queuePairNumber(0x345)
                                .privateData(data("me"))
                                .build());
        server.expectNothing();
        CmEvent told = client.next(CmEventType.ESTABLISHED);
        DatagramPeer peer = told.datagramPeer().orElseThrow();
        assertThat(peer.queuePairNumber()).isEqualTo(0x345);
        assertThat(peer.queueKey()).isEqualTo(DatagramPeer.DEFAULT_QUEUE_KEY);
        assertThat(peer.addressVector().destinationGid()).isEqualTo(server.device.gid);
        assertThat(told.privateData().startsWith("me".getBytes(US_ASCII))).isTrue();
    }

    @Test
    void shouldSayThatADatagramServiceIsNotThereOrRefuses() {
        ConnectionId lost = resolved(PortSpace.UDP);
        lost.connect(ConnectionParameters.DEFAULT);
        assertThat(client.next(CmEventType.UNREACHABLE).status()).isEqualTo(1);
        server.listen(PortSpace.UDP);
        ConnectionId refused = resolved(PortSpace.UDP);
        refused.connect(ConnectionParameters.DEFAULT);
        server.nextRequest().reject(RejectReason.CONSUMER_DEFINED, PrivateData.EMPTY);
        assertThat(client.next(CmEventType.UNREACHABLE).status()).isEqualTo(2);
    }

    @Test
    void shouldJoinAndLeaveMulticastGroups() throws UnknownHostException {
        InetAddress group = InetAddress.getByName("239.9.9.9");
        ConnectionId id = client.newId(PortSpace.UDP);
        id.bind(client.address(0));
        id.joinMulticast(group);
        DatagramPeer peer = client.next(CmEventType.MULTICAST_JOIN).datagramPeer().orElseThrow();
        assertThat(peer.queuePairNumber()).isEqualTo(DatagramPeer.MULTICAST);
        assertThat(peer.addressVector().destinationGid().toInetAddress()).isEqualTo(group);
        assertThat(client.device.groups).hasSize(1);
        id.leaveMulticast(group);
        assertThat(client.device.groups).isEmpty();
        id.joinMulticast(group);
        client.next(CmEventType.MULTICAST_JOIN);
        id.close();
        assertThat(client.device.groups).as("left when closed").isEmpty();
    }

    @Test
    void shouldListenOnAllAddresses() {
        ConnectionId listener = server.newId(PortSpace.TCP);
        listener.bind(new InetSocketAddress(PORT));
        listener.listen(0);
        connecting(ConnectionParameters.DEFAULT);
        ConnectionId asked = server.nextRequest();
        assertThat(asked.device()).contains(server.device.context());
    }

    @Test
    void shouldCallAListenerThatDoesTheRest() {
        List<CmEventType> seen = new ArrayList<>();
        EventChannel channel = server.manager.createEventChannel();
        server.others.add(channel);
        channel.deliverTo(
                event -> {
                    seen.add(event.type());
                    if (event.type() == CmEventType.CONNECT_REQUEST) {
                        server.ids.add(event.id());
                        event.id().createQueuePair(server.domain, server.options());
                        event.id().accept(ConnectionParameters.DEFAULT);
                    }
                });
        ConnectionId listener = server.manager.createId(channel, PortSpace.TCP);
        server.ids.add(listener);
        listener.bind(server.address(PORT));
        listener.listen(8);
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
