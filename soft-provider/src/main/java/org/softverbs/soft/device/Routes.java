package org.softverbs.soft.device;

import java.lang.foreign.MemorySegment;
import org.softverbs.soft.packet.Path;
import org.softverbs.soft.wire.net.Ipv4Flyweight;
import org.softverbs.soft.wire.net.Ipv6Flyweight;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.DatagramSource;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.VerbsException;

/// Makes paths of what callers say of a way.
final class Routes {

    private static final int FLOW_LABEL_MAX = 0xf_ffff;
    private static final int BYTE_MAX = 255;
    private static final int SERVICE_LEVEL_MAX = 15;
    private static final int DEFAULT_HOP_LIMIT = 64;
    private static final int GROUP_HOP_LIMIT = 1;
    private static final int ANSWER_HOP_LIMIT = 255;
    private static final int IPV4_OFFSET = 20;
    private static final int IPV4_VERSION = 4;
    private static final int IPV6_VERSION = 6;

    private final SoftDevice device;
    private final String verb;

    /// @param verb that is refused when a way is none
    Routes(SoftDevice device, String verb) {
        this.device = device;
        this.verb = verb;
    }

    /// The path of an address vector.
    ///
    /// @throws VerbsException `EINVAL` for a value out of range, or two ends of different IP
    ///     versions
    Path path(AddressVector vector) {
        range("port", vector.portNumber(), 1);
        if (vector.portNumber() == 0) {
            throw refused("AV port 0 is not within 1 and 1");
        }
        range("source GID index", vector.sourceGidIndex(), device.gids().size() - 1);
        range("flow label", vector.flowLabel(), FLOW_LABEL_MAX);
        range("hop limit", vector.hopLimit(), BYTE_MAX);
        range("traffic class", vector.trafficClass(), BYTE_MAX);
        range("service level", vector.serviceLevel(), SERVICE_LEVEL_MAX);
        GlobalIdentifier source = device.gids().get(vector.sourceGidIndex()).gid();
        GlobalIdentifier destination = vector.destinationGid();
        if (source.isMappedIpv4() != destination.isMappedIpv4()) {
            throw refused(
                    "AV destination "
                            + destination
                            + " and source GID "
                            + source
                            + " at index "
                            + vector.sourceGidIndex()
                            + " are of different IP versions");
        }
        int usual = destination.isMulticast() ? GROUP_HOP_LIMIT : DEFAULT_HOP_LIMIT;
        int hopLimit = vector.hopLimit() == 0 ? usual : vector.hopLimit();
        return new Path(
                source,
                destination,
                device.engine().link().sourcePort(),
                hopLimit,
                vector.trafficClass());
    }

    /// The way back of a datagram.
    ///
    /// @param globalRoute what stands in front of it in its receive
    /// @throws VerbsException `EINVAL` when that is no IP header, or one of a packet to an address
    ///     that is not this device's
    AddressVector answer(MemorySegment globalRoute, int portNumber) {
        if (globalRoute.byteSize() < DatagramSource.GLOBAL_ROUTE_LENGTH) {
            throw refused(
                    "a global route header of "
                            + globalRoute.byteSize()
                            + " bytes is shorter than "
                            + DatagramSource.GLOBAL_ROUTE_LENGTH);
        }
        Ipv4Flyweight ipv4 = new Ipv4Flyweight().wrap(globalRoute, IPV4_OFFSET);
        Ipv6Flyweight ipv6 = new Ipv6Flyweight().wrap(globalRoute, 0);
        boolean isIpv6 = ipv6.version() == IPV6_VERSION;
        if (!isIpv6 && (ipv4.version() != IPV4_VERSION || !ipv4.isChecksumRight())) {
            throw refused("the global route header is neither an IPv4 nor an IPv6 header");
        }
        GlobalIdentifier source = gid(isIpv6 ? ipv6.source() : ipv4.source());
        GlobalIdentifier own = gid(isIpv6 ? ipv6.destination() : ipv4.destination());
        return new AddressVector(
                source,
                indexOf(own),
                isIpv6 ? ipv6.flowLabel() : 0,
                ANSWER_HOP_LIMIT,
                isIpv6 ? ipv6.trafficClass() : ipv4.typeOfService(),
                0,
                portNumber);
    }

    /// A datagram to a group is answered from the first GID of its IP version.
    private int indexOf(GlobalIdentifier own) {
        for (int i = 0; i < device.gids().size(); i++) {
            GlobalIdentifier gid = device.gids().get(i).gid();
            if (own.isMulticast() ? gid.isMappedIpv4() == own.isMappedIpv4() : gid.equals(own)) {
                return i;
            }
        }
        throw refused("the datagram was sent to " + own + ", which is no GID of this device");
    }

    private static GlobalIdentifier gid(byte[] address) {
        return address.length == GlobalIdentifier.LENGTH
                ? GlobalIdentifier.ofBytes(address)
                : GlobalIdentifier.ofIpv4(address);
    }

    private void range(String field, int value, int max) {
        if (value < 0 || value > max) {
            throw refused("AV " + field + " " + value + " is not within 0 and " + max);
        }
    }

    private VerbsException refused(String reason) {
        return new VerbsException(Errno.EINVAL, verb, reason);
    }
}
