package org.softverbs.soft.cm;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.softverbs.cm.PrivateData;
import org.softverbs.cm.RejectReason;
import org.softverbs.soft.wire.mad.CmPathFlyweight;
import org.softverbs.soft.wire.mad.CmRequestFlyweight;
import org.softverbs.soft.wire.mad.IpCmHeaderFlyweight;
import org.softverbs.verbs.GlobalIdentifier;

/// Whether the fields of a REQ can be meant. Linux checks the addresses and the header of IP
/// addressing only; what else is checked here would make a connection that does not work.
final class RequestCheck {

    /// A refusal.
    ///
    /// @param reason why
    /// @param additionalInfo what would be right, if the specification has a form for it
    record Refusal(RejectReason reason, PrivateData additionalInfo) {

        static Refusal of(RejectReason reason) {
            return new Refusal(reason, PrivateData.EMPTY);
        }
    }

    private static final int FULL_MEMBER = 0x8000;
    private static final int DEFAULT_PARTITION = 0x7fff;
    private static final int LARGEST_SPECIAL_QUEUE_PAIR = 1;

    private final CmIdentity identity;
    private final IpCmHeaderFlyweight ip = new IpCmHeaderFlyweight();

    RequestCheck(CmIdentity identity) {
        this.identity = identity;
    }

    /// What is wrong with a REQ; null when nothing is.
    @Nullable Refusal check(Inbound mad, CmRequestFlyweight req, CmPathFlyweight path) {
        if (!isAddress(path.remoteGid(), mad.localGid()) || !identity.hasGid(mad.localGid())) {
            return new Refusal(RejectReason.INVALID_GID, PrivateData.of(mad.localGid().toBytes()));
        }
        if (!isAddress(path.localGid(), mad.remoteGid())) {
            return Refusal.of(RejectReason.INVALID_GID);
        }
        if (req.transportService() >= TransportService.values().length
                || req.extendedTransport() != 0) {
            return Refusal.of(RejectReason.INVALID_TRANSPORT_TYPE);
        }
        if (req.localQpn() <= LARGEST_SPECIAL_QUEUE_PAIR
                || (req.partitionKey() | FULL_MEMBER) != (DEFAULT_PARTITION | FULL_MEMBER)) {
            return Refusal.of(RejectReason.UNSUPPORTED);
        }
        if (req.pathMtu() == 0 || req.pathMtu() > identity.maxPathMtu()) {
            return new Refusal(
                    RejectReason.INVALID_MTU, PrivateData.of((byte) identity.maxPathMtu()));
        }
        return checkIpHeader(mad, req);
    }

    private static boolean isAddress(byte[] field, GlobalIdentifier address) {
        return Arrays.equals(field, address.toBytes());
    }

    private @Nullable Refusal checkIpHeader(Inbound mad, CmRequestFlyweight req) {
        ip.wrap(req.privateData(), 0);
        return agrees(mad) ? null : Refusal.of(RejectReason.CONSUMER_DEFINED);
    }

    /// Whether the header of IP addressing names the two ends of the packet.
    boolean agrees(Inbound mad, MemorySegment privateData) {
        ip.wrap(privateData, 0);
        return agrees(mad);
    }

    private boolean agrees(Inbound mad) {
        return ip.majorVersion() == 0
                && ip.minorVersion() == 0
                && isIp(ip.sourceAddress(), mad.remoteGid())
                && isIp(ip.destinationAddress(), mad.localGid());
    }

    private boolean isIp(byte[] field, GlobalIdentifier address) {
        byte[] expected = address.toBytes();
        if (address.isMappedIpv4()) {
            Arrays.fill(expected, 0, 12, (byte) 0);
            return ip.ipVersion() == 4 && Arrays.equals(field, expected);
        }
        return ip.ipVersion() == 6 && Arrays.equals(field, expected);
    }
}
