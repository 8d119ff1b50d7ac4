package org.softverbs.soft.rdmacm;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.softverbs.cm.ConnectionOptions;
import org.softverbs.cm.ConnectionRoute;
import org.softverbs.verbs.AddressVector;
import org.softverbs.verbs.DeviceContext;
import org.softverbs.verbs.GidEntry;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.Mtu;

/// Which device, and which of its addresses, leads to a peer.
///
/// @param device the device
/// @param gid the row of its table that packets come from
record RouteChoice(CmDevice device, GidEntry gid) {

    private static final int PORT = 1;
    private static final int HOP_LIMIT = 64;
    private static final int FLOW_LABEL_MASK = 0xf_ffff;

    /// The device that has an address.
    static Optional<RouteChoice> having(List<CmDevice> devices, InetAddress address) {
        GlobalIdentifier wanted = GlobalIdentifier.of(address);
        return rows(devices).stream().filter(it -> it.gid.gid().equals(wanted)).findFirst();
    }

    /// The device that leads to a peer: the one that is the peer, else the one whose address the
    /// host would send from, else the one whose address is nearest to the peer's.
    static Optional<RouteChoice> to(List<CmDevice> devices, InetAddress destination) {
        List<RouteChoice> rows =
                rows(devices).stream()
                        .filter(it -> IpAddresses.isSameFamily(it.gid.gid(), destination))
                        .toList();
        Optional<RouteChoice> self = having(devices, destination);
        if (self.isPresent()) {
            return self;
        }
        for (RouteChoice row : rows) {
            Optional<InetAddress> source = row.device.sourceFor(destination);
            if (source.isPresent() && row.gid.gid().equals(GlobalIdentifier.of(source.get()))) {
                return Optional.of(row);
            }
        }
        GlobalIdentifier peer = GlobalIdentifier.of(destination);
        return rows.stream()
                .max(
                        (left, right) ->
                                Integer.compare(
                                        commonBits(left.gid.gid(), peer),
                                        commonBits(right.gid.gid(), peer)));
    }

    /// The path between two addresses of a device's port.
    ///
    /// @param gidIndex row of the table that packets come from
    static ConnectionRoute route(
            DeviceContext context,
            InetSocketAddress from,
            InetSocketAddress to,
            int gidIndex,
            ConnectionOptions options) {
        Mtu active = context.queryPort(PORT).activeMtu();
        Mtu wanted = options.pathMtu().orElse(active);
        AddressVector way =
                new AddressVector(
                        GlobalIdentifier.of(to.getAddress()),
                        gidIndex,
                        (from.getPort() * 31 + to.getPort()) & FLOW_LABEL_MASK,
                        HOP_LIMIT,
                        options.typeOfService(),
                        0,
                        PORT);
        return new ConnectionRoute(
                GlobalIdentifier.of(from.getAddress()),
                way,
                wanted.compareTo(active) < 0 ? wanted : active,
                Conversation.PACKET_LIFETIME);
    }

    private static List<RouteChoice> rows(List<CmDevice> devices) {
        return devices.stream()
                .flatMap(
                        device ->
                                rows(device.context()).stream()
                                        .map(row -> new RouteChoice(device, row)))
                .toList();
    }

    private static List<GidEntry> rows(DeviceContext device) {
        return device.gidTable(PORT);
    }

    private static int commonBits(GlobalIdentifier left, GlobalIdentifier right) {
        int high = Long.numberOfLeadingZeros(left.high() ^ right.high());
        return high < Long.SIZE ? high : high + Long.numberOfLeadingZeros(left.low() ^ right.low());
    }
}
