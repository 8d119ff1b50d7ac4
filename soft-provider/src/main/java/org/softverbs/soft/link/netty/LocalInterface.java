package org.softverbs.soft.link.netty;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.softverbs.verbs.Errno;
import org.softverbs.verbs.VerbsException;

/// A network interface of this machine, as far as a device needs it.
///
/// @param name its name
/// @param mtu its MTU in bytes
/// @param hardwareAddress its MAC address, empty when it has none
public record LocalInterface(String name, int mtu, Optional<byte[]> hardwareAddress) {

    /// The interface of a name.
    ///
    /// @throws VerbsException `ENODEV` when it is gone
    static NetworkInterface named(String name) {
        try {
            NetworkInterface found = NetworkInterface.getByName(name);
            if (found != null) {
                return found;
            }
        } catch (SocketException e) {
            throw new VerbsException(
                    Errno.EIO, "attachMulticast", "interface " + name + ": " + e.getMessage(), e);
        }
        throw new VerbsException(Errno.ENODEV, "attachMulticast", "interface " + name + " is gone");
    }

    /// Whether an interface that has an address is up.
    static boolean isUp(InetAddress address) {
        try {
            NetworkInterface found = find(address);
            return found != null && found.isUp();
        } catch (SocketException e) {
            return false;
        }
    }

    private static @Nullable NetworkInterface find(InetAddress address) throws SocketException {
        NetworkInterface found = NetworkInterface.getByInetAddress(address);
        return found == null && address.isLoopbackAddress()
                ? NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress())
                : found;
    }

    /// The interface that has an address; any address of 127.0.0.0/8 is the loopback interface's.
    public static Optional<LocalInterface> of(InetAddress address) {
        try {
            NetworkInterface found = find(address);
            if (found == null) {
                return Optional.empty();
            }
            return Optional.of(
                    new LocalInterface(
                            found.getName(),
                            found.getMTU(),
                            Optional.ofNullable(found.getHardwareAddress())));
        } catch (SocketException e) {
            return Optional.empty();
        }
    }
}
