package org.softverbs.soft.rdmacm;

import java.util.EnumSet;
import java.util.Set;
import org.softverbs.cm.ConnectionOptions;
import org.softverbs.cm.ConnectionParameters;
import org.softverbs.cm.ConnectionRoute;
import org.softverbs.cm.PrivateData;
import org.softverbs.soft.cm.CmReply;
import org.softverbs.soft.cm.CmRequest;
import org.softverbs.verbs.AccessFlag;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.DeviceAttributes;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.Mtu;
import org.softverbs.verbs.QueuePairAttributes;
import org.softverbs.verbs.QueuePairState;

/// What the two sides of a connection agreed on, as this side's queue pair needs it. What one side
/// serves is what the other may have outstanding.
///
/// @param route the path
/// @param remoteQueuePair the peer's queue pair
/// @param sendPsn PSN of this side's first packet: the starting PSN in the peer's message
/// @param receivePsn PSN of the peer's first packet: the starting PSN in this side's message
/// @param responderResources READs and atomics that this side serves at once
/// @param initiatorDepth READs and atomics that this side has outstanding
/// @param retries how long and how often this side's queue pair tries
record Negotiation(
        ConnectionRoute route,
        int remoteQueuePair,
        int sendPsn,
        int receivePsn,
        int responderResources,
        int initiatorDepth,
        Retries retries) {

    /// How long and how often a queue pair tries.
    record Retries(int ackTimeout, int retryCount, int rnrRetryCount) {}

    /// RNR timer code of queue pairs that IDs move: 0.64 ms. Linux leaves it at 0, 655 ms.
    private static final int RNR_TIMER = 12;

    /// What a peer says of its own ACK timeout is taken for this side's within these bounds: 67 ms
    /// and 8.6 s. Beyond, a queue pair would ask again all the time, or for ever.
    private static final int SHORTEST_ACK_TIMEOUT = 14;

    private static final int LONGEST_ACK_TIMEOUT = 21;

    private static final int PORT = 1;

    /// What a request says, seen from the side that got it.
    ///
    /// @param localPsn the starting PSN of this side's reply
    static Negotiation ofRequest(
            CmRequest request, ConnectionRoute route, int localPsn, DeviceContext device) {
        DeviceAttributes limits = device.queryDevice();
        CmRequest.Options options = request.options();
        return new Negotiation(
                route,
                request.queuePair().number(),
                request.queuePair().startingPsn(),
                localPsn,
                Math.min(options.initiatorDepth(), limits.maxDestinationReadAtomic()),
                Math.min(options.responderResources(), limits.maxReadAtomic()),
                new Retries(
                        Math.clamp(
                                request.timing().localAckTimeout(),
                                SHORTEST_ACK_TIMEOUT,
                                LONGEST_ACK_TIMEOUT),
                        options.retryCount(),
                        options.rnrRetryCount()));
    }

    /// What a reply says, seen from the side that asked.
    static Negotiation ofReply(
            CmReply reply, ConnectionRoute route, CmRequest asked, ConnectionOptions options) {
        CmRequest.Options wanted = asked.options();
        return new Negotiation(
                route,
                reply.queuePair().number(),
                reply.queuePair().startingPsn(),
                asked.queuePair().startingPsn(),
                Math.min(reply.initiatorDepth(), wanted.responderResources()),
                Math.min(reply.responderResources(), wanted.initiatorDepth()),
                new Retries(options.ackTimeout(), wanted.retryCount(), reply.rnrRetryCount()));
    }

    /// With no more than an accepting program wants.
    Negotiation within(ConnectionParameters parameters) {
        return new Negotiation(
                route,
                remoteQueuePair,
                sendPsn,
                receivePsn,
                Math.min(responderResources, parameters.responderResources()),
                Math.min(initiatorDepth, parameters.initiatorDepth()),
                retries);
    }

    /// The path that a request came over, back to its sender.
    static ConnectionRoute routeOf(CmRequest request, int gidIndex, Mtu activeMtu) {
        CmRequest.Options options = request.options();
        int mtu = Math.min(options.pathMtu(), activeMtu.number());
        AddressVector way =
                new AddressVector(
                        request.localGid(),
                        gidIndex,
                        options.flowLabel(),
                        options.hopLimit(),
                        options.trafficClass(),
                        options.serviceLevel(),
                        PORT);
        return new ConnectionRoute(
                request.remoteGid(), way, Mtu.values()[mtu - 1], request.timing().packetLifetime());
    }

    /// What a program is told of the peer's wishes, so that it can accept them as they are.
    ConnectionParameters parameters(boolean flowControl, boolean srq, PrivateData privateData) {
        return ConnectionParameters.builder()
                .responderResources(Math.min(responderResources, ConnectionParameters.MAXIMUM))
                .initiatorDepth(Math.min(initiatorDepth, ConnectionParameters.MAXIMUM))
                .retryCount(retries.retryCount())
                .rnrRetryCount(retries.rnrRetryCount())
                .flowControl(flowControl)
                .srq(srq)
                .queuePairNumber(remoteQueuePair)
                .privateData(privateData)
                .build();
    }

    /// RESET to INIT.
    static QueuePairAttributes toInit() {
        return QueuePairAttributes.toInit(EnumSet.of(AccessFlag.REMOTE_WRITE));
    }

    /// INIT to RTR.
    QueuePairAttributes toReadyToReceive(boolean reliable) {
        QueuePairAttributes.Builder attributes =
                QueuePairAttributes.builder()
                        .state(QueuePairState.RTR)
                        .addressVector(route.addressVector())
                        .destinationQueuePairNumber(remoteQueuePair)
                        .receivePacketSequenceNumber(receivePsn)
                        .pathMtu(route.pathMtu())
                        .accessFlags(accessFlags());
        if (reliable) {
            attributes.maxDestinationReadAtomic(responderResources).minRnrTimer(RNR_TIMER);
        }
        return attributes.build();
    }

    private Set<AccessFlag> accessFlags() {
        return responderResources == 0
                ? EnumSet.of(AccessFlag.REMOTE_WRITE)
                : EnumSet.of(
                        AccessFlag.REMOTE_WRITE, AccessFlag.REMOTE_READ, AccessFlag.REMOTE_ATOMIC);
    }

    /// RTR to RTS.
    QueuePairAttributes toReadyToSend(boolean reliable) {
        QueuePairAttributes.Builder attributes =
                QueuePairAttributes.builder()
                        .state(QueuePairState.RTS)
                        .sendPacketSequenceNumber(sendPsn);
        if (reliable) {
            attributes
                    .timeout(retries.ackTimeout())
                    .retryCount(retries.retryCount())
                    .rnrRetry(retries.rnrRetryCount())
                    .maxReadAtomic(initiatorDepth);
        }
        return attributes.build();
    }
}
