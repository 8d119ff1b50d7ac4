package org.softverbs.soft.link.netty;

import java.net.InetAddress;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.softverbs.soft.wire.roce.IcrcVerifier;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.GlobalIdentifier;
import org.softverbs.verbs.VerbsException;

/// Opens UDP links.
public final class UdpLinks {

    /// How often to ask whether the interface is up.
    private static final Duration LOOK_PERIOD = Duration.ofSeconds(1);

    private UdpLinks() {}

    /// Opens a link on port 4791 of an address of this machine. The caller owns the device.
    ///
    /// @param address the address, exact: the ICRC covers it; a link-local one with its scope
    /// @param nio whether to use the JDK's sockets even where there are native ones
    /// @param ownership tells whether the calling thread owns the device
    /// @throws VerbsException `ENODEV` when no interface has the address, `EADDRINUSE` when another
    ///     process holds the port
    public static UdpLink open(InetAddress address, boolean nio, BooleanSupplier ownership) {
        LocalInterface localInterface =
                LocalInterface.of(address)
                        .orElseThrow(
                                () ->
                                        new VerbsException(
                                                Errno.ENODEV,
                                                "open",
                                                "no interface of this machine has the address "
                                                        + address.getHostAddress()));
        IcrcVerifier.prepare();
        UdpSocket socket = UdpSocket.bind(address, UdpLink.PORT, nio, ownership);
        return new UdpLink(
                GlobalIdentifier.of(address),
                localInterface,
                socket,
                () -> LocalInterface.isUp(address),
                LOOK_PERIOD);
    }
}
