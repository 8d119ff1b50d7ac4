package org.softverbs.soft.rdmacm;

import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.softverbs.cm.CmEventType;
import org.softverbs.cm.ConnectionIdState;
import org.softverbs.cm.ConnectionOptions;
import org.softverbs.cm.ConnectionParameters;
import org.softverbs.cm.ConnectionRoute;
import org.softverbs.cm.DatagramPeer;
import org.softverbs.cm.PortSpace;
import org.softverbs.cm.PrivateData;
import org.softverbs.cm.RejectReason;
import org.softverbs.soft.cm.CmConnection;
import org.softverbs.soft.cm.CmNotice;
import org.softverbs.soft.cm.CmReply;
import org.softverbs.soft.cm.CmRequest;
import org.softverbs.soft.cm.CmServiceReply;
import org.softverbs.soft.cm.TransportService;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.DeviceAttributes;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.GidEntry;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePair;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;
import org.softverbs.verbs.QueuePairType;
import org.softverbs.verbs.VerbsException;

/// What an ID says to its peer and hears from it, by the engine of its device, and what its queue
/// pair does about it. Called by the owner, with the lock of the ID.
final class Conversation {

    /// How long a packet is under way at most, as a code: 1.07 s, as Linux assumes on RoCE.
    static final int PACKET_LIFETIME = 18;

    private static final int PORT = 1;

    /// How long this side says it takes to acknowledge a packet: 134 ms, as rxe says.
    private static final int TARGET_ACK_DELAY = 15;

    private static final int QUEUE_PAIR_BITS = 24;

    /// States in which a queue pair sends and receives nothing.
    private static final Set<QueuePairState> STOPPED =
            EnumSet.of(QueuePairState.RESET, QueuePairState.ERR);

    private final SoftConnectionId id;
    private @Nullable CmConnection connection;
    private @Nullable CmRequest asked;
    private @Nullable Negotiation negotiation;
    private volatile boolean isTaken;
    private int queueKey = DatagramPeer.DEFAULT_QUEUE_KEY;

    Conversation(SoftConnectionId id) {
        this.id = id;
    }

    int queueKey() {
        return queueKey;
    }

    void connect(ConnectionParameters parameters) {
        id.require("connect", ConnectionIdState.ROUTE_RESOLVED);
        CmDevice device = id.requireDevice("connect");
        ConnectionRoute route = id.requireRoute("connect");
        requireAddress(device, route);
        if (id.portSpace().isDatagram()) {
            askForService(device, route, parameters);
        } else {
            asked = newRequest(device, route, parameters);
            connection = device.engine().connect(asked, this::onNotice, device.nanoTime());
        }
        id.move(ConnectionIdState.CONNECTING);
    }

    /// A request from an address that is gone would never be answered.
    private static void requireAddress(CmDevice device, ConnectionRoute route) {
        if (device.context().gidTable(PORT).stream()
                .map(GidEntry::gid)
                .noneMatch(route.localGid()::equals)) {
            throw new VerbsException(
                    Errno.EADDRNOTAVAIL,
                    "connect",
                    "address %s is gone from its device".formatted(route.localGid()));
        }
    }

    private CmRequest newRequest(
            CmDevice device, ConnectionRoute route, ConnectionParameters parameters) {
        DeviceAttributes limits = device.context().queryDevice();
        ConnectionOptions options = id.options();
        AddressVector way = route.addressVector();
        return new CmRequest(
                route.localGid(),
                route.remoteGid(),
                id.portSpace().serviceId(peer().getPort()),
                isReliable()
                        ? TransportService.RELIABLE_CONNECTION
                        : TransportService.UNRELIABLE_CONNECTION,
                end(device, parameters, "connect"),
                new CmRequest.Options(
                        Math.min(
                                parameters.responderResources(), limits.maxDestinationReadAtomic()),
                        Math.min(parameters.initiatorDepth(), limits.maxReadAtomic()),
                        parameters.retryCount(),
                        parameters.rnrRetryCount(),
                        parameters.flowControl(),
                        route.pathMtu().number(),
                        way.flowLabel(),
                        way.trafficClass(),
                        way.hopLimit(),
                        way.serviceLevel()),
                timing(options),
                withAddresses(route, parameters.privateData()));
    }

    private static CmRequest.Timing timing(ConnectionOptions options) {
        return new CmRequest.Timing(
                options.responseTimeout(),
                options.responseTimeout(),
                options.maxRetries(),
                options.ackTimeout(),
                PACKET_LIFETIME);
    }

    private PrivateData withAddresses(ConnectionRoute route, PrivateData user) {
        int port = id.localAddress().orElseThrow().getPort();
        return IpAddresses.with(route.localGid(), port, route.remoteGid(), user);
    }

    private InetSocketAddress peer() {
        return id.peerAddress().orElseThrow();
    }

    private boolean isReliable() {
        return id.queuePair().map(it -> it.type() == QueuePairType.RC).orElse(true);
    }

    private CmRequest.QueuePairEnd end(
            CmDevice device, ConnectionParameters parameters, String verb) {
        int psn =
                negotiation == null ? device.randomBits(QUEUE_PAIR_BITS) : negotiation.receivePsn();
        return new CmRequest.QueuePairEnd(
                queuePairNumber(parameters, verb), psn, parameters.srq(), 0);
    }

    private int queuePairNumber(ConnectionParameters parameters, String verb) {
        return id.queuePair()
                .map(QueuePair::number)
                .or(() -> parameters.queuePairNumber().stream().boxed().findFirst())
                .orElseThrow(
                        () ->
                                new VerbsException(
                                        Errno.EINVAL,
                                        verb,
                                        id + " has no queue pair, and none is given"));
    }

    private void askForService(
            CmDevice device, ConnectionRoute route, ConnectionParameters parameters) {
        connection =
                device.engine()
                        .askForService(
                                route.localGid(),
                                route.remoteGid(),
                                PortSpace.UDP.serviceId(peer().getPort()),
                                timing(id.options()),
                                withAddresses(route, parameters.privateData()),
                                this::onNotice,
                                device.nanoTime());
    }

    void establish() {
        id.require("establish", ConnectionIdState.RESPONDED);
        CmDevice device = id.requireDevice("establish");
        device.engine().readyToUse(requireConnection(), PrivateData.EMPTY, device.nanoTime());
        id.move(ConnectionIdState.ESTABLISHED);
    }

    /// An ID begins with a request.
    SoftCmEvent begin(SoftConnectionId listener, CmDevice device, CmNotice notice) {
        connection = notice.connection();
        connection.tell(this::onNotice);
        return switch (notice) {
            case CmNotice.RequestReceived(_, _, CmRequest request) ->
                    requested(listener, device, request);
            case CmNotice.ServiceRequested(_, _, long serviceId, PrivateData data) ->
                    serviceRequested(listener, device, serviceId, data);
            case CmNotice.ReplyReceived _,
                    CmNotice.Established _,
                    CmNotice.Rejected _,
                    CmNotice.Ended _,
                    CmNotice.TimedOut _,
                    CmNotice.Disconnected _,
                    CmNotice.TimewaitExited _,
                    CmNotice.ServiceReplied _ ->
                    throw new IllegalStateException("a listener is told of " + notice);
        };
    }

    private SoftCmEvent requested(SoftConnectionId listener, CmDevice device, CmRequest request) {
        Mtu active = device.context().queryPort(PORT).activeMtu();
        int index = gidIndex(device, request.remoteGid());
        ConnectionRoute route = Negotiation.routeOf(request, index, active);
        int psn = device.randomBits(QUEUE_PAIR_BITS);
        asked = request;
        negotiation = Negotiation.ofRequest(request, route, psn, device.context());
        id.addresses(
                new InetSocketAddress(
                        request.remoteGid().toInetAddress(), PortSpace.portOf(request.serviceId())),
                IpAddresses.source(request.localGid(), request.privateData()),
                route);
        return SoftCmEvent.of(CmEventType.CONNECT_REQUEST, id)
                .listener(listener)
                .parameters(
                        negotiation.parameters(
                                request.options().flowControl(),
                                request.queuePair().srq(),
                                IpAddresses.user(request.privateData())))
                .build();
    }

    private SoftCmEvent serviceRequested(
            SoftConnectionId listener, CmDevice device, long serviceId, PrivateData data) {
        CmConnection exchange = requireConnection();
        Mtu active = device.context().queryPort(PORT).activeMtu();
        int index = gidIndex(device, exchange.localGid());
        id.addresses(
                new InetSocketAddress(
                        exchange.localGid().toInetAddress(), PortSpace.portOf(serviceId)),
                IpAddresses.source(exchange.remoteGid(), data),
                new ConnectionRoute(
                        exchange.localGid(),
                        new AddressVector(exchange.remoteGid(), index),
                        active,
                        PACKET_LIFETIME));
        return SoftCmEvent.of(CmEventType.CONNECT_REQUEST, id)
                .listener(listener)
                .parameters(ConnectionParameters.with(IpAddresses.user(data)))
                .build();
    }

    private static int gidIndex(CmDevice device, GlobalIdentifier gid) {
        return device.context().gidTable(PORT).stream()
                .filter(it -> it.gid().equals(gid))
                .findFirst()
                .map(GidEntry::index)
                .orElse(0);
    }

    /// The program has the request.
    void taken() {
        isTaken = true;
        CmConnection taken = connection;
        if (taken != null) {
            CmDevice device = id.requireDevice("await");
            device.run(() -> device.engine().taken(taken));
        }
    }

    void accept(ConnectionParameters parameters) {
        id.require("accept", ConnectionIdState.REQUESTED);
        CmDevice device = id.requireDevice("accept");
        if (id.portSpace().isDatagram()) {
            int key = parameters.queueKey().orElse(queueKey);
            CmServiceReply reply =
                    new CmServiceReply(
                            CmServiceReply.SUCCESS,
                            queuePairNumber(parameters, "accept"),
                            key,
                            parameters.privateData());
            device.engine().answer(requireConnection(), reply, device.nanoTime());
            id.move(ConnectionIdState.ESTABLISHED);
            return;
        }
        negotiation = requireNegotiation("accept").within(parameters);
        CmReply reply =
                new CmReply(
                        end(device, parameters, "accept"),
                        negotiation.responderResources(),
                        negotiation.initiatorDepth(),
                        TARGET_ACK_DELAY,
                        parameters.rnrRetryCount(),
                        parameters.flowControl(),
                        parameters.privateData());
        // The peer may send as soon as it has the reply.
        id.queuePair().ifPresent(this::makeReady);
        device.engine().accept(requireConnection(), reply, device.nanoTime());
        id.move(ConnectionIdState.CONNECTING);
    }

    void reject(RejectReason reason, PrivateData privateData) {
        id.require("reject", ConnectionIdState.REQUESTED, ConnectionIdState.RESPONDED);
        CmDevice device = id.requireDevice("reject");
        if (id.portSpace().isDatagram()) {
            CmServiceReply reply = new CmServiceReply(CmServiceReply.REJECTED, 0, 0, privateData);
            device.engine().answer(requireConnection(), reply, device.nanoTime());
        } else {
            device.engine()
                    .reject(
                            requireConnection(),
                            reason,
                            PrivateData.EMPTY,
                            privateData,
                            device.nanoTime());
        }
        fail();
    }

    void communicationEstablished() {
        CmConnection current = connection;
        if (current != null) {
            CmDevice device = id.requireDevice("notifyOf");
            device.engine().communicationEstablished(current, device.nanoTime());
        }
    }

    QueuePairAttributes attributes(QueuePairState next) {
        boolean reliable = isReliable();
        return switch (next) {
            case INIT -> Negotiation.toInit();
            case RTR -> requireNegotiation("queuePairAttributes").toReadyToReceive(reliable);
            case RTS -> requireNegotiation("queuePairAttributes").toReadyToSend(reliable);
            case RESET, SQD, SQE, ERR ->
                    throw new VerbsException(
                            Errno.EINVAL,
                            "queuePairAttributes",
                            "a connection leads to INIT, RTR and RTS, not to " + next);
        };
    }

    void disconnect() {
        id.require(
                "disconnect",
                ConnectionIdState.CONNECTING,
                ConnectionIdState.ESTABLISHED,
                ConnectionIdState.DISCONNECTING,
                ConnectionIdState.DISCONNECTED);
        if (id.portSpace().isDatagram()
                || id.state() == ConnectionIdState.DISCONNECTING
                || id.state() == ConnectionIdState.DISCONNECTED) {
            return;
        }
        CmDevice device = id.requireDevice("disconnect");
        if (!device.engine().disconnect(requireConnection(), device.nanoTime())) {
            throw new VerbsException(
                    Errno.EINVAL, "disconnect", id + " has no connection to end yet");
        }
        stopQueuePair();
        id.move(ConnectionIdState.DISCONNECTING);
    }

    /// The ID is closed: what is under way is called off.
    void end() {
        CmConnection current = connection;
        if (current != null) {
            CmDevice device = id.requireDevice("closeConnectionId");
            device.engine().abandon(current, device.nanoTime());
            stopQueuePair();
        }
    }

    private void makeReady(QueuePair queuePair) {
        Negotiation agreed = requireNegotiation("modify");
        queuePair.modify(agreed.toReadyToReceive(isReliable()));
        queuePair.modify(agreed.toReadyToSend(isReliable()));
    }

    private void stopQueuePair() {
        if (id.portSpace().isDatagram()) {
            return;
        }
        id.queuePair()
                .filter(it -> isOpen(it) && !STOPPED.contains(it.state()))
                .ifPresent(it -> it.modify(QueuePairAttributes.to(QueuePairState.ERR)));
    }

    /// A program may have closed the queue pair before its ID.
    static boolean isOpen(QueuePair queuePair) {
        try {
            queuePair.query();
            return true;
        } catch (IllegalStateException closed) {
            return false;
        }
    }

    private void fail() {
        stopQueuePair();
        id.move(ConnectionIdState.DISCONNECTED);
    }

    private CmConnection requireConnection() {
        return Objects.requireNonNull(connection, "connection");
    }

    private Negotiation requireNegotiation(String verb) {
        Negotiation agreed = negotiation;
        if (agreed == null) {
            throw new VerbsException(
                    Errno.EINVAL, verb, id + " knows nothing of its peer's queue pair yet");
        }
        return agreed;
    }

    private void onNotice(CmNotice notice, long nowNanos) {
        id.locked(() -> take(notice, nowNanos));
    }

    private void take(CmNotice notice, long nowNanos) {
        switch (notice) {
            case CmNotice.ReplyReceived(_, CmReply reply) -> replied(reply, nowNanos);
            case CmNotice.Established(_, PrivateData data) -> {
                id.move(ConnectionIdState.ESTABLISHED);
                id.raise(
                        SoftCmEvent.of(CmEventType.ESTABLISHED, id)
                                .parameters(ConnectionParameters.with(data))
                                .build());
            }
            case CmNotice.Rejected rejected -> fail(FailureEvents.of(id, rejected));
            case CmNotice.Ended ended -> fail(FailureEvents.of(id, ended));
            case CmNotice.TimedOut timedOut -> fail(FailureEvents.of(id, timedOut));
            case CmNotice.Disconnected over -> fail(FailureEvents.of(id, over));
            case CmNotice.TimewaitExited _ -> id.raise(CmEventType.TIMEWAIT_EXIT);
            case CmNotice.ServiceReplied told -> serviceTold(told);
            case CmNotice.RequestReceived _, CmNotice.ServiceRequested _ ->
                    throw new IllegalStateException("a connection is told of " + notice);
        }
    }

    /// A request that is over before anybody took it never was: what a peer asks for must not pile
    /// up in the channel.
    private void fail(SoftCmEvent event) {
        if (id.state() == ConnectionIdState.REQUESTED && !isTaken && id.withdraw()) {
            return;
        }
        fail();
        id.raise(event);
    }

    private void replied(CmReply reply, long nowNanos) {
        CmRequest request = Objects.requireNonNull(asked, "request");
        negotiation = Negotiation.ofReply(reply, id.requireRoute("connect"), request, id.options());
        ConnectionParameters parameters =
                negotiation.parameters(
                        reply.flowControl(), reply.queuePair().srq(), reply.privateData());
        if (id.queuePair().isEmpty()) {
            id.move(ConnectionIdState.RESPONDED);
            id.raise(
                    SoftCmEvent.of(CmEventType.CONNECT_RESPONSE, id)
                            .parameters(parameters)
                            .build());
            return;
        }
        CmDevice device = id.requireDevice("connect");
        try {
            makeReady(id.queuePair().orElseThrow());
        } catch (VerbsException e) {
            device.engine()
                    .reject(
                            requireConnection(),
                            RejectReason.CONSUMER_DEFINED,
                            PrivateData.EMPTY,
                            PrivateData.EMPTY,
                            nowNanos);
            fail(
                    SoftCmEvent.of(CmEventType.CONNECT_ERROR, id)
                            .status(-e.errno().number())
                            .explanation(e.explain())
                            .build());
            return;
        }
        device.engine().readyToUse(requireConnection(), PrivateData.EMPTY, nowNanos);
        id.move(ConnectionIdState.ESTABLISHED);
        id.raise(SoftCmEvent.of(CmEventType.ESTABLISHED, id).parameters(parameters).build());
    }

    private void serviceTold(CmNotice.ServiceReplied told) {
        CmServiceReply reply = told.reply();
        if (reply.status() != CmServiceReply.SUCCESS) {
            fail(FailureEvents.of(id, told));
            return;
        }
        queueKey = reply.queueKey();
        AddressVector way = id.requireRoute("connect").addressVector();
        id.move(ConnectionIdState.ESTABLISHED);
        id.raise(
                SoftCmEvent.of(CmEventType.ESTABLISHED, id)
                        .parameters(ConnectionParameters.with(reply.privateData()))
                        .datagramPeer(new DatagramPeer(way, reply.queuePair(), reply.queueKey()))
                        .build());
    }
}
