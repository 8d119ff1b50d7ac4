package org.softverbs.cm;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.VerbsException;

/// What a name and a port stand for, ready to be connected to or listened on.
///
/// Verbs name: `rdma_addrinfo`, `rdma_getaddrinfo`.
///
/// @param portSpace of the service
/// @param source the local address; of a passive side the one to listen on
/// @param destination the peer; nothing on a passive side
public record AddressInfo(
        PortSpace portSpace,
        Optional<InetSocketAddress> source,
        Optional<InetSocketAddress> destination) {

    /// Whether it is to listen on.
    public boolean isPassive() {
        return destination.isEmpty();
    }

    /// The addresses of a peer, in the order in which to try them.
    ///
    /// @throws VerbsException `ENOENT` when the name is unknown
    public static List<AddressInfo> of(PortSpace portSpace, String node, int port) {
        return Arrays.stream(lookUp(node))
                .map(it -> new InetSocketAddress(it, port))
                .map(it -> new AddressInfo(portSpace, Optional.empty(), Optional.of(it)))
                .toList();
    }

    /// An address to listen on, `RAI_PASSIVE`.
    ///
    /// @throws VerbsException `ENOENT` when the name is unknown
    public static AddressInfo passive(PortSpace portSpace, String node, int port) {
        InetSocketAddress address = new InetSocketAddress(lookUp(node)[0], port);
        return new AddressInfo(portSpace, Optional.of(address), Optional.empty());
    }

    private static InetAddress[] lookUp(String node) {
        try {
            return InetAddress.getAllByName(node);
        } catch (UnknownHostException e) {
            throw new VerbsException(
                    Errno.ENOENT, "addressInfo", "no address of '" + node + "' is known", e);
        }
    }
}
