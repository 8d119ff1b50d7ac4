package org.softverbs.soft.wire.packet;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.wire.mad.CmAlternatePathResponseFlyweight;
import org.softverbs.soft.wire.mad.CmAttribute;
import org.softverbs.soft.wire.mad.CmDisconnectReplyFlyweight;
import org.softverbs.soft.wire.mad.CmDisconnectRequestFlyweight;
import org.softverbs.soft.wire.mad.CmLoadAlternatePathFlyweight;
import org.softverbs.soft.wire.mad.CmMessageReceiptFlyweight;
import org.softverbs.soft.wire.mad.CmPathFlyweight;
import org.softverbs.soft.wire.mad.CmReadyToUseFlyweight;
import org.softverbs.soft.wire.mad.CmRejectFlyweight;
import org.softverbs.soft.wire.mad.CmReplyFlyweight;
import org.softverbs.soft.wire.mad.CmRequestFlyweight;
import org.softverbs.soft.wire.mad.CmServiceIdReplyFlyweight;
import org.softverbs.soft.wire.mad.CmServiceIdRequestFlyweight;
import org.softverbs.soft.wire.mad.IpCmHeaderFlyweight;
import org.softverbs.soft.wire.mad.MadHeaderFlyweight;

/** Lists the fields of management datagrams under the names of the flyweights' accessors. */
final class CmFields {

    private static final int MESSAGE_LENGTH =
            MadHeaderFlyweight.MAD_LENGTH - MadHeaderFlyweight.LENGTH;

    private CmFields() {}

    /** Lists the MAD that starts at {@code offset}, of which {@code length} bytes are there. */
    static void list(FieldList list, MemorySegment segment, long offset, int length) {
        if (length < MadHeaderFlyweight.LENGTH) {
            return;
        }
        MadHeaderFlyweight header = new MadHeaderFlyweight().wrap(segment, offset);
        mad(list.under("mad"), header);
        CmAttribute attribute = CmAttribute.of(header.attributeId());
        boolean isCm =
                header.managementClass() == MadHeaderFlyweight.CLASS_COMMUNICATION_MANAGEMENT
                        && length >= MadHeaderFlyweight.LENGTH + MESSAGE_LENGTH;
        if (isCm && attribute != null) {
            message(list, attribute, segment, offset + MadHeaderFlyweight.LENGTH);
        }
    }

    private static void message(
            FieldList list, CmAttribute attribute, MemorySegment segment, long at) {
        switch (attribute) {
            case REQ -> request(list.under("cm.req"), new CmRequestFlyweight().wrap(segment, at));
            case MRA ->
                    messageReceipt(
                            list.under("cm.mra"),
                            new CmMessageReceiptFlyweight().wrap(segment, at));
            case REJ -> reject(list.under("cm.rej"), new CmRejectFlyweight().wrap(segment, at));
            case REP -> reply(list.under("cm.rep"), new CmReplyFlyweight().wrap(segment, at));
            case RTU ->
                    readyToUse(list.under("cm.rtu"), new CmReadyToUseFlyweight().wrap(segment, at));
            case DREQ ->
                    disconnectRequest(
                            list.under("cm.dreq"),
                            new CmDisconnectRequestFlyweight().wrap(segment, at));
            case DREP ->
                    disconnectReply(
                            list.under("cm.drep"),
                            new CmDisconnectReplyFlyweight().wrap(segment, at));
            case SIDR_REQ ->
                    serviceIdRequest(
                            list.under("cm.sidrReq"),
                            new CmServiceIdRequestFlyweight().wrap(segment, at));
            case SIDR_REP ->
                    serviceIdReply(
                            list.under("cm.sidrRep"),
                            new CmServiceIdReplyFlyweight().wrap(segment, at));
            case LAP ->
                    loadAlternatePath(
                            list.under("cm.lap"),
                            new CmLoadAlternatePathFlyweight().wrap(segment, at));
            case APR ->
                    alternatePathResponse(
                            list.under("cm.apr"),
                            new CmAlternatePathResponseFlyweight().wrap(segment, at));
        }
    }

    private static void mad(FieldList list, MadHeaderFlyweight message) {
        list.add("baseVersion", message.baseVersion());
        list.add("managementClass", message.managementClass());
        list.add("classVersion", message.classVersion());
        list.add("method", message.method());
        list.add("status", message.status());
        list.add("classSpecific", message.classSpecific());
        list.add("transactionId", message.transactionId());
        list.add("attributeId", message.attributeId());
        list.add("reserved", message.reserved());
        list.add("attributeModifier", Integer.toUnsignedLong(message.attributeModifier()));
    }

    private static void path(FieldList list, CmPathFlyweight message) {
        list.add("localLid", message.localLid());
        list.add("remoteLid", message.remoteLid());
        list.add("localGid", message.localGid());
        list.add("remoteGid", message.remoteGid());
        list.add("trafficClass", message.trafficClass());
        list.add("hopLimit", message.hopLimit());
        list.add("serviceLevel", message.serviceLevel());
        list.add("subnetLocal", message.subnetLocal());
        list.add("reservedSubnet", message.reservedSubnet());
        list.add("localAckTimeout", message.localAckTimeout());
        list.add("reservedTimeout", message.reservedTimeout());
        list.add("flowLabel", message.flowLabel());
        list.add("packetRate", message.packetRate());
    }

    private static void request(FieldList list, CmRequestFlyweight message) {
        list.add("localCommunicationId", Integer.toUnsignedLong(message.localCommunicationId()));
        list.add("reserved4", message.reserved4());
        list.add("vendorId", message.vendorId());
        list.add("serviceId", message.serviceId());
        list.add("localCaGuid", message.localCaGuid());
        list.add("reserved24", Integer.toUnsignedLong(message.reserved24()));
        list.add("localQueueKey", Integer.toUnsignedLong(message.localQueueKey()));
        list.add("localQpn", message.localQpn());
        list.add("responderResources", message.responderResources());
        list.add("localEecn", message.localEecn());
        list.add("initiatorDepth", message.initiatorDepth());
        list.add("remoteEecn", message.remoteEecn());
        list.add("remoteResponseTimeout", message.remoteResponseTimeout());
        list.add("transportService", message.transportService());
        list.add("endToEndFlowControl", message.endToEndFlowControl());
        list.add("startingPsn", message.startingPsn());
        list.add("localResponseTimeout", message.localResponseTimeout());
        list.add("retryCount", message.retryCount());
        list.add("partitionKey", message.partitionKey());
        list.add("pathMtu", message.pathMtu());
        list.add("rdcExists", message.rdcExists());
        list.add("rnrRetryCount", message.rnrRetryCount());
        list.add("maxCmRetries", message.maxCmRetries());
        list.add("srq", message.srq());
        list.add("extendedTransport", message.extendedTransport());
        list.add("privateData", message.privateData());
        CmPathFlyweight path = new CmPathFlyweight();
        path(list.under("primary"), message.primaryPath(path));
        path(list.under("alternate"), message.alternatePath(path));
        ipCmHeader(list.under("ip"), new IpCmHeaderFlyweight().wrap(message.privateData(), 0));
    }

    private static void messageReceipt(FieldList list, CmMessageReceiptFlyweight message) {
        list.add("localCommunicationId", Integer.toUnsignedLong(message.localCommunicationId()));
        list.add("remoteCommunicationId", Integer.toUnsignedLong(message.remoteCommunicationId()));
        list.add("messageReceived", message.messageReceived());
        list.add("reserved8", message.reserved8());
        list.add("serviceTimeout", message.serviceTimeout());
        list.add("reserved9", message.reserved9());
        list.add("privateData", message.privateData());
    }

    private static void reject(FieldList list, CmRejectFlyweight message) {
        list.add("localCommunicationId", Integer.toUnsignedLong(message.localCommunicationId()));
        list.add("remoteCommunicationId", Integer.toUnsignedLong(message.remoteCommunicationId()));
        list.add("messageRejected", message.messageRejected());
        list.add("reserved8", message.reserved8());
        list.add("infoLength", message.infoLength());
        list.add("reserved9", message.reserved9());
        list.add("reason", message.reason());
        list.add("additionalInfo", message.additionalInfo());
        list.add("privateData", message.privateData());
    }

    private static void reply(FieldList list, CmReplyFlyweight message) {
        list.add("localCommunicationId", Integer.toUnsignedLong(message.localCommunicationId()));
        list.add("remoteCommunicationId", Integer.toUnsignedLong(message.remoteCommunicationId()));
        list.add("localQueueKey", Integer.toUnsignedLong(message.localQueueKey()));
        list.add("localQpn", message.localQpn());
        list.add("vendorIdHigh", message.vendorIdHigh());
        list.add("localEecn", message.localEecn());
        list.add("vendorIdMiddle", message.vendorIdMiddle());
        list.add("startingPsn", message.startingPsn());
        list.add("vendorIdLow", message.vendorIdLow());
        list.add("responderResources", message.responderResources());
        list.add("initiatorDepth", message.initiatorDepth());
        list.add("targetAckDelay", message.targetAckDelay());
        list.add("failoverAccepted", message.failoverAccepted());
        list.add("endToEndFlowControl", message.endToEndFlowControl());
        list.add("rnrRetryCount", message.rnrRetryCount());
        list.add("srq", message.srq());
        list.add("reserved27", message.reserved27());
        list.add("localCaGuid", message.localCaGuid());
        list.add("privateData", message.privateData());
    }

    private static void readyToUse(FieldList list, CmReadyToUseFlyweight message) {
        list.add("localCommunicationId", Integer.toUnsignedLong(message.localCommunicationId()));
        list.add("remoteCommunicationId", Integer.toUnsignedLong(message.remoteCommunicationId()));
        list.add("privateData", message.privateData());
    }

    private static void disconnectRequest(FieldList list, CmDisconnectRequestFlyweight message) {
        list.add("localCommunicationId", Integer.toUnsignedLong(message.localCommunicationId()));
        list.add("remoteCommunicationId", Integer.toUnsignedLong(message.remoteCommunicationId()));
        list.add("remoteQpn", message.remoteQpn());
        list.add("reserved11", message.reserved11());
        list.add("privateData", message.privateData());
    }

    private static void disconnectReply(FieldList list, CmDisconnectReplyFlyweight message) {
        list.add("localCommunicationId", Integer.toUnsignedLong(message.localCommunicationId()));
        list.add("remoteCommunicationId", Integer.toUnsignedLong(message.remoteCommunicationId()));
        list.add("privateData", message.privateData());
    }

    private static void serviceIdRequest(FieldList list, CmServiceIdRequestFlyweight message) {
        list.add("requestId", Integer.toUnsignedLong(message.requestId()));
        list.add("partitionKey", message.partitionKey());
        list.add("reserved6", message.reserved6());
        list.add("serviceId", message.serviceId());
        list.add("privateData", message.privateData());
        ipCmHeader(list.under("ip"), new IpCmHeaderFlyweight().wrap(message.privateData(), 0));
    }

    private static void serviceIdReply(FieldList list, CmServiceIdReplyFlyweight message) {
        list.add("requestId", Integer.toUnsignedLong(message.requestId()));
        list.add("status", message.status());
        list.add("infoLength", message.infoLength());
        list.add("vendorIdHigh", message.vendorIdHigh());
        list.add("qpn", message.qpn());
        list.add("vendorIdLow", message.vendorIdLow());
        list.add("serviceId", message.serviceId());
        list.add("queueKey", Integer.toUnsignedLong(message.queueKey()));
        list.add("additionalInfo", message.additionalInfo());
        list.add("privateData", message.privateData());
    }

    private static void loadAlternatePath(FieldList list, CmLoadAlternatePathFlyweight message) {
        list.add("localCommunicationId", Integer.toUnsignedLong(message.localCommunicationId()));
        list.add("remoteCommunicationId", Integer.toUnsignedLong(message.remoteCommunicationId()));
        list.add("reserved8", Integer.toUnsignedLong(message.reserved8()));
        list.add("remoteQpn", message.remoteQpn());
        list.add("remoteResponseTimeout", message.remoteResponseTimeout());
        list.add("privateData", message.privateData());
    }

    private static void alternatePathResponse(
            FieldList list, CmAlternatePathResponseFlyweight message) {
        list.add("localCommunicationId", Integer.toUnsignedLong(message.localCommunicationId()));
        list.add("remoteCommunicationId", Integer.toUnsignedLong(message.remoteCommunicationId()));
        list.add("infoLength", message.infoLength());
        list.add("status", message.status());
        list.add("reserved10", message.reserved10());
        list.add("additionalInfo", message.additionalInfo());
        list.add("privateData", message.privateData());
    }

    private static void ipCmHeader(FieldList list, IpCmHeaderFlyweight message) {
        list.add("majorVersion", message.majorVersion());
        list.add("minorVersion", message.minorVersion());
        list.add("ipVersion", message.ipVersion());
        list.add("reserved1", message.reserved1());
        list.add("sourcePort", message.sourcePort());
        list.add("sourceAddress", message.sourceAddress());
        list.add("destinationAddress", message.destinationAddress());
    }
}
