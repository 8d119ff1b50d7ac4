package org.softverbs.soft.cm;

import java.lang.foreign.MemorySegment;
import org.softverbs.cm.PrivateData;
import org.softverbs.soft.wire.mad.CmAlternatePathResponseFlyweight;
import org.softverbs.soft.wire.mad.CmAttribute;
import org.softverbs.soft.wire.mad.CmDisconnectReplyFlyweight;
import org.softverbs.soft.wire.mad.CmDisconnectRequestFlyweight;
import org.softverbs.soft.wire.mad.CmMessageReceiptFlyweight;
import org.softverbs.soft.wire.mad.CmPathFlyweight;
import org.softverbs.soft.wire.mad.CmReadyToUseFlyweight;
import org.softverbs.soft.wire.mad.CmRejectFlyweight;
import org.softverbs.soft.wire.mad.CmReplyFlyweight;
import org.softverbs.soft.wire.mad.CmRequestFlyweight;
import org.softverbs.soft.wire.mad.CmServiceIdReplyFlyweight;
import org.softverbs.soft.wire.mad.CmServiceIdRequestFlyweight;
import org.softverbs.soft.wire.mad.MadHeaderFlyweight;
import org.softverbs.verbs.GlobalIdentifier;

/// Writes the messages, as Linux writes them on RoCE, and sends them.
final class CmSender {

    /// The LID of RoCE paths behind a router (`IB_LID_PERMISSIVE`).
    private static final int PERMISSIVE_LID = 0xffff;

    private static final int DEFAULT_PARTITION_KEY = 0xffff;

    /// How long this side says it takes to acknowledge a packet: 134 ms, as rxe says.
    static final int TARGET_ACK_DELAY = 15;

    private final CmIdentity identity;
    private final CmOutput output;
    private final CmCounters counters;
    private final byte[] bytes = new byte[MadHeaderFlyweight.MAD_LENGTH];
    private final MemorySegment segment = MemorySegment.ofArray(bytes);
    private final MadHeaderFlyweight header = new MadHeaderFlyweight();
    private final CmRequestFlyweight req = new CmRequestFlyweight();
    private final CmPathFlyweight path = new CmPathFlyweight();
    private final CmReplyFlyweight rep = new CmReplyFlyweight();
    private final CmReadyToUseFlyweight rtu = new CmReadyToUseFlyweight();
    private final CmRejectFlyweight rej = new CmRejectFlyweight();
    private final CmMessageReceiptFlyweight mra = new CmMessageReceiptFlyweight();
    private final CmDisconnectRequestFlyweight dreq = new CmDisconnectRequestFlyweight();
    private final CmDisconnectReplyFlyweight drep = new CmDisconnectReplyFlyweight();
    private final CmServiceIdRequestFlyweight sidrReq = new CmServiceIdRequestFlyweight();
    private final CmServiceIdReplyFlyweight sidrRep = new CmServiceIdReplyFlyweight();
    private final CmAlternatePathResponseFlyweight apr = new CmAlternatePathResponseFlyweight();

    CmSender(CmIdentity identity, CmOutput output, CmCounters counters) {
        this.identity = identity;
        this.output = output;
        this.counters = counters;
    }

    /// Sends what was written last.
    void send(GlobalIdentifier local, GlobalIdentifier remote) {
        send(bytes, local, remote);
    }

    void send(byte[] mad, GlobalIdentifier local, GlobalIdentifier remote) {
        if (!output.hasRoom()) {
            counters.add(CmCounter.DROPPED_NO_ROOM);
            return;
        }
        MemorySegment.copy(
                MemorySegment.ofArray(mad), 0, output.datagram(), 0, MadHeaderFlyweight.MAD_LENGTH);
        counters.add(CmCounter.SENT_MESSAGES);
        output.send(local, remote);
    }

    /// A copy of what was written last.
    byte[] keep() {
        return bytes.clone();
    }

    private long begin(CmAttribute attribute, long transactionId) {
        segment.fill((byte) 0);
        header.wrap(segment, 0).initialize(attribute, transactionId);
        return MadHeaderFlyweight.LENGTH;
    }

    private static void copy(PrivateData from, MemorySegment to) {
        MemorySegment.copy(MemorySegment.ofArray(from.toBytes()), 0, to, 0, from.length());
    }

    void writeRequest(CmConnection connection, CmRequest request) {
        CmRequest.Options options = request.options();
        CmRequest.Timing timing = request.timing();
        req.wrap(segment, begin(CmAttribute.REQ, connection.transactionId))
                .localCommunicationId(connection.localId)
                .serviceId(request.serviceId())
                .localCaGuid(identity.guid())
                .localQpn(request.queuePair().number())
                .responderResources(options.responderResources())
                .initiatorDepth(options.initiatorDepth())
                .remoteResponseTimeout(timing.remoteResponseTimeout())
                .transportService(request.service().ordinal())
                .endToEndFlowControl(options.flowControl())
                .startingPsn(request.queuePair().startingPsn())
                .localResponseTimeout(timing.localResponseTimeout())
                .retryCount(options.retryCount());
        req.partitionKey(DEFAULT_PARTITION_KEY)
                .pathMtu(options.pathMtu())
                .rnrRetryCount(options.rnrRetryCount())
                .maxCmRetries(timing.maxRetries())
                .srq(request.queuePair().srq())
                .primaryPath(path);
        path.localLid(PERMISSIVE_LID)
                .remoteLid(PERMISSIVE_LID)
                .localGid(request.localGid().toBytes())
                .remoteGid(request.remoteGid().toBytes())
                .flowLabel(options.flowLabel())
                .trafficClass(options.trafficClass())
                .hopLimit(options.hopLimit())
                .serviceLevel(options.serviceLevel())
                .localAckTimeout(timing.localAckTimeout());
        copy(request.privateData(), req.privateData());
    }

    void writeReply(CmConnection connection, CmReply reply) {
        rep.wrap(segment, begin(CmAttribute.REP, connection.transactionId))
                .localCommunicationId(connection.localId)
                .remoteCommunicationId(connection.remoteId)
                .localQpn(reply.queuePair().number())
                .startingPsn(reply.queuePair().startingPsn())
                .responderResources(reply.responderResources())
                .initiatorDepth(reply.initiatorDepth())
                .targetAckDelay(reply.targetAckDelay())
                .endToEndFlowControl(reply.flowControl())
                .rnrRetryCount(reply.rnrRetryCount())
                .srq(reply.queuePair().srq())
                .localCaGuid(identity.guid());
        copy(reply.privateData(), rep.privateData());
    }

    void writeReadyToUse(CmConnection connection, PrivateData privateData) {
        rtu.wrap(segment, begin(CmAttribute.RTU, connection.transactionId))
                .localCommunicationId(connection.localId)
                .remoteCommunicationId(connection.remoteId);
        copy(privateData, rtu.privateData());
    }

    void writeReject(long transactionId, int localId, int remoteId, CmReject reject) {
        rej.wrap(segment, begin(CmAttribute.REJ, transactionId))
                .localCommunicationId(localId)
                .remoteCommunicationId(remoteId)
                .messageRejected(reject.message().ordinal())
                .infoLength(reject.additionalInfo().length())
                .reason(reject.reason());
        copy(reject.additionalInfo(), rej.additionalInfo());
        copy(reject.privateData(), rej.privateData());
        counters.add(CmCounter.SENT_REJECTS);
    }

    void writeMessageReceipt(
            CmConnection connection, CmReject.Message message, int serviceTimeout) {
        mra.wrap(segment, begin(CmAttribute.MRA, connection.transactionId))
                .localCommunicationId(connection.localId)
                .remoteCommunicationId(connection.remoteId)
                .messageReceived(message.ordinal())
                .serviceTimeout(serviceTimeout);
    }

    void writeDisconnectRequest(CmConnection connection) {
        dreq.wrap(segment, begin(CmAttribute.DREQ, connection.transactionId))
                .localCommunicationId(connection.localId)
                .remoteCommunicationId(connection.remoteId)
                .remoteQpn(connection.remoteQueuePair);
    }

    void writeDisconnectReply(long transactionId, int localId, int remoteId) {
        drep.wrap(segment, begin(CmAttribute.DREP, transactionId))
                .localCommunicationId(localId)
                .remoteCommunicationId(remoteId);
    }

    void writeServiceRequest(CmConnection exchange, PrivateData privateData) {
        sidrReq.wrap(segment, begin(CmAttribute.SIDR_REQ, exchange.transactionId))
                .requestId(exchange.localId)
                .partitionKey(DEFAULT_PARTITION_KEY)
                .serviceId(exchange.serviceId);
        copy(privateData, sidrReq.privateData());
    }

    void writeServiceReply(
            long transactionId, int requestId, long serviceId, CmServiceReply reply) {
        sidrRep.wrap(segment, begin(CmAttribute.SIDR_REP, transactionId))
                .requestId(requestId)
                .status(reply.status())
                .qpn(reply.queuePair())
                .serviceId(serviceId)
                .queueKey(reply.queueKey());
        copy(reply.privateData(), sidrRep.privateData());
    }

    void writeAlternatePathResponse(CmConnection connection, long transactionId, int status) {
        apr.wrap(segment, begin(CmAttribute.APR, transactionId))
                .localCommunicationId(connection.localId)
                .remoteCommunicationId(connection.remoteId)
                .status(status);
    }
}
